"""Whether enough people have approved."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.change import ChangeRequest
from deliverygate.gate import GateContext
from deliverygate.judging.approvals import Voices, among, hear
from deliverygate.model import CheckResult, Finding, Measurement, Severity, Verdict
from deliverygate_gates.pr_checklist.review.settings import Approvals
from deliverygate_gates.pr_checklist.review.unknown import unknown
from deliverygate_gates.pr_checklist.rules import result
from deliverygate_gates.pr_checklist.subject import TOOL


def judge_approvals(wanted: Approvals, change: ChangeRequest, context: GateContext) -> CheckResult:
    """Whether enough people approved what is judged."""
    if change.approvals is None:
        return unknown("approvals", "approvals", change, context)
    voices = hear(change.approvals, change, author=wanted.author, after_last_push=wanted.after_last_push)
    if wanted.reviewers:
        voices = among(voices, wanted.reviewers, context.team)
    return conclude("approvals", wanted.count, voices, told=_told(wanted))


def _told(wanted: Approvals) -> str:
    return f"approvals by {', '.join(wanted.reviewers)}" if wanted.reviewers else "approvals"


def conclude(name: str, count: int, voices: Voices, *, told: str) -> CheckResult:
    """Enough for sure, perhaps enough, or too few."""
    measurement = Measurement(name=told, value=len(voices.sure), wanted=f"at least {count}")
    if len(voices.sure) < count <= len(voices.sure) + len(voices.perhaps):
        return CheckResult(
            name=name,
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{len(voices.sure)} {told} for sure, {count} wanted",
            measurements=(measurement,),
            details="\n".join(_details(voices)),
            mend="let them approve again, or give the job a token that may read teams and reviews",
        )
    missing = count - len(voices.sure)
    lacking = Finding(
        rule="approval-missing", message=f"{missing} of {count} {told} missing", severity=Severity.HIGH, tool=TOOL
    )
    return result(
        name,
        (lacking,) if missing > 0 else (),
        passed=f"{len(voices.sure)} {told}: {', '.join(f'@{each}' for each in sorted(voices.sure))}",
        failed=f"{len(voices.sure)} {told}, {count} wanted",
        measurements=(measurement,),
        details=_details(voices),
    )


def _details(voices: Voices) -> Iterator[str]:
    yield from (f"@{name}: {why}" for name, why in sorted(voices.perhaps.items()))
    yield from voices.passed_over
