"""Reports that a policy names by patterns: each is read, or answered with a check that says why it is no evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from posixpath import normpath
from typing import Literal, TypeAlias

from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.evidence import Outcome
from deliverygate.gate import GateContext
from deliverygate.judging import globs, suppressions
from deliverygate.judging.fingerprint import same_in_one_run
from deliverygate.judging.suppressions import Doubt
from deliverygate.model import CheckResult, Finding, Rule, Scan, Verdict

Kind: TypeAlias = Literal["findings", "tests", "coverage"]
Root: TypeAlias = str | dict[str, str] | None  #: the folder in which the tools ran, or one for each pattern of reports

# How reports of a kind are called, and the gate that reads them.
KINDS: dict[Kind, tuple[str, str]] = {
    "findings": ("report of findings", "static-analysis"),
    "tests": ("test report", "tests"),
    "coverage": ("coverage report", "coverage"),
}

MEND_INCOMPLETE = "run the tool again until it finishes; the notes and its own log say what broke"


@dataclass(frozen=True)
class Reading:
    """What became of one report."""

    name: str  #: the path, or the command that made it
    check: CheckResult
    scan: Scan | None  #: None: could not be read


def read_reports(
    patterns: Iterable[str],
    context: GateContext,
    *,
    format: str | None,  # noqa: A002
    kind: Kind = "findings",
    root: Root = None,
    source_roots: tuple[str, ...] = (),
) -> Iterator[Reading]:
    """Read every file that the patterns name, each once. A pattern that names none is a reading of its own."""
    seen: set[str] = set()
    for pattern in patterns:
        try:
            paths = context.workspace.glob(pattern)
        except ReportError as error:
            yield no_evidence(pattern, error)
            continue
        for path in paths:
            if path not in seen:
                seen.add(path)
                folder = root_of(path, root)
                yield read_report(path, context, format=format, kind=kind, root=folder, source_roots=source_roots)


def read_report(
    path: str,
    context: GateContext,
    *,
    format: str | None,  # noqa: A002
    kind: Kind = "findings",
    root: str | None = None,
    source_roots: tuple[str, ...] = (),
) -> Reading:
    """Read one file. A report of another kind is no evidence: it has none of what the gate counts."""
    context.progress(f"reads {path}")
    try:
        for folder in filter(None, (root, *source_roots)):
            require_folder(folder, context)
        scan = context.scan(path, format=format, root=root, source_roots=source_roots)
        require_kind(scan, kind)
        return Reading(path, *assess(path, scan))
    except ReportError as error:
        return no_evidence(path, error)


def root_of(report: str, root: Root) -> str | None:
    """The folder in which the tool ran that wrote this report; None where the policy does not say."""
    if not isinstance(root, dict):
        return root
    return next((folder for pattern, folder in root.items() if globs.matches(pattern, report)), None)


def fault_of(root: Root, name: str = "root") -> str | None:
    """What keeps a ``root`` of the policy from naming folders of the workspace; None when nothing does."""
    folders = root if isinstance(root, dict) else {"**": root} if root is not None else {}
    for pattern in folders:
        if said := globs.fault(pattern):
            return f"`{name}`: {said}"
    for folder in folders.values():
        if not folder or folder.startswith("/") or "\\" in folder or ".." in folder.split("/"):
            return f"`{name}`: {folder!r} is no folder of the workspace; write it relative to the policy, or as ."
    return None


def require_folder(folder: str, context: GateContext) -> None:
    """Raise ReportError for a folder of the policy in which git tracks nothing: a typing error would place no path."""
    inside = normpath(folder)
    if inside != "." and not any(path.startswith(f"{inside}/") for path in context.tracked().files):
        raise ReportError(f"{folder!r} holds no tracked file", mend="correct the folder that the policy names")


def require_kind(scan: Scan, kind: Kind) -> None:
    """Raise ReportError when the report tells of something else."""
    if scan.kind != kind:
        (found, reader), (wanted, _) = KINDS[scan.kind], KINDS[kind]
        raise ReportError(f"is a {found}; this gate reads a {wanted}", mend=f"give it to the gate `{reader}`")


def assess(name: str, scan: Scan) -> tuple[CheckResult, Scan]:
    """Whether a scan is whole: what an incomplete one did not find proves nothing."""
    tool = f"{scan.tool} {scan.version}" if scan.version else scan.tool
    counts = _counts(scan)
    check = CheckResult(
        name=f"report {name}",
        verdict=Verdict.PASSED if scan.complete else Verdict.ERROR,
        summary=f"{tool}: {counts}" if scan.complete else f"{tool}: the run is not complete ({counts})",
        details="\n".join(scan.notes),
        mend="" if scan.complete else MEND_INCOMPLETE,
    )
    return check, scan


def _counts(scan: Scan) -> str:
    if scan.cases is not None:
        outcomes = Counter(case.outcome for case in scan.cases)
        told = (f"{outcome.value}: {outcomes[outcome]}" for outcome in Outcome if outcomes[outcome])
        return ", ".join((f"cases: {len(scan.cases)}", *told))
    if scan.coverage is not None:
        lines = scan.coverage.lines
        return f"{lines.covered} of {lines.valid} lines covered, files: {scan.analysed_count}"
    analysed = f", files analysed: {scan.analysed_count}" if scan.analysed_count is not None else ""
    unseen = f", files not analysed: {len(scan.not_analysed)}" if scan.not_analysed else ""
    return f"findings: {len(scan.findings)}, waived or suppressed: {len(scan.suppressed)}{analysed}{unseen}"


def no_evidence(name: str, error: ReportError) -> Reading:
    """The check of a report that cannot be read."""
    check = CheckResult(name=f"report {name}", verdict=Verdict.ERROR, summary=error.what, mend=error.mend)
    return Reading(name, check, None)


def doubt(readings: Sequence[Reading], *more: str) -> str:
    """Why what was read is not all there is, and ``more`` such reasons; "" when there is none."""
    broken = sum(1 for reading in readings if reading.check.verdict.blocks)
    missing = f"{broken} of {len(readings)} reports cannot be relied on" if broken else ""
    return "; ".join(filter(None, (missing, *more)))


@dataclass(frozen=True)
class Pool:
    """The findings of several reports together."""

    findings: tuple[Finding, ...]
    noted: tuple[Finding, ...]  #: waived, or suppressed by the tool where the policy believes it
    rules: tuple[Rule, ...]


def pool(scans: Sequence[Scan], doubt: Doubt, today: date) -> Pool:
    """Join the findings. One that stands in two reports counts once. ``doubt`` is that of the suppressions."""
    halves = [suppressions.split(scan.suppressed, doubt, today) for scan in scans]
    findings = [scan.findings + refused for scan, (refused, _) in zip(scans, halves, strict=True)]
    rules = {rule.id: rule for scan in reversed(scans) for rule in scan.rules}
    return Pool(_join(findings), _join([kept for _, kept in halves]), tuple(rules.values()))


def _join(groups: Sequence[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """All findings, each as often as the report that holds it most often, at the worst that any of them says of it."""
    if len(groups) == 1:
        return groups[0]
    joined: list[Finding] = []
    places: dict[tuple[bytes, int], int] = {}
    for group in groups:
        seen: Counter[bytes] = Counter()
        for finding in group:
            key = same_in_one_run(finding)
            seen[key] += 1
            place = places.setdefault((key, seen[key]), len(joined))
            if place == len(joined):
                joined.append(finding)
            elif joined[place] != finding:
                joined[place] = _worse(joined[place], finding)
    return tuple(joined)


def _worse(one: Finding, other: Finding) -> Finding:
    """One finding as two reports have it: whatever in either of them lets it count, counts."""
    return replace(
        one,
        severity=max(one.severity, other.severity),
        fixable=one.fixable or other.fixable,
        fixed_in=one.fixed_in or other.fixed_in,
        is_new=one.is_new or other.is_new,
        in_scope=one.in_scope or other.in_scope,
        aliases=tuple(dict.fromkeys((*one.aliases, *other.aliases))),
    )
