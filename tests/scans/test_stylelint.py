"""Stylelint's warnings, the files it looked at, and what leaves its run incomplete."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample


def a_file(*warnings, source="/repo/css/a.css", **more):
    return {"source": source, "warnings": list(warnings), "parseErrors": [], **more}


def warning(**more):
    return {
        "line": 2,
        "column": 10,
        "endLine": 3,
        "rule": "color-hex-length",
        "severity": "warning",
        "text": 'Expected "#fff" to be "#ffffff" (color-hex-length)',
        **more,
    }


def test_a_warning_becomes_a_finding_and_every_file_was_looked_at():
    scan = read_json([a_file(warning(fix={"text": ""})), a_file(source="/repo/css/b.css")], root="/repo")

    assert (scan.analysed, scan.findings) == (
        ("css/a.css", "css/b.css"),
        (
            Finding(
                rule="color-hex-length",
                message='Expected "#fff" to be "#ffffff" (color-hex-length)',
                severity=Severity.MEDIUM,
                tool="Stylelint",
                location=Location("css/a.css", 2, 10, 3),
                fixable=True,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("given", "rule", "severity"),
    [
        ({"severity": "error"}, "color-hex-length", Severity.HIGH),
        ({"severity": "warning"}, "color-hex-length", Severity.MEDIUM),
        ({"severity": "dread"}, "color-hex-length", Severity.UNKNOWN),
        ({"rule": None}, "stylelint", Severity.MEDIUM),
    ],
    ids=["error", "warning", "unheard of", "no rule"],
)
def test_severities_are_those_of_the_warnings(given, rule, severity):
    scan = read_json([a_file(warning(**given))])

    assert [(each.rule, each.severity) for each in scan.findings] == [(rule, severity)]


def test_a_text_without_a_name_counts_as_a_file():
    scan = read_json([a_file(warning(), source=None)])

    assert (scan.analysed, [finding.location for finding in scan.findings]) == (1, [None])


@pytest.mark.parametrize(
    ("file", "notes"),
    [
        (a_file(warning(rule="CssSyntaxError")), ("Stylelint could not parse 1 file(s).",)),
        (a_file(parseErrors=[{"text": "odd"}]), ("Stylelint could not parse 1 file(s).",)),
        (a_file(errored=True), ("1 file(s) are marked as having errors, and none is listed.",)),
        (a_file(warning(), errored=True), ("1 file(s) are marked as having errors, and none is listed.",)),
        (
            a_file(errored=True, invalidOptionWarnings=[{"text": 'Invalid option "x".'}]),
            ('A rule did not run as configured: Invalid option "x".',),
        ),
    ],
    ids=["syntax", "parse error", "errors lost", "only warnings left", "option"],
)
def test_a_run_that_is_not_whole_is_incomplete_and_says_why(file, notes):
    scan = read_json([file])

    assert (scan.complete, scan.notes) == (False, notes)


@pytest.mark.parametrize(
    "document",
    [[], {}, [7], [{"source": "a.css"}], [a_file(warning(severity=2))], [a_file(7)]],
    ids=["empty", "object", "numbers", "no warnings", "severity as number", "warnings as numbers"],
)
def test_what_is_no_evidence_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="stylelint")


def test_nothing_linted_says_what_to_do():
    with pytest.raises(ReportError) as caught:
        read_sample("stylelint/nothing.json", format="stylelint")

    assert str(caught.value) == (
        "stylelint/nothing.json: holds no file: nothing was linted; check the patterns given to Stylelint"
    )
