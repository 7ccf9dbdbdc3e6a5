"""The gate on JUnit reports: real ones, several at once, and those that are no evidence."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from deliverygate.config.values import convert
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.tests import gate

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def workspace(tmp_path):
    for sample in (SAMPLES / "junit").iterdir():
        shutil.copy(sample, tmp_path)
    shutil.copy(SAMPLES / "eslint/scan.json", tmp_path)
    shutil.copy(SAMPLES / "coverage/report.lcov", tmp_path)
    return tmp_path


def told(checks):
    return [(check.name, check.verdict.value, check.summary) for check in checks]


def test_a_failed_test_blocks_and_is_shown_with_its_place(workspace):
    checks = run_gate(gate, {"reports": "junit.fail.xml"}, make_context(workspace))

    assert told(checks) == [
        ("report junit.fail.xml", "passed", "JUnit: cases: 5, passed: 3, skipped: 1, failed: 1"),
        ("cases run", "passed", "4 run, at least 1 wanted (1 more were skipped)"),
        ("failed cases", "failed", "1 found, 0 allowed"),
        ("cases with errors", "passed", "0 found, 0 allowed"),
        ("skipped cases", "passed", "1 of 5 skipped, 20.0 %; no limit is set"),
        ("flaky cases", "passed", "0 found, no limit is set"),
    ]
    assert [(finding.rule, str(finding.location)) for finding in checks[2].findings] == [
        ("test.test_spark.SparkTests.test_rsh_events", "test/test_spark.py:820")
    ]


def test_a_good_run_passes_and_shows_what_was_flaky(workspace):
    checks = run_gate(gate, {"reports": "surefire-report.xml"}, make_context(workspace))

    assert {check.verdict.value for check in checks} == {"passed"}
    assert [finding.category for finding in checks[-1].noted] == ["flaky"]


def test_limits_are_those_of_the_policy(workspace):
    settings = {
        "reports": ["junit.multiresult.xml", "surefire-report.xml"],
        "min_cases": 5,
        "max_failures": 2,
        "max_skipped_percent": 10,
        "max_flaky": 0,
    }

    checks = run_gate(gate, settings, make_context(workspace))

    assert told(checks)[2:] == [
        ("cases run", "failed", "4 run, at least 5 wanted (1 more were skipped)"),
        ("failed cases", "passed", "2 found, 2 allowed"),
        ("cases with errors", "passed", "0 found, 0 allowed"),
        ("skipped cases", "failed", "1 of 5 skipped, 20.0 %, at most 10 % allowed"),
        ("flaky cases", "failed", "1 found, 0 allowed"),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no-cases-but-tests.xml", "holds no test case, although its suites count 6: nothing shows that a test ran"),
        ("corrupt-xml.xml", "is no whole XML document: no element found: line 11, column 21"),
        ("scan.json", "is a report of findings; this gate reads a test report"),
        ("report.lcov", "is a coverage report; this gate reads a test report"),
        ("reports/*.xml", "no file matches this pattern"),
    ],
    ids=["counters only", "cut", "findings", "coverage", "no file"],
)
def test_what_is_no_evidence_is_an_error_and_nothing_else_is_said(workspace, name, reason):
    checks = run_gate(gate, {"reports": name}, make_context(workspace))

    assert told(checks) == [(f"report {name}", "error", reason)]
    assert checks[0].mend


def test_one_broken_report_leaves_nothing_passed_that_the_others_cannot_prove(workspace):
    checks = run_gate(gate, {"reports": ["corrupt-xml.xml", "jest-junit.xml"]}, make_context(workspace))

    assert [(check.name, check.verdict.value) for check in checks] == [
        ("report corrupt-xml.xml", "error"),
        ("report jest-junit.xml", "passed"),
        ("cases run", "passed"),
        ("failed cases", "inconclusive"),
        ("cases with errors", "inconclusive"),
        ("skipped cases", "passed"),
        ("flaky cases", "passed"),
    ]


def test_a_report_that_contradicts_itself_is_an_error(workspace):
    (workspace / "odd.xml").write_text("<testsuite tests='2' failures='1'><testcase name='a'/></testsuite>")

    checks = run_gate(gate, {"reports": "odd.xml"}, make_context(workspace))

    assert told(checks)[0] == ("report odd.xml", "error", "JUnit: the run is not complete (cases: 1, passed: 1)")
    assert "are in no case" in checks[0].details


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"reports": []},
        {"reports": "a.xml", "min_cases": 0},
        {"reports": "a.xml", "max_failures": -1},
        {"reports": "a.xml", "max_skipped_percent": 101},
        {"reports": "a.xml", "max_skiped_percent": 1},
    ],
    ids=["no report", "empty list", "no case wanted", "negative", "more than all", "misspelt"],
)
def test_settings_that_cannot_be_meant_are_refused(settings):
    with pytest.raises(msgspec.ValidationError):
        convert(settings, gate.settings)
