"""Tests: JUnit reports against how many cases have to run, and how many may fail, be skipped or be flaky."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

import msgspec

from deliverygate.gate import Gate, GateContext
from deliverygate.judging import testcases
from deliverygate.judging.testcases import Limits
from deliverygate.model import CheckResult
from deliverygate_gates.freshness import Freshness, judge_age
from deliverygate_gates.reports import Root, doubt, fault_of, read_reports

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Settings(Freshness, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the policy may say of this gate; docs/gates/tests.md has an example of each."""

    reports: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    format: str | None = None
    min_cases: Annotated[int, msgspec.Meta(ge=1)] = 1
    max_failures: Count = 0
    max_errors: Count = 0
    max_skipped_percent: Percent | None = None
    max_flaky: Count | None = None
    root: Root = None

    def __post_init__(self) -> None:
        if said := fault_of(self.root):
            raise ValueError(said)

    @property
    def limits(self) -> Limits:
        """The limits as exact numbers."""
        percent = self.max_skipped_percent
        return Limits(
            min_cases=self.min_cases,
            max_failures=self.max_failures,
            max_errors=self.max_errors,
            max_skipped_percent=None if percent is None else Fraction(str(percent)),
            max_flaky=self.max_flaky,
        )


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each report, then one for each limit over the cases of all of them together."""
    patterns = (settings.reports,) if isinstance(settings.reports, str) else settings.reports
    readings = []
    for reading in read_reports(patterns, context, format=settings.format, kind="tests", root=settings.root):
        readings.append(reading)
        yield reading.check
        yield from judge_age(reading, settings, context)
    cases = tuple(case for reading in readings if reading.scan for case in reading.scan.cases or ())
    if cases:
        yield from testcases.judge(cases, settings.limits, doubt=doubt(readings))


gate = Gate(
    name="tests",
    summary="Demand that enough tests ran, and that few failed, were skipped or were flaky",
    settings=Settings,
    check=check,
)
