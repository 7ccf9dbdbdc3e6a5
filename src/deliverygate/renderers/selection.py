"""What of a report is shown: every gate with at least one check, the most important findings first, each once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from deliverygate.judging.importance import first
from deliverygate.model import CheckResult, Finding, GateResult, Report, Verdict

__all__ = ["checks_of", "first", "gates_of", "noted_counts", "summed_up", "unique", "waived"]


def gates_of(report: Report) -> tuple[GateResult, ...]:
    """The gates of a report; where there are none, one that says that nothing was judged."""
    nothing = CheckResult(name="gates", verdict=Verdict.INCONCLUSIVE, summary="no gate was run, so nothing was judged")
    return report.gates or (GateResult(gate="deliverygate", id="deliverygate", checks=(nothing,)),)


def checks_of(gate: GateResult) -> tuple[CheckResult, ...]:
    """The checks of a gate; where there are none, or it broke off unseen, one that says so."""
    if gate.error and not any(check.verdict.blocks for check in gate.checks):
        broken = CheckResult(name="runs to its end", verdict=Verdict.ERROR, summary=gate.error)
        return (*gate.checks, broken)
    return gate.checks or (CheckResult(name="checks", verdict=Verdict.ERROR, summary="no check was made"),)


def summed_up(checks: tuple[CheckResult, ...], limit: int) -> tuple[CheckResult, ...]:
    """At most ``limit`` checks, the worst kept and the last one standing for all that were left out."""
    if len(checks) <= limit:
        return checks
    kept = set(sorted(range(len(checks)), key=lambda index: -checks[index].verdict.rank)[: limit - 1])
    left_out = [check for index, check in enumerate(checks) if index not in kept]
    names = ", ".join(
        f"{sum(check.verdict is verdict for check in left_out):,} {verdict.value}"
        for verdict in reversed(Verdict)
        if any(check.verdict is verdict for check in left_out)
    )
    further = CheckResult(
        name="further checks",
        verdict=Verdict.worst(check.verdict for check in left_out),
        summary=f"{len(left_out):,} further checks are left out here ({names}); report.json holds them all",
    )
    return (*(check for index, check in enumerate(checks) if index in kept), further)


def unique(report: Report) -> Iterator[tuple[int, bool, Finding]]:
    """Each finding once, with the index of its gate and whether it counts: those that count come first.

    Two findings are one when they have the same fingerprint; one without a fingerprint is always its own.
    """
    seen: set[str] = set()
    for counts in (True, False):
        for index, gate in enumerate(report.gates):
            lists = (check.findings if counts else check.noted for check in gate.checks)
            for finding in chain.from_iterable(lists):
                if finding.fingerprint:
                    if finding.fingerprint in seen:
                        continue
                    seen.add(finding.fingerprint)
                yield index, counts, finding


def waived(check: CheckResult) -> list[Finding]:
    """What is let through with a reason: by a waiver of the project, or suppressed in the tool's own report."""
    return [finding for finding in check.noted if finding.waiver]


def noted_counts(check: CheckResult) -> dict[str, int]:
    """How many findings are noted without counting, by the reason."""
    counts = dict.fromkeys(
        (
            "waived",
            "suppressed in the tool's report",
            "known to the baseline",
            "outside the change",
            "below the threshold",
        ),
        0,
    )
    for finding in check.noted:
        counts[_reason(finding)] += 1
    return {reason: number for reason, number in counts.items() if number}


def _reason(finding: Finding) -> str:
    if finding.waiver:
        return "waived" if finding.waiver.owner else "suppressed in the tool's report"
    if not finding.is_new:
        return "known to the baseline"
    return "below the threshold" if finding.in_scope else "outside the change"
