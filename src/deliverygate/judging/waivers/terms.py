"""How long a waiver may hold: until its last day, and for no longer than the severity of its finding allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from deliverygate.judging.matching import is_at_most
from deliverygate.model import Severity, Waiver

#: The most days from ``created`` to ``expires`` where the policy says nothing: a quarter, half a year, a year.
MAX_DAYS: Mapping[Severity, int] = {
    Severity.CRITICAL: 90,
    Severity.HIGH: 180,
    Severity.MEDIUM: 365,
    Severity.LOW: 365,
    Severity.INFO: 365,
    Severity.UNKNOWN: 90,  # it may be critical
}
WARN_DAYS = 14


@dataclass(frozen=True)
class Terms:
    """What waivers are held to on the day of the run."""

    today: date
    max_days: Mapping[Severity, int] = field(
        default_factory=lambda: MAX_DAYS
    )  #: 0: findings of this severity cannot be waived
    warn_days: int = WARN_DAYS  #: how long before its end a waiver is named

    def refusal(self, waiver: Waiver, severity: Severity) -> str:
        """Why a waiver lets no finding of this severity through; "" when it does."""
        if last_day(waiver) < self.today:
            return f"expired on {waiver.expires}"
        allowed = self.max_days.get(severity, 0)
        if not allowed:
            return f"does not hold: findings of {severity.value} severity cannot be waived"
        start = self._start(waiver)
        if (last_day(waiver) - start).days > allowed:
            counted = f"after {start}" if start == waiver.created else "from today"
            limit = f"{allowed} days {counted} are the most for {severity.value} severity"
            return f"does not hold: it ends on {waiver.expires}, {limit}"
        return ""

    def too_long_for(self, waiver: Waiver) -> tuple[Severity, ...]:
        """The severities whose findings it does not let through although it is not over, the worst first."""
        limit = waiver.match.severity
        asked = [each for each in sorted(Severity, reverse=True) if limit is None or is_at_most(each, limit)]
        return () if self.is_over(waiver) else tuple(each for each in asked if self.refusal(waiver, each))

    def is_over(self, waiver: Waiver) -> bool:
        """Whether its last day has passed."""
        return last_day(waiver) < self.today

    def ends_soon(self, waiver: Waiver) -> bool:
        """Whether it holds today and is over before long."""
        return not self.is_over(waiver) and (last_day(waiver) - self.today) <= timedelta(days=self.warn_days)

    def _start(self, waiver: Waiver) -> date:
        """What its length is counted from. A day of creation that is still to come, or unknown, gains nothing."""
        return min(waiver.created or self.today, self.today)

    def notes(self, waivers: Iterable[Waiver]) -> tuple[str, ...]:
        """A sentence for each waiver that has ended or soon will, the ended ones first."""
        each = tuple({waiver.id: waiver for waiver in waivers}.values())
        return (*map(_has_ended, filter(self.is_over, each)), *map(_ends, filter(self.ends_soon, each)))


def _has_ended(waiver: Waiver) -> str:
    return f"Waiver {waiver.id} ({waiver.owner}) expired on {waiver.expires}."


def _ends(waiver: Waiver) -> str:
    when = f"Waiver {waiver.id} ({waiver.owner}) expires on {waiver.expires}"
    return f"{when}: mend what it lets through, or renew it."


def last_day(waiver: Waiver) -> date:
    """The last day on which it holds; one without an end never does, since only a tool may write such a thing."""
    return waiver.expires or date.min
