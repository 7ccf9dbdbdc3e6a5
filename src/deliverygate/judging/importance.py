"""Which findings matter most, and how many of them a report keeps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, Severity

# Most important first. What is unknown may be anything, so it stands before what is known to be harmless.
IMPORTANCE = (Severity.CRITICAL, Severity.HIGH, Severity.UNKNOWN, Severity.MEDIUM, Severity.LOW, Severity.INFO)

KEPT = 10_000  # of a gate: more than anybody reads; the verdict and the baseline take them all
KEPT_AT_LEAST = 1_000  # of a check, however many the checks before it have used up


def keep_most_important(check: CheckResult, limit: int = KEPT) -> CheckResult:
    """The check with at most ``limit`` findings, those that count before the noted, and a line for what is left out.

    A scan of a million findings would otherwise travel through every output, and no CI server would take them.
    """
    findings, dropped = first(check.findings, limit) if len(check.findings) > limit else (check.findings, 0)
    rest = limit - len(findings)
    noted, unlisted = first(check.noted, rest) if len(check.noted) > rest else (check.noted, 0)
    if not dropped and not unlisted:
        return check
    said = [f"{number:,} {what}" for number, what in ((dropped, "findings"), (unlisted, "noted findings")) if number]
    line = f"{' and '.join(said)} of less importance stand only in the tool's own report."
    details = f"{check.details}\n{line}" if check.details else line
    return replace(check, findings=tuple(findings), noted=tuple(noted), details=details)


def first(findings: Iterable[Finding], limit: int) -> tuple[list[Finding], int]:
    """The ``limit`` most important findings, in order, and how many are left out.

    Severity decides, then new before known, then the place. Looks at each finding once: there may be 300,000.
    """
    shelves: list[list[Finding]] = [[] for _ in Severity]
    for finding in findings:
        shelves[finding.severity.rank].append(finding)
    chosen: list[Finding] = []
    for severity in IMPORTANCE:
        shelf = shelves[severity.rank]
        for is_new in (True, False):
            alike = (finding for finding in shelf if finding.is_new is is_new)
            chosen += sorted(islice(alike, limit - len(chosen)), key=_place)
    return chosen, sum(map(len, shelves)) - len(chosen)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    where = finding.location
    return (where.path, where.line or 0, where.column or 0, finding.rule) if where else ("", 0, 0, finding.rule)
