"""Which findings matter most, and how many of them a report keeps."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, Severity

# Most important first. What is unknown may be anything, so it stands before what is known to be harmless.
IMPORTANCE = (Severity.CRITICAL, Severity.HIGH, Severity.UNKNOWN, Severity.MEDIUM, Severity.LOW, Severity.INFO)

_SHELF = {severity.rank: 2 * index for index, severity in enumerate(IMPORTANCE)}

KEPT = 25_000  # GitHub takes no more results a run, and nobody reads them; the verdict counts them all the same


def keep_most_important(check: CheckResult, limit: int = KEPT) -> CheckResult:
    """The check with at most ``limit`` findings and as many noted ones, and a line that says what is left out.

    A scan of a million findings would otherwise travel through every output, and no CI server would take them.
    """
    findings, dropped = first(check.findings, limit) if len(check.findings) > limit else (check.findings, 0)
    noted, unlisted = first(check.noted, limit) if len(check.noted) > limit else (check.noted, 0)
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
    shelves: list[list[Finding]] = [[] for _ in range(2 * len(IMPORTANCE))]
    total = 0
    for finding in findings:
        total += 1
        shelves[_SHELF[finding.severity.rank] + (not finding.is_new)].append(finding)
    chosen: list[Finding] = []
    for shelf in shelves:
        chosen += sorted(shelf[: limit - len(chosen)], key=_place)
        if len(chosen) >= limit:
            break
    return chosen, total - len(chosen)


def _place(finding: Finding) -> tuple[str, int, int, str]:
    where = finding.location
    return (where.path, where.line or 0, where.column or 0, finding.rule) if where else ("", 0, 0, finding.rule)
