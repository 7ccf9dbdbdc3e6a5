"""What is known of the vulnerabilities that were found: from the files of CISA and FIRST that the policy names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate.judging import age, rule_ids
from deliverygate.model import CheckResult, Duration, Finding, Severity, Verdict
from deliverygate_gates.security.demands import Demands
from deliverygate_gates.security.epss import Scores, read_scores
from deliverygate_gates.security.expression import Value
from deliverygate_gates.security.kev import Catalogue, read_catalogue

# Classes of findings that no catalogue of vulnerabilities knows, and none is expected to.
OTHER_CLASSES = frozenset(
    ("config", "secret", "secret_detection", "sast", "dast", "iac", "api_fuzzing", "coverage_fuzzing")
)


class Dated(Protocol):
    """Something that was made at a time. None: it does not say when."""

    @property
    def made_at(self) -> datetime | None: ...


File = TypeVar("File", bound=Dated)


@dataclass(frozen=True)
class Threat:
    """What the files say. None: the policy names no such file, or it cannot be relied on."""

    catalogue: Catalogue | None = None
    scores: Scores | None = None
    checks: tuple[CheckResult, ...] = ()  #: one for each file
    doubt: str = ""  #: why a file cannot be relied on; nothing passes then

    def known_of(self, finding: Finding) -> dict[str, Value]:
        """What an expression may speak of, without what is not known of this finding."""
        names = cves(finding)
        known: dict[str, Value] = {
            "fixable": finding.fixable,
            "rule": finding.rule,
            "pkg": finding.package or "",
            "category": finding.category,
            "tool": finding.tool,
        }
        if finding.severity is not Severity.UNKNOWN:
            known["severity"] = finding.severity.rank
        if self.catalogue and (names or is_other(finding)):
            used = [self.catalogue.ransomware[name] for name in names if name in self.catalogue.ransomware]
            known |= {"kev": bool(used), "ransomware": any(used)}
        if self.scores and (scores := [self.scores.by_cve[name] for name in names if name in self.scores.by_cve]):
            known["epss"] = max(scores)
        return known


def cves(finding: Finding) -> tuple[str, ...]:
    """The CVEs among its ids, e.g. of ``DEBIAN-CVE-2022-28391`` and of Grype's ``CVE-2022-28391-busybox``."""
    return rule_ids.cves(finding.rule, finding.aliases)


def is_other(finding: Finding) -> bool:
    """Whether it is no vulnerability of a package at all, so that it is in no catalogue for sure."""
    return finding.category in OTHER_CLASSES or finding.category.startswith("license")


def read_threat(demands: Demands, findings: Iterable[Finding], context: GateContext) -> Threat:
    """Read the files that the policy names. One that is missing, unreadable or too old is an error, never a zero."""
    wanted = {name for finding in findings for name in cves(finding)}
    catalogue = scores = None
    checks: list[CheckResult] = []
    if demands.kev:
        catalogue, check = _open("KEV catalogue", demands.kev, demands.kev_max_age, read_catalogue, _told_of, context)
        checks.append(check)
    if demands.epss:
        scores, check = _open(
            "EPSS scores", demands.epss, demands.epss_max_age, lambda data: read_scores(data, wanted), _told_by, context
        )
        checks.append(check)
    broken = [check.name for check in checks if check.verdict.blocks]
    doubt = f"the {' and the '.join(broken)} cannot be relied on" if broken else ""
    return Threat(catalogue, scores, tuple(checks), doubt)


def _told_of(catalogue: Catalogue) -> str:
    return f"{len(catalogue):,} vulnerabilities"


def _told_by(scores: Scores) -> str:
    return f"{scores.total:,} scores of the model {scores.model}" if scores.model else f"{scores.total:,} scores"


def _open(
    name: str,
    pattern: str,
    max_age: Duration,
    read: Callable[[bytes], File],
    tell: Callable[[File], str],
    context: GateContext,
) -> tuple[File | None, CheckResult]:
    try:
        path = _only_file(pattern, context)
        file = read(context.read_trusted(path))
    except ReportError as error:
        summary = f"{error.where or pattern}: {error.what}"
        return None, CheckResult(name=name, verdict=Verdict.ERROR, summary=summary, mend=error.mend)
    aged = age.judge(path, file.made_at, now=context.clock.now(), max_age=max_age)
    check = replace(aged, name=name, summary=f"{path}: {tell(file)}, {aged.summary}")
    if not check.verdict.blocks:
        return file, check
    return None, replace(check, verdict=Verdict.ERROR, mend="let the pipeline fetch it afresh before this gate runs")


def _only_file(pattern: str, context: GateContext) -> str:
    """The file that a pattern names: EPSS's bears its date in its name. What the target branch has goes first."""
    first, *more = _of_target(pattern, context) or context.workspace.glob(pattern)
    if more:
        raise ReportError(f"{1 + len(more)} files match this pattern", where=pattern, mend="leave one of them there")
    return first


def _of_target(pattern: str, context: GateContext) -> tuple[str, ...]:
    if context.law_files is None:
        return ()
    try:
        return context.law_files.glob(pattern)
    except ReportError:  # it has none: an earlier job has fetched it
        return ()
