"""How old a report may be: an old one knows nothing of what became known since."""

from __future__ import annotations

from datetime import datetime

from deliverygate.judging.freshness import CLOCK_SKEW
from deliverygate.model import CheckResult, Duration, Measurement, Verdict


def judge(name: str, made_at: datetime | None, *, now: datetime, max_age: Duration) -> CheckResult:
    """One check. Without a date nothing is known; one that is still to come is an error."""
    wanted = f"at most {max_age}"
    if made_at is None:
        return CheckResult(
            name=f"age of {name}",
            verdict=Verdict.INCONCLUSIVE,
            summary=f"the report has no date, {wanted} old is allowed",
            measurements=(Measurement(name="age", value=None, wanted=wanted),),
            mend="let the tool write when it ran; a newer release may",
        )
    age = now - made_at
    if age < -CLOCK_SKEW:
        return CheckResult(
            name=f"age of {name}",
            verdict=Verdict.ERROR,
            summary=f"made on {made_at:%Y-%m-%d %H:%M %Z}, which is still to come",
            measurements=(Measurement(name="age", value=None, wanted=wanted),),
            mend="set the clock of the machine that scans, then scan again",
        )
    shown = str(Duration(max(0, round(age.total_seconds()))))
    old = age.total_seconds() > max_age
    return CheckResult(
        name=f"age of {name}",
        verdict=Verdict.FAILED if old else Verdict.PASSED,
        summary=f"{shown} old, {wanted} allowed",
        measurements=(Measurement(name="age", value=shown, wanted=wanted),),
        mend="scan again" if old else "",
    )
