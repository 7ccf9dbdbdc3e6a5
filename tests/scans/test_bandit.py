"""Bandit's results, the files it looked at, and those that it could not."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from tests.scans.samples import read_json, read_sample


def report(*results, files=("src/app.py",), errors=(), **totals):
    metrics = {"_totals": {"loc": 9, **totals}} | {name: {"loc": 9} for name in files}
    return {"results": list(results), "metrics": metrics, "errors": list(errors)}


def result(**more):
    return {
        "test_id": "B602",
        "test_name": "subprocess_popen_with_shell_equals_true",
        "filename": "src/app.py",
        "issue_severity": "HIGH",
        "issue_text": "subprocess call with shell=True",
        "line_number": 10,
        "line_range": [10, 11],
        "col_offset": 11,
        "more_info": "https://bandit.test/b602",
        **more,
    }


def test_a_result_becomes_a_finding_and_every_file_was_analysed():
    scan = read_json(report(result(), files=("/repo/src/app.py", "/repo/src/clean.py")), root="/repo")

    assert (scan.findings, scan.rules, scan.analysed) == (
        (
            Finding(
                rule="B602",
                message="subprocess call with shell=True",
                severity=Severity.HIGH,
                tool="Bandit",
                is_security=True,
                location=Location("src/app.py", 10, 12, 11),
            ),
        ),
        (Rule(id="B602", summary="subprocess_popen_with_shell_equals_true", help_uri="https://bandit.test/b602"),),
        ("src/app.py", "src/clean.py"),
    )


@pytest.mark.parametrize(
    ("word", "severity"), [("LOW", Severity.LOW), ("MEDIUM", Severity.MEDIUM), ("UNDEFINED", Severity.UNKNOWN)]
)
def test_severities_are_bandits_words(word, severity):
    assert [each.severity for each in read_json(report(result(issue_severity=word))).findings] == [severity]


def test_the_half_and_half_paths_of_windows_name_the_same_file():
    scan = read_json(report(result(filename="src/web\\app.py"), files=("src/web\\app.py",)))

    assert (scan.findings[0].location.path, scan.analysed) == ("src/web/app.py", ("src/web/app.py",))


def test_a_file_that_could_not_be_parsed_was_not_analysed_and_leaves_the_run_incomplete():
    scan = read_sample("bandit/broken-1.9.json")

    assert (scan.analysed, scan.complete, scan.notes) == (
        ("src/clean.py",),
        False,
        ("Bandit could not analyse broken/bad.py: syntax error while parsing AST from file.",),
    )


def test_what_nosec_silenced_is_told():
    assert read_json(report(nosec=2, skipped_tests=1)).notes == (
        "3 finding(s) are silenced by # nosec; Bandit only counts them.",
    )


@pytest.mark.parametrize(
    "document",
    [
        report(files=()),
        report(errors=[{"filename": "src/app.py", "reason": "no"}]),
        {"results": [], "errors": []},
        report() | {"results": None},
        report(result(test_id=None)),
    ],
    ids=["no file", "only broken files", "no metrics", "null", "no rule"],
)
def test_what_shows_no_analysed_file_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="bandit")
