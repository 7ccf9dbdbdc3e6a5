"""What cannot be looked at: never a pass, and no failure of the change either."""

from __future__ import annotations

from deliverygate.change import ChangeRequest
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult, Verdict

NOT_IN_CI = {"", "0", "false", "no"}


def unknown(name: str, what: str, change: ChangeRequest, context: GateContext) -> CheckResult:
    """``what`` is not known. On a laptop that is left to the merge request; in CI it blocks."""
    if change.platform == "git" and context.environ.get("CI", "").lower() in NOT_IN_CI:
        return CheckResult(
            name=name,
            verdict=Verdict.SKIPPED,
            summary=f"git alone knows no {what}; they are judged in the merge or pull request",
        )
    return CheckResult(
        name=name,
        verdict=Verdict.INCONCLUSIVE,
        summary=f"the {what} are not known",
        details="\n".join(change.notes),
        mend="give the job a token that may read them, see docs/platforms.md"
        if change.platform != "git"
        else "run this stage for merge or pull requests, where the platform knows them",
    )
