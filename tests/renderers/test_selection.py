"""What is shown of a report, and in which order."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from deliverygate.model import CheckResult, Location, Severity, Verdict
from deliverygate.renderers.selection import first, noted_counts, summed_up
from tests.renderers.sample_report import KNOWN, SUPPRESSED, UNUSED, WAIVED


def test_severity_decides_then_what_is_new_then_the_place() -> None:
    low = replace(UNUSED, severity=Severity.LOW)
    unknown = replace(UNUSED, severity=Severity.UNKNOWN)
    known = replace(UNUSED, is_new=False)
    later = replace(UNUSED, location=Location("src/cart.js", 99))
    nowhere = replace(UNUSED, location=None)

    order, left_out = first((low, unknown, known, later, UNUSED, nowhere), 10)

    assert order == [nowhere, UNUSED, later, known, unknown, low]
    assert left_out == 0


@pytest.mark.parametrize(("limit", "left_out"), [(0, 3), (1, 2), (3, 0), (4, 0)])
def test_what_is_over_the_limit_is_counted(limit: int, left_out: int) -> None:
    shown, rest = first((UNUSED, KNOWN, WAIVED), limit)

    assert (len(shown), rest) == (min(limit, 3), left_out)


def test_each_noted_finding_is_counted_by_its_reason() -> None:
    below = replace(UNUSED, severity=Severity.INFO)
    check = CheckResult(
        name="x", verdict=Verdict.PASSED, summary="", noted=(WAIVED, WAIVED, SUPPRESSED, KNOWN, below, below, below)
    )

    assert noted_counts(check) == {
        "waived": 2,
        "suppressed in the tool's report": 1,
        "known to the baseline": 1,
        "below the threshold": 3,
    }


def test_summing_up_keeps_the_worst_in_their_order_and_takes_the_worst_verdict_of_the_rest() -> None:
    verdicts = (Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED, Verdict.ERROR, Verdict.PASSED)
    checks = tuple(CheckResult(name=str(index), verdict=verdict, summary="") for index, verdict in enumerate(verdicts))

    kept = summed_up(checks, 3)

    assert [(check.name, check.verdict) for check in kept] == [
        ("1", Verdict.FAILED),
        ("3", Verdict.ERROR),
        ("further checks", Verdict.PASSED),
    ]
    assert kept[-1].summary == ("3 further checks are left out here (2 passed, 1 skipped); report.json holds them all")
