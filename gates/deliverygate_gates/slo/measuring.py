"""What the store says of an objective, window by window, and whether it says enough to judge by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, isfinite, isnan

from deliverygate.errors import ReportError
from deliverygate.gate import Metrics, MetricsAnswer
from deliverygate.model import Duration
from deliverygate_gates.slo.objective import Slo, events_in, fill
from deliverygate_gates.slo.settings import Settings

SLOTS = 720  #: the most parts that a window is looked at in: hours of a month
SCRAPES_IN_A_SLOT = 3  #: a rate needs two samples, and one scrape may fail
SLACK = 0.01  #: by which counts of two expressions may differ, since both are extrapolated


class DoubtError(Exception):
    """What was measured proves nothing; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One window of one objective."""

    seconds: float
    bad_share: float | None = None  #: of its events, 0 to 1; None: not known
    events: float | None = None  #: None: not known
    doubt: str = ""  #: why it proves nothing; "" where it does


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One objective before one store, at one moment for all its questions."""

    slo: Slo
    metrics: Metrics
    at: datetime
    settings: Settings

    def read_all(self, windows: Iterable[float]) -> dict[float, Reading]:
        """A reading of each window, and of the whole period. Raises TransportError and ReportError."""
        side = self.slo.sli.bad or self.slo.sli.good
        seen = not side or self._value_or_doubt(side, self.slo.period) is not None
        return {seconds: self._read(seconds, seen=seen) for seconds in sorted({*windows, self.slo.period})}

    def _value_or_doubt(self, expression: str, seconds: float) -> float | str | None:
        try:
            return self._value(expression, seconds)
        except DoubtError as error:
            return str(error)

    def _read(self, seconds: float, *, seen: bool) -> Reading:
        try:
            self._demand_data(seconds)
            if self.slo.sli.error_ratio:
                return Reading(seconds=seconds, bad_share=self._ratio(seconds))
            return self._count(seconds, seen=seen)
        except DoubtError as error:
            return Reading(seconds=seconds, doubt=str(error))

    def _count(self, seconds: float, *, seen: bool) -> Reading:
        total = self._value(self.slo.sli.total, seconds)
        if total is None:
            raise DoubtError(f"no series for `total` in {Duration(seconds)}")
        if total < 0:
            raise DoubtError(f"`total` is {total:g} in {Duration(seconds)}, below zero")
        bad = self._bad(total, seconds, seen=seen)
        if not -SLACK * total <= bad <= (1 + SLACK) * total:
            raise DoubtError(f"{bad:g} bad of {total:g} in {Duration(seconds)}: the two count different things")
        share = min(max(bad / total, 0.0), 1.0) if total else None
        return Reading(seconds=seconds, bad_share=share, events=events_in(total, self.slo.sli.total, seconds))

    def _bad(self, total: float, seconds: float, *, seen: bool) -> float:
        """Bad events. A counter that exists in the period and not in this window has counted nothing in it."""
        sli = self.slo.sli
        value = self._value(sli.bad or sli.good, seconds)
        if value is None:
            if not seen and not (sli.bad and self.settings.absent_bad == "zero"):
                raise DoubtError(f"no series for `{'bad' if sli.bad else 'good'}` in {Duration(self.slo.period)}")
            value = 0.0
        return value if sli.bad else total - value

    def _ratio(self, seconds: float) -> float:
        value = self._value(self.slo.sli.error_ratio, seconds)
        if value is None:
            raise DoubtError(f"no value for the error ratio in {Duration(seconds)}")
        if not -SLACK <= value <= 1 + SLACK:
            raise DoubtError(f"the error ratio is {value:g} in {Duration(seconds)}, not from 0 to 1")
        return min(max(value, 0.0), 1.0)

    def _value(self, expression: str, seconds: float) -> float | None:
        """The number that an expression gives for a window; None: no series. Raises DoubtError for what is none."""
        asked = fill(expression, seconds)
        points = _only_series(self.metrics.query(asked, at=self.at), asked)
        if not points:
            return None
        ((_, value),) = points
        if not isfinite(value):
            raise DoubtError(f"{_number(value)} for {Duration(seconds)}")
        return value

    def _demand_data(self, seconds: float) -> None:
        """Raises DoubtError where data are stale, began too late, or have a gap.

        Extrapolation hides all three in the value itself, so the window is looked at in slots, each of which must give
        a value of its own.
        """
        least = SCRAPES_IN_A_SLOT * self.settings.scrape_interval
        slot = max(float(ceil(seconds / SLOTS)), least)
        count = max(int(seconds // slot), 1)
        expression = self.slo.sli.total or self.slo.sli.error_ratio
        asked = fill(expression, slot)
        first = self.at - timedelta(seconds=slot * (count - 1))
        answer = self.metrics.query_range(asked, start=first, end=self.at, step_seconds=slot)
        points = _only_series(answer, asked)
        # Without traffic a ratio is 0 / 0, and there are data all the same; a count that is NaN holds a broken sample.
        if self.slo.sli.total and any(isnan(value) for _, value in points):
            raise DoubtError(f"NaN in {Duration(seconds)}: a sample of `total` is no number")
        slots = [round((at - first).total_seconds() / slot) for at, _ in points]
        if fault := _gap(slots, count, slot=slot, seconds=seconds, settings=self.settings):
            raise DoubtError(fault)


def read_now(metrics: Metrics) -> datetime:
    """The store's own time, since ours may be another. Raises ReportError."""
    answer = metrics.query("time()")
    if not answer.series:
        raise ReportError("time() has no value", mend="see what answers at the `url` of the store")
    return answer.series[0].samples[-1].at


def _gap(present: list[int], count: int, *, slot: float, seconds: float, settings: Settings) -> str:
    """What is wrong with the slots of a window that have data; "" when they will do."""
    window = Duration(seconds)
    if not present:
        return f"no data in {window}"
    if present[-1] < count - 1:
        return f"stale: no data in the last {Duration(slot * (count - 1 - present[-1]))}"
    history = (count - present[0]) * slot
    wanted = min(seconds, settings.min_history or seconds)
    if history + slot < wanted:
        return f"data of the last {Duration(history)} only, {Duration(wanted)} wanted"
    covered = 100 * len(present) / (count - present[0])
    if covered < settings.min_coverage:
        return f"data for {covered:.3g} % of {window} only, {settings.min_coverage:g} % wanted: scrapes failed"
    return ""


def _only_series(answer: MetricsAnswer, asked: str) -> tuple[tuple[datetime, float], ...]:
    """The points of the one series there may be. Raises ReportError for several, DoubtError for half an answer."""
    if answer.warnings:
        raise DoubtError(f"the answer may lack something: {answer.warnings[0]}")
    if len(answer.series) > 1:
        raise ReportError(f"`{asked}` gives {len(answer.series)} series, wanted one", mend="put sum(...) around it")
    return tuple((point.at, point.value) for series in answer.series for point in series.samples)


def _number(value: float) -> str:
    return "NaN" if isnan(value) else "infinity"
