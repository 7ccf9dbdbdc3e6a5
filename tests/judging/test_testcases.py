"""Test cases against limits: what ran, failed, broke, was skipped, was flaky."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverygate.evidence import Case, Outcome
from deliverygate.judging.testcases import Limits, judge, tell
from deliverygate.model import Finding, Location, Severity

PASSED, SKIPPED, ERROR, FAILED = Outcome


def cases(*outcomes: Outcome, flaky: int = 0) -> tuple[Case, ...]:
    return tuple(
        Case(name=f"t{number}", outcome=outcome, is_flaky=number < flaky) for number, outcome in enumerate(outcomes)
    )


def told(found, limits=Limits(), doubt=""):  # noqa: B008
    return {check.name: (check.verdict.value, check.summary) for check in judge(found, limits, doubt=doubt)}


def test_a_good_run_passes_every_check():
    assert told(cases(PASSED, PASSED, SKIPPED)) == {
        "cases run": ("passed", "2 run, at least 1 wanted (1 more were skipped)"),
        "failed cases": ("passed", "0 found, 0 allowed"),
        "cases with errors": ("passed", "0 found, 0 allowed"),
        "skipped cases": ("passed", "1 of 3 skipped, 33.4 %; no limit is set"),
        "flaky cases": ("passed", "0 found, no limit is set"),
    }


@pytest.mark.parametrize(
    ("found", "limits", "name", "expected"),
    [
        (cases(SKIPPED, SKIPPED), Limits(), "cases run", ("failed", "0 run, at least 1 wanted (2 more were skipped)")),
        (cases(PASSED, FAILED), Limits(min_cases=2), "cases run", ("passed", "2 run, at least 2 wanted")),
        (cases(PASSED, FAILED), Limits(min_cases=3), "cases run", ("failed", "2 run, at least 3 wanted")),
        (cases(FAILED, FAILED), Limits(max_failures=1), "failed cases", ("failed", "2 found, 1 allowed")),
        (cases(FAILED, PASSED), Limits(max_failures=1), "failed cases", ("passed", "1 found, 1 allowed")),
        (cases(ERROR), Limits(), "cases with errors", ("failed", "1 found, 0 allowed")),
        (cases(PASSED, PASSED, flaky=2), Limits(max_flaky=1), "flaky cases", ("failed", "2 found, 1 allowed")),
        (cases(PASSED, flaky=1), Limits(max_flaky=1), "flaky cases", ("passed", "1 found, 1 allowed")),
    ],
    ids=[
        "all skipped", "enough", "too few", "two failed", "one may fail", "an error", "two flaky", "one may be flaky",
    ],
)  # fmt: skip
def test_each_limit_has_a_check_of_its_own(found, limits, name, expected):
    assert told(found, limits)[name] == expected


@pytest.mark.parametrize(
    ("skipped", "total", "allowed", "expected"),
    [
        (1, 20, "5", ("passed", "1 of 20 skipped, 5.0 %, at most 5 % allowed")),
        (51, 1000, "5", ("failed", "51 of 1000 skipped, 5.1 %, at most 5 % allowed")),
        (5001, 100_000, "5", ("failed", "5001 of 100000 skipped, 5.1 %, at most 5 % allowed")),
        (0, 3, "0", ("passed", "0 of 3 skipped, 0.0 %, at most 0 % allowed")),
    ],
    ids=["exactly", "over", "a hair over", "none"],
)
def test_the_share_of_skipped_cases_is_compared_exactly(skipped, total, allowed, expected):
    found = cases(*[SKIPPED] * skipped, *[PASSED] * (total - skipped))

    assert told(found, Limits(max_skipped_percent=Fraction(allowed)))["skipped cases"] == expected


def test_while_a_report_is_missing_only_enough_is_enough():
    found = cases(PASSED, FAILED)
    limits = Limits(max_failures=1, max_skipped_percent=Fraction(10), max_flaky=0)

    assert {name: verdict for name, (verdict, _) in told(found, limits, doubt="1 of 2 missing").items()} == {
        "cases run": "passed",
        "failed cases": "inconclusive",
        "cases with errors": "inconclusive",
        "skipped cases": "inconclusive",
        "flaky cases": "inconclusive",
    }


def test_failed_cases_become_findings_and_allowed_ones_are_noted():
    found = (Case(name="t", classname="c", outcome=FAILED, file="tests/a.py", line=3, message="1 is not 2"),)

    blocked, allowed = (
        next(check for check in judge(found, Limits(max_failures=limit)) if check.name == "failed cases")
        for limit in (0, 1)
    )

    assert ([each.rule for each in blocked.findings], [each.rule for each in blocked.noted]) == (["c.t"], [])
    assert ([each.rule for each in allowed.findings], [each.rule for each in allowed.noted]) == ([], ["c.t"])


def test_a_finding_is_the_case_by_its_name_and_place():
    case = Case(name="t", classname="c", outcome=ERROR, file="tests/a.py", line=3, message="no database")

    (finding,) = tell([case])

    assert finding == Finding(
        rule="c.t",
        message="no database",
        severity=Severity.HIGH,
        tool="JUnit",
        location=Location("tests/a.py", 3),
        category="error",
        fingerprint=finding.fingerprint,
    )


def test_a_case_is_the_same_whatever_it_says_and_equal_cases_are_two():
    def identities(*messages: str) -> list[str]:
        return [each.fingerprint for each in tell(Case(name="t", outcome=FAILED, message=m) for m in messages)]

    first, second = identities("at 0x7f01", "again"), identities("at 0x8a12", "otherwise")

    assert (first, len(set(first)), all(first)) == (second, 2, True)
