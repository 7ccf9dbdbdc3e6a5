"""KICS' queries and files, and the counters that say whether anything was looked at."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from tests.scans.samples import read_json


def report(*queries, **more):
    return {"kics_version": "v2.1.3", "files_scanned": 2, "queries_total": 9, "queries": list(queries), **more}


def query(*files, severity="HIGH", **more):
    return {
        "query_id": "fd54",
        "query_name": "Missing User",
        "severity": severity,
        "platform": "Dockerfile",
        "description": "Always set a user.",
        "query_url": "https://rule.test",
        "files": list(files) or [a_file()],
        **more,
    }


def a_file(**more):
    return {
        "file_name": "/repo/Dockerfile",
        "line": 3,
        "similarity_id": "b84a",
        "actual_value": "There is none",
        "expected_value": "There should be a USER",
        **more,
    }


def test_each_file_of_a_query_is_a_finding():
    scan = read_json(report(query(a_file(), a_file(line=0, actual_value=None, similarity_id=""))), root="/repo")
    common = {
        "rule": "fd54",
        "severity": Severity.HIGH,
        "tool": "KICS",
        "is_security": True,
        "category": "Dockerfile",
    }

    assert (scan.findings, scan.analysed, scan.version) == (
        (
            Finding(message="Missing User: There is none", location=Location("Dockerfile", 3), native="b84a", **common),
            Finding(message="Missing User", location=Location("Dockerfile"), **common),
        ),
        2,
        "v2.1.3",
    )
    assert scan.rules == (
        Rule(
            id="fd54",
            summary="Missing User",
            why="Always set a user.",
            remedy="There should be a USER",
            severity=Severity.HIGH,
            help_uri="https://rule.test",
        ),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [("CRITICAL", Severity.CRITICAL), ("INFO", Severity.INFO), ("TRACE", Severity.INFO), ("", Severity.UNKNOWN)],
)
def test_severities_are_kics_words(word, severity):
    assert [each.severity for each in read_json(report(query(severity=word))).findings] == [severity]


@pytest.mark.parametrize(
    ("given", "notes"),
    [
        ({"files_failed_to_scan": 1}, ("KICS could not scan 1 file(s).",)),
        ({"queries_failed_to_execute": 2}, ("KICS could not execute 2 of its queries.",)),
    ],
)
def test_what_kics_could_not_do_leaves_the_run_incomplete(given, notes):
    scan = read_json(report(**given))

    assert (scan.complete, scan.notes) == (False, notes)


@pytest.mark.parametrize(
    "document",
    [report(files_scanned=0), report(queries_total=0), {"queries": []}, report() | {"queries": None}],
    ids=["no file", "no query", "no counter", "null"],
)
def test_what_shows_no_scanned_file_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="kics")
