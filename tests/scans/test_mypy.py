"""mypy's lines: faults, notes, a run that broke off; silence is no evidence."""

from __future__ import annotations

import json

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from deliverygate.scans import read
from tests.scans.samples import read_sample


def line(**more):
    fault = {
        "file": "/repo/src/a.py",
        "line": 6,
        "column": 11,
        "end_line": 7,
        "end_column": 25,
        "message": 'Name "a" is not defined',
        "hint": None,
        "code": "name-defined",
        "severity": "error",
    }
    return json.dumps(fault | more)


def read_lines(*lines, end="\n", format=None):  # noqa: A002
    return read(("\n".join(lines) + end).encode(), path="mypy.jsonl", format=format, root="/repo")


def test_a_line_becomes_a_finding_whose_column_counts_from_one():
    scan = read_lines(line(hint="Did you mean b?"))

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="name-defined",
                message='Name "a" is not defined\nDid you mean b?',
                severity=Severity.HIGH,
                tool="mypy",
                location=Location("src/a.py", 6, 12, 7),
            ),
        ),
        (Rule(id="name-defined", help_uri="https://mypy.readthedocs.io/en/stable/_refs.html#code-name-defined"),),
    )


@pytest.mark.parametrize(
    ("given", "rule", "severity"),
    [
        ({}, "name-defined", Severity.HIGH),
        ({"severity": "note", "code": "misc"}, "misc", Severity.LOW),
        ({"severity": "note", "code": None}, "note", Severity.LOW),
        ({"severity": "doubt"}, "name-defined", Severity.UNKNOWN),
    ],
    ids=["error", "note", "without a code", "unheard of"],
)
def test_severities_are_those_of_the_lines(given, rule, severity):
    scan = read_lines(line(**given), line(), "", line())

    assert [(each.rule, each.severity) for each in scan.findings][:1] == [(rule, severity)]
    assert len(scan.findings) == 3


def test_an_unknown_place_is_none():
    scan = read_lines(line(line=-1, column=-1, end_line=-1))

    assert [finding.location for finding in scan.findings] == [Location("src/a.py")]


@pytest.mark.parametrize(
    ("summary", "analysed", "complete", "notes"),
    [
        ("", None, True, ()),
        ("Found 1 error in 1 file (checked 9 source files)\n", 9, True, ()),
        (
            "Found 3 errors in 2 files (checked 9 source files)\n",
            9,
            False,
            ("2 error(s) were counted and not listed.",),
        ),
        (
            "Found 1 error in 1 file (errors prevented further checking)\n",
            None,
            False,
            ("The run broke off: errors prevented further checking.",),
        ),
    ],
    ids=["none", "checked", "lost", "prevented"],
)
def test_a_summary_behind_the_lines_is_read(summary, analysed, complete, notes):
    scan = read_lines(line(), end=f"\n{summary}", format="mypy")

    assert (len(scan.findings), scan.analysed, scan.complete, scan.notes) == (1, analysed, complete, notes)


def test_a_file_that_cannot_be_parsed_leaves_the_run_incomplete():
    scan = read_sample("mypy/broken.jsonl")

    assert (scan.complete, scan.notes) == (
        False,
        ("The run broke off: a file could not be parsed, and mypy looked no further.",),
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"\n", "is empty (1 bytes)"),
        (b"Success: no issues found in 3 source files\n", "no whole JSON document"),
        (b"\nFound 1 error in 1 file (errors prevented further checking)\n", "holds no line of mypy's"),
        ((line() + "\n" + line()[:20]).encode(), "at `line 2`"),
        (f'{line()}\n{{"file": "a.py"}}\n'.encode(), "at `line 2`"),
        (f"{line()}\n[]\n".encode(), "at `line 2`"),
        (f"[{line()}]".encode(), "at `line 1`"),
    ],
    ids=["silence", "text", "only a summary", "cut", "other object", "list inside", "list"],
)
def test_what_is_no_evidence_is_an_error_that_names_the_line(document, reason):
    with pytest.raises(ReportError) as caught:
        read(document, path="mypy.jsonl", format="mypy")

    assert reason in caught.value.what
