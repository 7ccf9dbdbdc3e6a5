"""The words of deliverygate as types: what a gate yields, what a report holds, what a verdict means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Literal, Self

import msgspec

from deliverygate.evidence import Case, Coverage


class Ranked(Enum):
    """An enumeration whose members are ordered as they are written, lowest first."""

    rank: int

    def __new__(cls, value: str) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.rank = len(cls.__members__)
        return member

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: Self) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: Self) -> bool:
        return self.rank >= other.rank


class Severity(Ranked):
    """How bad a finding is. UNKNOWN is never silently below a threshold: the policy says what it counts as."""

    UNKNOWN = "unknown"
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(Ranked):
    """What is known of a check. The worst of several is the highest; a proven fault outranks a missing answer."""

    SKIPPED = "skipped"
    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    FAILED = "failed"

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """The highest of ``verdicts``; of none, SKIPPED."""
        return max(verdicts, default=cls.SKIPPED)

    @property
    def blocks(self) -> bool:
        """Whether this verdict stops a promotion where it is enforced."""
        return self > Verdict.PASSED


class Duration(float):
    """A span of time in seconds, written as ``90``, ``1.5``, ``300ms``, ``90s``, ``5m``, ``1h30m`` or ``7d``."""

    UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}  # noqa: RUF012
    LONGEST = 36_500 * 86_400.0  #: a century; longer ones overflow the clocks of some systems
    PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")

    @classmethod
    def parse(cls, written: object) -> Self:
        """Read a policy value. Raises ValueError for what is no span, negative, or not finite."""
        if isinstance(written, int | float) and not isinstance(written, bool):
            if not 0 <= written <= cls.LONGEST:
                raise ValueError(f"{written!r} is not a duration; write seconds or a span such as 90s, 5m, 1h30m")
            return cls(written)
        text = str(written).strip()
        text += "s" if text.replace(".", "", 1).isdecimal() else ""
        parts = cls.PART.findall(text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise ValueError(f"{written!r} is not a duration; write seconds or a span such as 90s, 5m, 1h30m")
        seconds = sum(float(number) * cls.UNITS[unit] for number, unit in parts)
        if seconds > cls.LONGEST:
            raise ValueError(f"{written!r} is longer than 36500d; write a span that a run can wait for")
        return cls(seconds)

    @classmethod
    def default(cls, seconds: float) -> Self:
        """The default of a settings field: msgspec describes defaults of its own types only, but factories always."""
        field: Self = msgspec.field(default_factory=lambda: cls(seconds))
        return field

    def __str__(self) -> str:
        """The shortest span that says the same, e.g. ``1m30s``."""
        if self < 1:
            return f"{self * 1000:.10g}ms" if self else "0s"
        rest, text = float(self), ""
        for unit in ("d", "h", "m"):
            count, rest = divmod(rest, self.UNITS[unit])
            text += f"{count:.0f}{unit}" if count else ""
        return text + (f"{rest:.10g}s" if rest or not text else "")


class Location(msgspec.Struct, frozen=True, gc=False):
    """Where a finding is. Lines and columns count from 1."""

    path: str  #: relative to the repository, POSIX, e.g. "src/app.py"
    line: int | None = None  #: None: the whole file
    column: int | None = None
    end_line: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is demanded, in words that a person can act on."""

    id: str  #: the tool's own id, e.g. "CVE-2024-5535" or "no-unused-vars"
    summary: str = ""  #: what is demanded, one line
    why: str = ""  #: what goes wrong without it
    remedy: str = ""  #: how to mend a breach
    severity: Severity | None = None  #: None: each finding says its own
    help_uri: str | None = None  #: a page about the rule


class WaiverMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which findings a waiver lets through: all that is given must fit."""

    tool: str | None = None  #: e.g. "trivy"
    rule: str | None = None  #: rule or vulnerability id, e.g. "CVE-2024-5535"
    path: str | None = None  #: glob over the finding's path, e.g. "legacy/**"
    purl: str | None = None  #: package URL; without a version it fits every version
    package: str | None = None  #: its name where the tool gives no package URL, e.g. "openssl" or "openssl@1.1.1k"
    fingerprint: str | None = None  #: exactly one finding
    category: str | None = None  #: the tool's own class of finding, e.g. "os-pkgs"
    severity: Severity | None = None  #: at most this; one that is unknown fits only where it says ``unknown``


class Waiver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding let through, with a reason, an owner and an end."""

    id: str
    reason: str
    match: WaiverMatch = WaiverMatch()
    owner: str | None = None  #: who answers for it, e.g. "@team-payments"; None only in what a tool suppressed
    approved_by: str | None = None
    created: date | None = None
    expires: date | None = None  #: the last day on which it holds; None only in what a tool suppressed
    issue: str | None = None
    vex: str | None = None  #: OpenVEX's word for why it does no harm, e.g. "vulnerable_code_not_in_execute_path"
    stages: tuple[str, ...] = ()  #: where it is expected to fit something; none: its author does not say
    source: str = ""  #: where it is written, e.g. ".deliverygate/waivers.yml:12" or "sarif inSource"
    unless: tuple[WaiverMatch, ...] = ()  #: what its file takes back again; such a finding it does not let through


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One breach of a rule, as a tool reported it."""

    rule: str  #: the tool's own id, e.g. "CVE-2024-5535" or "no-unused-vars"
    message: str  #: what is wrong, as text without markup
    severity: Severity
    tool: str  #: e.g. "ESLint"
    location: Location | None = None  #: None for a finding about the whole image or change
    others: tuple[Location, ...] = ()  #: where it has to be corrected as well
    related: tuple[Location, ...] = ()  #: what helps to understand it, e.g. the way of a value through the code
    category: str = ""  #: the tool's own class of finding, e.g. Trivy's "os-pkgs"; "" when it has none
    is_security: bool = False  #: about a vulnerability, a secret or a way in, by the tool's trade or its own word
    package: str | None = None  #: what is affected, as a package URL or "name@version"
    aliases: tuple[str, ...] = ()  #: other ids of the same vulnerability, e.g. the CVE of a GHSA
    fixed_in: str | None = None  #: the version that mends it; None: no fix is known
    fixable: bool = False  #: whether the tool says that a fix exists
    level: str = ""  #: the second axis of SARIF: "error", "warning", "note", "none"; "" elsewhere
    native: str | None = None  #: the tool's own fingerprint, never trusted across commits without a look
    fingerprint: str = ""  #: ours: stable when lines shift; "" until judging.fingerprint gave it
    waiver: Waiver | None = None  #: the waiver that lets it through
    is_new: bool = True  #: False when the baseline knows it
    in_scope: bool = True  #: False where the policy looks at the change alone, and this one stands elsewhere


class Measurement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value beside what was wanted of it."""

    name: str  #: e.g. "score" or "latency p95"
    value: float | int | str | None  #: None = no data, never zero
    wanted: str  #: e.g. "at least 90" or "0"; "" when the value is only shown
    unit: str = ""  #: e.g. "%", "s"
    at: datetime | None = None


class CheckResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One verdict inside a gate: one JUnit testcase.

    ``findings`` are what breaches the rule of this check; ``noted`` is what is shown and does not count: waived,
    suppressed by the tool, below the threshold, known to the baseline.
    """

    name: str  #: stable between runs and unique in its gate, e.g. "no critical finding"
    verdict: Verdict
    summary: str  #: one line with the measured value beside the wanted one, e.g. "3 found, 0 allowed"
    findings: tuple[Finding, ...] = ()
    noted: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    rules: tuple[Rule, ...] = ()  #: the rules that the findings name, for their help texts
    details: str = ""  #: further text, e.g. the end of a program's output
    mend: str = ""  #: how to mend it
    seconds: float = 0.0


class Enforcement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a gate that does not pass blocks the promotion."""

    mode: Literal["block", "warn"] = "block"
    block_from: date | None = None  #: warns before this day, blocks from it on

    def blocks_on(self, day: date) -> bool:
        """Whether a failure on ``day`` stops the promotion."""
        return day >= self.block_from if self.block_from else self.mode == "block"


class GateResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one gate: one JUnit testsuite."""

    gate: str  #: the gate's name, e.g. "trivy"
    id: str  #: its id in the stage, e.g. "trivy-image"
    checks: tuple[CheckResult, ...]
    enforcement: Enforcement = Enforcement()
    blocks: bool = True  #: what the enforcement says on the day of the run
    seconds: float = 0.0
    error: str | None = None  #: why the gate broke off; its checks so far are kept

    @property
    def verdict(self) -> Verdict:
        """The worst of its checks; ERROR where it has none, or broke off and no check says so."""
        worst = Verdict.worst(check.verdict for check in self.checks)
        is_unproven = not self.checks or (self.error is not None and not worst.blocks)
        return Verdict.ERROR if is_unproven else worst

    @property
    def allows(self) -> bool:
        """Whether the promotion may go on as far as this gate is concerned."""
        return not (self.blocks and self.verdict.blocks)


class Input(msgspec.Struct, frozen=True):
    """A file that the verdict rests on."""

    path: str
    sha256: str


class PolicySource(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which policy judged."""

    path: str
    sha256: str
    ref: str | None = None  #: the git revision it was read from; None: the working tree


class ChangeSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which change was judged; what a report needs of a ``ChangeRequest``."""

    title: str
    source: str  #: where it was learned from, e.g. "git" or "--description change.md"
    base: str | None = None
    head: str | None = None
    platform: str = "git"  #: "gitlab", "github", or "git" alone
    number: int | None = None  #: of the merge or pull request
    url: str | None = None  #: of its page


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """Which share of a stage was judged, where several machines judged it."""

    plan: str  #: digest of the plan that says who judges what
    number: int  #: counted from 1
    of: int
    head: str | None  #: the commit that was checked out; None: no git repository
    run: str = ""  #: which run of the CI system the plan was made in, e.g. "gitlab pipeline 4711"; "": locally
    attempt: str | None = None  #: the attempt of that run in which this share was judged; None: not told


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stage, judged."""

    stage: str
    gates: tuple[GateResult, ...]
    policy: PolicySource
    started_at: datetime  #: with a time zone
    seconds: float
    version: str  #: of deliverygate
    change: ChangeSummary | None = None
    inputs: tuple[Input, ...] = ()
    notes: tuple[str, ...] = ()  #: what the reader should know, e.g. of the change
    shard: Shard | None = None  #: None: the whole stage was judged, or joined again
    policies: tuple[PolicySource, ...] = ()  #: each of them, where several judged; paths from the repository's root

    @property
    def verdict(self) -> Verdict:
        """The worst of the gates that block; a gate that only warns can show that the stage was judged at all."""
        blocking = Verdict.worst(gate.verdict for gate in self.gates if gate.blocks)
        judged = any(gate.verdict is not Verdict.SKIPPED for gate in self.gates)
        return Verdict.PASSED if blocking is Verdict.SKIPPED and judged else blocking

    @property
    def allowed(self) -> bool:
        """Whether the promotion may go on."""
        return self.verdict is Verdict.PASSED

    @property
    def exit_code(self) -> int:
        """0 allowed, 1 failed, 3 could not run, 4 inconclusive or nothing judged. See docs/exit-codes.md."""
        return EXIT_CODES[self.verdict]


EXIT_CODES = {
    Verdict.PASSED: 0,
    Verdict.FAILED: 1,
    Verdict.ERROR: 3,
    Verdict.INCONCLUSIVE: 4,
    Verdict.SKIPPED: 4,
}


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A tool's report, read in."""

    tool: str  #: e.g. "ESLint"; several names joined by ", " when a file holds runs of several
    version: str | None  #: of the tool; None when the report does not say
    format: str  #: the reader, e.g. "sarif"
    findings: tuple[Finding, ...]  #: what counts: not suppressed by the report itself
    suppressed: tuple[Finding, ...] = ()  #: what the report itself suppresses; its ``waiver`` says by whom
    analysed: tuple[str, ...] | int | None = None  #: the files looked at, or how many; None: the report does not say
    not_analysed: tuple[str, ...] = ()  #: files that the tool says it ignored, skipped or could not parse
    complete: bool = True  #: False: the run failed or broke off, so absence of findings proves nothing
    notes: tuple[str, ...] = ()  #: what a reader should know, in whole sentences
    rules: tuple[Rule, ...] = ()  #: what the report says of its rules
    created_at: datetime | None = None  #: when the scan was made, with a time zone; None when the report does not say
    zone_is_known: bool = True  #: False: the report gives ``created_at`` without a time zone, and it was read as UTC
    written_at: datetime | None = None  #: when the file that holds the report was last written; None: it is no file
    categories: tuple[str, ...] = ()  #: the tool's own classes it has results of, clean ones too, e.g. "os-pkgs"
    end_of_life: tuple[str, ...] = ()  #: operating systems that get no more security updates, e.g. "alpine 3.10.9"
    runs: tuple[Scan, ...] = ()  #: the single runs, when the file holds several
    cases: tuple[Case, ...] | None = None  #: of a test report; None: it is none
    coverage: Coverage | None = None  #: of a coverage report; None: it is none
    in_image: bool = False  #: its paths are those of an image or a cluster, and no files of the checkout

    @property
    def kind(self) -> Literal["findings", "tests", "coverage"]:
        """What the report tells of."""
        if self.cases is not None:
            return "tests"
        return "findings" if self.coverage is None else "coverage"

    @property
    def analysed_count(self) -> int | None:
        """How many files were looked at; None when the report does not say."""
        return len(self.analysed) if isinstance(self.analysed, tuple) else self.analysed
