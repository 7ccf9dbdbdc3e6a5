"""pyright's diagnostics, whose lines count from zero, and the files that it counts."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample

SPAN = {"start": {"line": 5, "character": 11}, "end": {"line": 6, "character": 25}}


def diagnostic(**more):
    return {
        "file": "/repo/src/a.py",
        "severity": "error",
        "message": '"a" is not defined',
        "rule": "reportUndefinedVariable",
        "range": SPAN,
        **more,
    }


def report(*diagnostics, files=3, errors=0):
    summary = {"filesAnalyzed": files, "errorCount": errors, "warningCount": 0, "informationCount": 0}
    return {"version": "1.1.414", "generalDiagnostics": list(diagnostics), "summary": summary}


def test_a_diagnostic_becomes_a_finding_that_counts_from_one():
    scan = read_json(report(diagnostic()), root="/repo")

    assert (scan.version, scan.analysed, scan.findings) == (
        "1.1.414",
        3,
        (
            Finding(
                rule="reportUndefinedVariable",
                message='"a" is not defined',
                severity=Severity.HIGH,
                tool="pyright",
                location=Location("src/a.py", 6, 12, 7),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("information", Severity.LOW),
        ("whisper", Severity.UNKNOWN),
    ],
)
def test_severities_are_those_of_the_diagnostics(word, severity):
    assert [each.severity for each in read_json(report(diagnostic(severity=word))).findings] == [severity]


def test_what_no_rule_says_and_has_no_range_is_kept():
    bare = {"file": "a.py", "severity": "error", "message": "Import cycles not allowed"}

    scan = read_json(report(bare))

    assert [(each.rule, each.location) for each in scan.findings] == [("pyright", Location("a.py"))]


def test_diagnostics_that_are_counted_and_not_listed_leave_the_report_incomplete():
    scan = read_json(report(errors=2))

    assert (scan.complete, scan.notes) == (False, ("2 diagnostic(s) were counted and not listed.",))


@pytest.mark.parametrize(
    "document",
    [
        report(files=0),
        {"generalDiagnostics": []},
        {"generalDiagnostics": {}, "summary": {"filesAnalyzed": 1}},
        report(7),
        report(diagnostic(range={"start": 1})),
        [diagnostic()],
    ],
    ids=["no file", "no summary", "swapped", "numbers", "odd range", "list"],
)
def test_what_is_no_evidence_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="pyright")


def test_nothing_analysed_says_what_to_do():
    with pytest.raises(ReportError) as caught:
        read_sample("pyright/nothing.json")

    assert str(caught.value) == (
        "pyright/nothing.json: counts no file: nothing was analysed; check the paths given to pyright"
    )
