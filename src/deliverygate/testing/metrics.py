"""A store of metrics as a table: an expression to what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from deliverygate.gate import MetricsAnswer, Point, Series
from deliverygate.testing.doors import START

Table = Mapping[str, object] | Callable[[str], object]


class FakeMetrics:
    """A store of metrics as a table, or as a function of the expression; what is in none has no series.

    An answer is a number (one series without labels), a list of numbers for ``query_range``, a ``MetricsAnswer``, or
    an error. ``now`` is the time of the store.
    """

    def __init__(self, answers: Table, *, now: datetime = START) -> None:
        self._answers = answers
        self._now = now
        self.asked: list[str] = []  #: every expression, in order

    def query(self, expression: str, *, at: datetime | None = None) -> MetricsAnswer:
        return self._answer(expression, (at or self._now,))

    def query_range(self, expression: str, *, start: datetime, end: datetime, step_seconds: float) -> MetricsAnswer:
        count = int((end - start).total_seconds() // step_seconds) + 1
        return self._answer(expression, tuple(start + timedelta(seconds=step_seconds) * each for each in range(count)))

    def _answer(self, expression: str, times: tuple[datetime, ...]) -> MetricsAnswer:
        self.asked.append(expression)
        found = self._answers(expression) if callable(self._answers) else self._answers.get(expression)
        if isinstance(found, Exception):
            raise found
        if found is None or isinstance(found, MetricsAnswer):
            return found or MetricsAnswer()
        values = found if isinstance(found, list) else [found] * len(times)
        if not all(isinstance(value, int | float | None) for value in values):
            raise TypeError(f"{expression}: the table holds {found!r}, wanted numbers, a MetricsAnswer or an error")
        # A None in a list is a time without a value.
        points = tuple(Point(at, float(value)) for at, value in zip(times, values, strict=True) if value is not None)
        return MetricsAnswer((Series({}, points),) if points else ())
