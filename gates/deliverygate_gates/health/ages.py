"""How old a body is by the times that it tells: what a cache kept says nothing of the present."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from deliverygate.conversions import moment
from deliverygate.judging.figures import beside
from deliverygate_gates.health.claims import Claim

CLOCKS_APART = 60.0  #: seconds that a time may lie in the future, for clocks that do not agree
DEEPEST = 4  #: objects and lists inside each other that are looked into


def judge_age(document: object, max_age: float | None, now: datetime | None) -> Iterator[Claim]:
    """How old the oldest ``time`` in the body is: an answer from a cache tells of the past."""
    if max_age is None or now is None:
        return
    times = list(_times(document))
    limit, mend = f"at most {max_age:g}", "see which cache answers, and that it is the service that is asked"
    if not times:
        cure = "let the service tell a `time`, or leave out `max_age`"
        yield Claim(name="age of the body", value=None, wanted=limit, holds=False, unit="s", mend=cure)
        return
    age = (now - min(times)).total_seconds()
    holds = -CLOCKS_APART <= age <= max_age
    yield Claim(name="age of the body", value=beside(age, max_age), wanted=limit, holds=holds, unit="s", mend=mend)


def _times(document: object, depth: int = 0) -> Iterator[datetime]:
    if depth > DEEPEST:
        return
    if isinstance(document, list):
        for each in document:
            yield from _times(each, depth + 1)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key.lower() not in ("time", "timestamp") or not isinstance(value, str):
                yield from _times(value, depth + 1)
            elif (found := moment(value, naive_as_utc=True)) is not None:
                yield found
