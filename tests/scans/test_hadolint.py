"""hadolint's entries, the file it cannot parse, and what its empty list is worth."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from tests.scans.samples import read_json, read_sample


def entry(**more):
    return {
        "file": "/repo/Dockerfile",
        "line": 3,
        "column": 1,
        "level": "warning",
        "code": "DL3008",
        "message": "Pin versions in apt get install.",
        **more,
    }


def test_an_entry_becomes_a_finding_with_its_place_below_the_checkout():
    scan = read_json([entry()], root="/repo")

    assert scan.findings == (
        Finding(
            rule="DL3008",
            message="Pin versions in apt get install.",
            severity=Severity.MEDIUM,
            tool="hadolint",
            location=Location("Dockerfile", 3, 1),
        ),
    )


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("style", Severity.INFO),
        ("hint", Severity.UNKNOWN),
    ],
)
def test_severities_are_those_of_the_levels(level, severity):
    assert [each.severity for each in read_json([entry(level=level)]).findings] == [severity]


def test_rules_of_shellcheck_have_their_own_pages():
    scan = read_json([entry(), entry(code="SC2086"), entry(), entry(code="X1")])

    assert scan.rules == (
        Rule(id="DL3008", help_uri="https://github.com/hadolint/hadolint/wiki/DL3008"),
        Rule(id="SC2086", help_uri="https://www.shellcheck.net/wiki/SC2086"),
    )


def test_a_file_that_cannot_be_parsed_leaves_the_run_incomplete():
    scan = read_sample("hadolint/broken.json")

    assert (len(scan.findings), scan.complete, scan.notes) == (1, False, ("hadolint could not parse 1 file(s).",))


def test_an_empty_list_is_a_clean_run_only_under_its_name():
    scan = read_sample("hadolint/clean.json", format="hadolint")

    assert (scan.findings, scan.analysed, scan.complete, scan.notes) == (
        (),
        None,
        True,
        ("The report is an empty list: it does not say which files hadolint looked at.",),
    )


@pytest.mark.parametrize(
    "document",
    [{}, {"comments": []}, [7], [{"file": "Dockerfile"}], [entry(code=3008)], [entry(line="3")]],
    ids=["object", "other report", "numbers", "only a file", "code as number", "line as text"],
)
def test_what_is_no_report_of_hadolint_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="hadolint")
