"""``fresh:`` and ``max_age:`` of the gates that read reports, and the check of a report's age."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from deliverygate.gate import GateContext
from deliverygate.judging import age
from deliverygate.judging.freshness import Fresh, made_at
from deliverygate.model import CheckResult, Duration
from deliverygate_gates.reports import Reading


class Freshness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that all of these gates share; docs/freshness.md tells what they mean."""

    fresh: Fresh | None = None  #: the run enforces it, wherever a file is read as evidence
    max_age: Duration | None = None


def judge_age(
    reading: Reading, settings: Freshness, context: GateContext, *, file_tells: bool = True
) -> Iterator[CheckResult]:
    """One check where the policy limits the age of reports, and this one could be read.

    ``file_tells``: whether the time of the file will do for a format without a date of its own.
    """
    scan = reading.scan
    if scan is None or settings.max_age is None:
        return
    told = made_at(scan) if file_tells or scan.created_at else None
    yield age.judge(reading.name, told, now=context.clock.now(), max_age=settings.max_age)
