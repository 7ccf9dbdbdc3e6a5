"""Ruff's findings, as a list and as lines, and what its empty list is worth."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from deliverygate.scans import read
from tests.scans.samples import read_json, read_sample

PAGE = "https://docs.astral.sh/ruff/rules/unused-import"


def entry(**more):
    return {
        "code": "F401",
        "message": "`sys` imported but unused",
        "filename": "/repo/src/a.py",
        "location": {"row": 2, "column": 8},
        "end_location": {"row": 3, "column": 11},
        "fix": None,
        "severity": "error",
        "url": PAGE,
        **more,
    }


def test_an_entry_becomes_a_finding_with_its_place_below_the_checkout():
    scan = read_json([entry(fix={"edits": []})], root="/repo")

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="F401",
                message="`sys` imported but unused",
                severity=Severity.LOW,
                tool="Ruff",
                location=Location("src/a.py", 2, 8, 3),
                fixable=True,
            ),
        ),
        (Rule(id="F401", help_uri=PAGE),),
    )


def test_lines_and_list_hold_the_same_findings():
    wanted = {"F401", "F821", "F841"}

    lines, listed = read_sample("ruff/bad.jsonl"), read_sample("ruff/bad.json")

    assert set(lines.findings) == {finding for finding in listed.findings if finding.rule in wanted}


def test_a_single_line_is_the_same_as_a_list_of_one():
    single = read_json(entry())

    assert single == read_json([entry()])


@pytest.mark.parametrize(
    ("given", "rule", "severity", "complete"),
    [
        ({}, "F401", Severity.LOW, True),
        ({"severity": "warning"}, "F401", Severity.MEDIUM, True),
        ({"severity": "terrible"}, "F401", Severity.UNKNOWN, True),
        ({"code": "invalid-syntax"}, "invalid-syntax", Severity.HIGH, False),
        ({"code": None, "url": None}, "invalid-syntax", Severity.HIGH, False),
        ({"code": "E999"}, "E999", Severity.HIGH, False),
        ({"code": "E902"}, "E902", Severity.HIGH, False),
    ],
    ids=["error", "warning", "unheard of", "syntax", "syntax of old", "syntax of older", "unread"],
)
def test_a_file_that_could_not_be_linted_leaves_the_run_incomplete(given, rule, severity, complete):
    scan = read_json([entry(**given)])

    assert ([(each.rule, each.severity) for each in scan.findings], scan.complete) == ([(rule, severity)], complete)


@pytest.mark.parametrize(
    ("code", "severity"), [("F401", Severity.LOW), ("F821", Severity.HIGH), ("S602", Severity.HIGH)]
)
def test_releases_without_severities_are_graded_by_their_rules(code, severity):
    old = {key: value for key, value in entry(code=code).items() if key != "severity"}

    assert [finding.severity for finding in read_json([old]).findings] == [severity]


def test_an_empty_list_is_a_clean_run_only_under_its_name():
    scan = read_sample("ruff/clean.json", format="ruff")

    assert (scan.findings, scan.analysed, scan.complete, scan.notes) == (
        (),
        None,
        True,
        ("The report is an empty list: it does not say which files Ruff looked at.",),
    )


@pytest.mark.parametrize(
    "document",
    [
        b"{}",
        b"[7]",
        b'[{"code": "F401"}]',
        b'[{"code": "F401", "code": "E501"}]',
        b'{"code": 1}\n{"code": 2}',
        b'{"results": []}',
        b"ruff failed",
    ],
    ids=["object", "numbers", "only a code", "twice", "lines", "other report", "text"],
)
def test_what_is_no_report_of_ruff_is_an_error(document):
    with pytest.raises(ReportError):
        read(document, path="ruff.json", format="ruff")
