"""Multi-window, multi-burn-rate alerting: the pairs of windows that are looked at, and how fast is too fast.

The windows are those of Sloth, which are those of Google's SRE workbook, chapter 5: a page where a little of the budget
goes in hours, a ticket where more of it goes in days. Both windows of a pair must burn: the long one shows that it
matters, the short one that it still goes on.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from deliverygate.model import Duration

Severity = Literal["page", "ticket"]


class Pair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two windows, and the budget that may go in the longer one."""

    severity: Severity
    long: Duration
    short: Duration
    budget: Annotated[float, msgspec.Meta(gt=0, le=100)]  #: per cent of the whole period's

    def __post_init__(self) -> None:
        if not 0 < self.short < self.long:
            raise ValueError("`short` is shorter than `long`, and longer than 0s")
        if self.short % 1 or self.long % 1:
            raise ValueError("`short` and `long` are whole seconds")

    def factor(self, period: float) -> float:
        """How many times as fast as it lasts the period the budget may go."""
        return self.budget / 100 * period / self.long


MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def _pairs(*budgets: float) -> tuple[Pair, ...]:
    """Sloth's four pairs, with the budgets that a period gives them."""
    spans = ((HOUR, 5 * MINUTE), (6 * HOUR, 30 * MINUTE), (DAY, 2 * HOUR), (3 * DAY, 6 * HOUR))
    severities: tuple[Severity, ...] = ("page", "page", "ticket", "ticket")
    return tuple(
        Pair(severity=severity, long=Duration(long), short=Duration(short), budget=budget)
        for severity, (long, short), budget in zip(severities, spans, budgets, strict=True)
    )


#: By the period of the objective, in seconds.
CATALOGUE = {7 * DAY: _pairs(8, 12.5, 20, 42), 28 * DAY: _pairs(2, 5, 10, 10), 30 * DAY: _pairs(2, 5, 10, 10)}


def pairs_of(period: float, own: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The pairs for a period: the policy's own, else Sloth's. Raises ValueError where there are none."""
    found = own or CATALOGUE.get(period)
    if not found:
        known = ", ".join(str(Duration(each)) for each in CATALOGUE)
        raise ValueError(f"there are no windows for a period of {Duration(period)} (but for {known}); write `windows`")
    if any(pair.long >= period for pair in found):
        raise ValueError(f"a window of `windows` is not shorter than the period of {Duration(period)}")
    return found
