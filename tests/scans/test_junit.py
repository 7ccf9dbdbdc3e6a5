"""Test cases in the dialects of JUnit XML: one outcome each, whatever the counters of their suites say."""

from __future__ import annotations

from collections import Counter

import pytest

from deliverygate.errors import ReportError
from deliverygate.evidence import Case, Outcome
from deliverygate.scans import read
from tests.scans.samples import SAMPLES, read_sample

COUNTS = [
    # file, passed, failed, errors, skipped
    ("ctest-3.25.xml", 1, 1, 0, 2),
    ("jest-junit.xml", 2, 0, 0, 0),
    ("junit.fail.xml", 3, 1, 0, 1),
    ("junit.multiresult.xml", 1, 2, 0, 1),
    ("multi-level.xml", 3, 0, 0, 0),
    ("node-20.20.xml", 3, 1, 0, 2),
    ("pytest-9.2-xunit1.xml", 3, 1, 1, 2),
    ("pytest-9.2.xml", 3, 1, 1, 2),
    ("pytest-collection-error.xml", 0, 0, 1, 0),
    ("surefire-report.xml", 1, 0, 0, 0),
    ("testsuite-in-testsuite.xml", 5, 0, 0, 0),
    ("with-xml-entities.xml", 0, 1, 1, 2),
]
NO_EVIDENCE = [
    ("corrupt-xml.xml", "is no whole XML document: no element found: line 11, column 21"),
    (
        "no-cases-but-tests.xml",
        "holds no test case, although its suites count 6: nothing shows that a test ran",
    ),
]


def read_junit(document: str | bytes, *, root: str = "/", format: str | None = None):  # noqa: A002
    data = document if isinstance(document, bytes) else document.encode()
    return read(data, path="junit.xml", root=root, format=format)


def one_case(inside: str = "", attributes: str = "", suite: str = "") -> Case:
    document = f"<testsuite {suite}><testcase name='t' classname='c' {attributes}>{inside}</testcase></testsuite>"
    (case,) = read_junit(document, root="/repo").cases or ()
    return case


@pytest.mark.parametrize(("name", "passed", "failed", "errors", "skipped"), COUNTS, ids=[row[0] for row in COUNTS])
def test_real_reports_hold_what_was_counted_in_them(name, passed, failed, errors, skipped):
    scan = read_sample(f"junit/{name}")

    found = Counter(case.outcome for case in scan.cases or ())

    assert (scan.kind, scan.findings, scan.complete) == ("tests", (), name != "multi-level.xml")
    assert found == Counter(
        {Outcome.PASSED: passed, Outcome.FAILED: failed, Outcome.ERROR: errors, Outcome.SKIPPED: skipped}
    )


@pytest.mark.parametrize(("name", "reason"), NO_EVIDENCE, ids=[row[0] for row in NO_EVIDENCE])
def test_real_reports_that_prove_nothing_are_errors(name, reason):
    with pytest.raises(ReportError) as caught:
        read_sample(f"junit/{name}")

    assert (caught.value.where, caught.value.what) == (f"junit/{name}", reason)


def test_every_sample_stands_in_one_of_the_tables():
    kept = {path.name for path in (SAMPLES / "junit").iterdir()}

    assert kept == {row[0] for row in COUNTS} | {row[0] for row in NO_EVIDENCE}


def test_a_case_of_pytest_is_read_whole():
    cases = {case.name: case for case in read_sample("junit/pytest-9.2-xunit1.xml").cases or ()}

    assert cases["test_ends_badly"] == Case(
        name="test_ends_badly",
        outcome=Outcome.ERROR,
        classname="tests.test_basket",
        suite="pytest",
        file="tests/test_basket.py",
        line=36,
        seconds=0.0,
        message='failed on teardown with "RuntimeError: teardown red & <broken>"',
    )


def test_a_test_of_surefire_that_passed_when_it_was_run_again_is_flaky():
    (case,) = read_sample("junit/surefire-report.xml").cases or ()

    assert (case.outcome, case.is_flaky, case.reruns, case.message) == (
        Outcome.PASSED,
        True,
        1,
        "Expected: <false>\n     but: was <true>",
    )


def test_suites_inside_each_other_name_their_cases():
    cases = read_sample("junit/testsuite-in-testsuite.xml").cases or ()

    assert [(case.name, case.suite) for case in cases] == [
        ("TestCase1", "Project Test Suite / TestSuite1"),
        ("TestCase2", "Project Test Suite / TestSuite1"),
        ("TestCase3", "Project Test Suite / TestSuite2 / TestSuite2.1"),
        ("TestCase4", "Project Test Suite / TestSuite2"),
        ("TestCase5", "Project Test Suite"),
    ]


@pytest.mark.parametrize(
    ("inside", "attributes", "outcome"),
    [
        ("", "", Outcome.PASSED),
        ("<skipped/><error/><failure/>", "", Outcome.FAILED),
        ("<skipped/><error/>", "", Outcome.ERROR),
        ("<skipped/>", "", Outcome.SKIPPED),
        ("<system-err>failure</system-err><properties/>", "", Outcome.PASSED),
        ("", "status='run' result='completed'", Outcome.PASSED),
        ("", "status='notrun' result='suppressed'", Outcome.SKIPPED),
        ("", "status='disabled'", Outcome.SKIPPED),
        ("", "status='FAILED'", Outcome.FAILED),
        ("", "status='run' result='error'", Outcome.ERROR),
        ("<failure/>", "status='disabled'", Outcome.FAILED),
        ("<flakyFailure/>", "", Outcome.PASSED),
        ("<failure/><rerunFailure/>", "", Outcome.FAILED),
    ],
)
def test_a_case_has_one_outcome(inside, attributes, outcome):
    assert one_case(inside, attributes).outcome is outcome


@pytest.mark.parametrize(
    ("inside", "is_flaky", "reruns"),
    [
        ("<flakyFailure/><flakyError/>", True, 2),
        ("<failure/><rerunFailure/><rerunError/>", False, 2),
        ("<failure/><flakyFailure/>", False, 1),
        ("<failure/>", False, 0),
    ],
    ids=["passed at last", "failed every time", "failed all the same", "run once"],
)
def test_tests_that_were_run_again_are_counted_once(inside, is_flaky, reruns):
    case = one_case(inside)

    assert (case.is_flaky, case.reruns) == (is_flaky, reruns)


@pytest.mark.parametrize(
    ("attributes", "suite", "place"),
    [
        ("file='/repo/src/a.py' line='4'", "", ("src/a.py", 4)),
        ("file='src/a.py' line='x'", "", ("src/a.py", None)),
        ("line='4'", "file='src/b.php'", ("src/b.php", 4)),
        ("file='tests/a.py' line='0'", "name='pytest'", ("tests/a.py", 1)),
        ("", "", (None, None)),
    ],
    ids=["absolute", "no number", "of the suite", "pytest counts from 0", "none"],
)
def test_places_are_those_of_the_case_or_its_suite(attributes, suite, place):
    case = one_case("", attributes, suite)

    assert (case.file, case.line) == place


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0.5", 0.5), ("1,234.5", 1234.5), ("", None), ("soon", None), ("-1", None), ("NaN", None), ("1e999", None)],
)
def test_times_are_seconds_or_nothing(written, seconds):
    assert one_case(attributes=f"time='{written}'").seconds == seconds


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<failure message='short'>long</failure>", "short"),
        ("<failure>\n  long\n</failure>", "long"),
        ("<skipped message='no'/><failure message='yes'/>", "yes"),
        ("<failure message='&#27;[31mred&#27;[0m #x1B[31mred [3]'/>", "red red [3]"),
        ("<failure><![CDATA[<b>]]></failure>", "<b>"),
        (f"<failure>{'x' * 5000}</failure>", "x" * 4000),
        ("<failure/>", ""),
    ],
    ids=["attribute", "text", "of the one that decides", "colours", "CDATA", "long", "none"],
)
def test_messages_say_why(inside, message):
    assert one_case(inside).message == message


def test_counters_that_speak_of_more_cases_leave_the_report_incomplete():
    scan = read_sample("junit/multi-level.xml")

    assert (len(scan.cases or ()), scan.complete, scan.notes) == (
        3,
        False,
        ("The suites count 57 tests, and the report holds 3 cases: the others are lost.",),
    )


def test_failures_that_only_the_counters_know_leave_the_report_incomplete():
    scan = read_junit(
        "<testsuites tests='2' failures='1'><testsuite><testcase name='a'/><testcase/></testsuite></testsuites>"
    )

    assert (scan.complete, scan.notes) == (
        False,
        ("The suites count 1 failures or errors, and 1 of them are in no case.",),
    )


def test_the_runs_of_a_flaky_test_that_surefire_counts_are_not_lost_cases():
    scan = read_junit(
        "<testsuite tests='5' failures='2' errors='1'><testcase name='a'/>"
        "<testcase name='b'><flakyFailure/><flakyError/></testcase>"
        "<testcase name='c'><failure/><rerunFailure/></testcase></testsuite>"
    )

    assert (scan.complete, scan.notes) == (True, ())


@pytest.mark.parametrize(
    ("counters", "notes"),
    [
        ("tests='4' failures='1'", ("The suites count 4 tests, and the report holds 2 cases: the others are lost.",)),
        ("tests='2' failures='3'", ("The suites count 3 failures or errors, and 1 of them are in no case.",)),
    ],
    ids=["a case is lost", "a failure is lost"],
)
def test_counters_beyond_the_runs_of_flaky_tests_still_show_what_is_lost(counters, notes):
    scan = read_junit(
        f"<testsuite {counters}><testcase name='a'><flakyFailure/></testcase>"
        "<testcase name='b'><failure/></testcase></testsuite>"
    )

    assert (scan.complete, scan.notes) == (False, notes)


@pytest.mark.parametrize(
    ("inside", "attributes", "outcome", "is_complete"),
    [
        ("<warning type='PHPUnit'>No tests found in class.</warning>", "", Outcome.ERROR, True),
        ("<Failure/>", "", Outcome.FAILED, True),
        ("<ERROR/>", "", Outcome.ERROR, True),
        ("<x:failure xmlns:x='urn:x'/>", "", Outcome.FAILED, True),
        ("<Skipped/>", "", Outcome.SKIPPED, True),
        ("<risky/>", "", Outcome.ERROR, True),
        ("<timeout/>", "", Outcome.ERROR, True),
        ("<FlakyFailure/>", "", Outcome.PASSED, True),
        ("<x:verdict xmlns:x='urn:x'/>", "", Outcome.PASSED, False),
        ("<failed-assertion/>", "", Outcome.PASSED, False),
        ("<details><failure/></details>", "", Outcome.PASSED, False),
        ("", "status='exploded'", Outcome.PASSED, False),
        ("", "result='XPASS(strict)'", Outcome.PASSED, False),
        ("<failure/>", "status='exploded'", Outcome.FAILED, True),
        ("<properties/><system-out/><attachments/>", "status='OK'", Outcome.PASSED, True),
    ],
)
def test_a_child_or_a_word_that_is_not_known_is_no_pass(inside, attributes, outcome, is_complete):
    scan = read_junit(f"<testsuite><testcase name='a' {attributes}>{inside}</testcase></testsuite>")

    assert ([case.outcome for case in scan.cases or ()], scan.complete) == ([outcome], is_complete)


@pytest.mark.parametrize(
    "element", ["<TestCase name='b'><failure/></TestCase>", "<x:case xmlns:x='urn:x'/>", "<test/>"]
)
def test_an_element_beside_the_cases_that_is_not_known_leaves_the_report_incomplete(element):
    scan = read_junit(f"<testsuite><testcase name='a'/>{element}</testsuite>")

    assert (len(scan.cases or ()), scan.complete) == (1, False)


def test_what_is_not_known_is_named_with_how_to_fix_it():
    scan = read_junit("<testsuite><testcase name='a'><verdict/></testcase><testcase><verdict/></testcase></testsuite>")

    assert scan.notes == (
        "<verdict> stands in 2 place(s), and nobody knows what it means: it may be a failure. "
        "Let the tool write plain JUnit XML.",
    )


def test_a_suite_that_broke_off_leaves_the_report_incomplete():
    scan = read_junit("<testsuite name='s'><testcase name='a'/><error message='no database'/></testsuite>")

    assert (scan.complete, scan.notes) == (False, ("The suite 's' broke off: no database",))


def test_a_case_inside_a_case_counts_as_well():
    scan = read_junit("<testsuite><testcase name='a'><testcase name='b'><failure/></testcase></testcase></testsuite>")

    assert [(case.name, case.outcome) for case in scan.cases or ()] == [
        ("b", Outcome.FAILED),
        ("a", Outcome.PASSED),
    ]


@pytest.mark.parametrize(
    "document",
    [
        "<testsuites/>",
        "<testsuite tests='0'/>",
        "<testsuites><testsuite tests='3'/></testsuites>",
        "<testsuite><testcase name='a'></testsuite>",
        "<testsuite><testcase name='a'/>",
        '<!DOCTYPE testsuite [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>',
        "<coverage><testcase name='a'/></coverage>",
        "[]",
    ],
    ids=["no suite", "no case", "counters only", "mismatched", "cut", "entity", "other root", "JSON"],
)
def test_what_proves_nothing_is_an_error(document):
    with pytest.raises(ReportError):
        read_junit(document, format="junit")


def test_utf16_with_its_own_declaration_is_read():
    document = '<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="ë"/></testsuite>'

    assert [case.name for case in read_junit(document.encode("utf-16")).cases or ()] == ["ë"]
