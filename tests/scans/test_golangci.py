"""golangci-lint's issues, the linters that ran, and the runs that broke off beside an empty list."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample

RAN = {"Linters": [{"Name": "errcheck", "Enabled": True}, {"Name": "gosec"}]}


def issue(**more):
    return {
        "FromLinter": "errcheck",
        "Text": "Error return value of `os.Remove` is not checked",
        "Severity": "",
        "Pos": {"Filename": "/repo/shop/bad.go", "Offset": 136, "Line": 10, "Column": 11},
        **more,
    }


def report(*issues, **more):
    return {"Issues": list(issues), "Report": RAN | more}


def test_an_issue_becomes_a_finding_and_the_enabled_linters_are_the_classes():
    scan = read_json(report(issue(LineRange={"From": 10, "To": 12}, SuggestedFixes=[{}])), root="/repo")

    assert (scan.categories, scan.analysed, scan.findings) == (
        ("errcheck",),
        None,
        (
            Finding(
                rule="errcheck",
                message="Error return value of `os.Remove` is not checked",
                severity=Severity.HIGH,
                tool="golangci-lint",
                location=Location("shop/bad.go", 10, 11, 12),
                category="errcheck",
                fixable=True,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("", Severity.HIGH),
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("Critical", Severity.CRITICAL),
        ("@linter", Severity.UNKNOWN),
    ],
    ids=["none configured", "error", "warning", "info", "of the team", "unheard of"],
)
def test_severities_are_the_words_of_the_team(word, severity):
    assert [each.severity for each in read_json(report(issue(Severity=word))).findings] == [severity]


def test_an_issue_without_a_place_is_kept():
    scan = read_json(report(issue(Pos=None, LineRange={"From": 100, "To": 102})))

    assert [finding.location for finding in scan.findings] == [None]


@pytest.mark.parametrize("issues", [[], None], ids=["empty list", "null"])
def test_no_issue_is_a_clean_run(issues):
    scan = read_json({"Issues": issues, "Report": RAN})

    assert (scan.findings, scan.complete, scan.notes) == ((), True, ())


@pytest.mark.parametrize(
    ("document", "notes"),
    [
        (report(Error="no go files to analyze"), ("The run broke off: no go files to analyze.",)),
        (
            report(Warnings=[{"Tag": "runner", "Text": "Can't run linter unused: panic"}]),
            ("A linter could not run.", "golangci-lint warns: Can't run linter unused: panic"),
        ),
        (
            report(issue(FromLinter="typecheck")),
            ("The code does not compile in 1 place(s), and most linters look at code only that does.",),
        ),
    ],
    ids=["error", "linter", "typecheck"],
)
def test_a_run_that_is_not_whole_is_incomplete_and_says_why(document, notes):
    scan = read_json(document)

    assert (scan.complete, scan.notes) == (False, notes)


def test_a_warning_is_told_and_leaves_the_run_complete():
    scan = read_json(report(Warnings=[{"Text": "The linter 'x' is deprecated"}]))

    assert (scan.complete, scan.notes) == (True, ("golangci-lint warns: The linter 'x' is deprecated",))


def test_a_pattern_that_matches_nothing_is_no_clean_run():
    scan = read_sample("golangci/nowhere.json")

    assert (scan.findings, scan.complete, scan.notes) == (
        (),
        False,
        ("The run broke off: typechecking error: pattern ./nothere/...: lstat ./nothere/: no such file or directory.",),
    )


@pytest.mark.parametrize(
    "document",
    [
        {"Issues": []},
        {"Issues": [], "Report": None},
        {"Issues": [], "Report": {}},
        {"Issues": [], "Report": {"Linters": [{"Name": "gosec"}]}},
        {"Report": RAN},
        {"Issues": {}, "Report": RAN},
        report(7),
        report(issue(Pos="shop/bad.go:10")),
        [issue()],
    ],
    ids=["no report", "null", "no linters", "none enabled", "no issues", "swapped", "numbers", "odd place", "list"],
)
def test_what_is_no_evidence_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="golangci")
