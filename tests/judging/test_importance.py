"""A report keeps the most important findings and says what it leaves out."""

from __future__ import annotations

from deliverygate.judging.importance import first, keep_most_important
from deliverygate.model import CheckResult, Location, Severity, Verdict
from deliverygate.testing import finding


def test_severity_then_newness_then_place_decides() -> None:
    low = finding("low", Severity.LOW)
    unknown = finding("unknown", Severity.UNKNOWN)
    known = finding("known", Severity.HIGH, is_new=False)
    later = finding("later", Severity.HIGH, location=Location("b.py", 1))
    earlier = finding("earlier", Severity.HIGH, location=Location("a.py", 9))

    assert first([low, unknown, known, later, earlier], 4) == ([earlier, later, known, unknown], 1)


def test_a_check_within_the_limit_stays_as_it_is() -> None:
    check = CheckResult(name="c", verdict=Verdict.FAILED, summary="", findings=(finding(),))

    assert keep_most_important(check, limit=1) is check


def test_what_is_left_out_is_said() -> None:
    many = tuple(finding(f"r{number}", Severity.LOW) for number in range(5))
    worst = finding("worst", Severity.CRITICAL)
    check = CheckResult(
        name="c", verdict=Verdict.FAILED, summary="6 found", findings=(*many, worst), noted=many, details="ran"
    )

    kept = keep_most_important(check, limit=2)

    assert (kept.findings, kept.noted, kept.summary) == ((worst, many[0]), (), "6 found")
    assert kept.details == (
        "ran\n4 findings and 5 noted findings of less importance stand only in the tool's own report."
    )


def test_what_is_noted_gets_what_the_findings_leave() -> None:
    many = tuple(finding(f"r{number}", Severity.LOW) for number in range(5))
    check = CheckResult(name="c", verdict=Verdict.FAILED, summary="", findings=many[:1], noted=many[1:])

    kept = keep_most_important(check, limit=3)

    assert (kept.findings, kept.noted) == (many[:1], many[1:3])
