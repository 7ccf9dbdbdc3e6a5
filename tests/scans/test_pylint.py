"""pylint's messages in both forms, what it counts, and what its comments suppress."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def message(**more):
    return {
        "type": "warning",
        "symbol": "unused-import",
        "message": "Unused import sys",
        "message-id": "W0611",
        "path": "/repo/src/a.py",
        "line": 2,
        "column": 0,
        "endLine": 3,
        **more,
    }


def json2(*messages, modules=4, **counts):
    statistics = {"messageTypeCount": {"error": 0, **counts}, "modulesLinted": modules, "score": 10.0}
    return {"messages": list(messages), "statistics": statistics}


OWN = "pylint counts {} modules, 2 or 3 of which are its own command line and configuration."


@pytest.mark.parametrize("document", [[message()], json2(message(), warning=1)], ids=["json", "json2"])
def test_a_message_becomes_a_finding_with_its_place_below_the_checkout(document):
    scan = read_json(document, root="/repo")

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="unused-import",
                message="Unused import sys",
                severity=Severity.MEDIUM,
                tool="pylint",
                location=Location("src/a.py", 2, 1, 3),
                category="warning",
            ),
        ),
        (
            Rule(
                id="unused-import",
                help_uri="https://pylint.readthedocs.io/en/stable/user_guide/messages/warning/unused-import.html",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("type_", "severity"),
    [
        ("fatal", Severity.CRITICAL),
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("refactor", Severity.LOW),
        ("convention", Severity.LOW),
        ("info", Severity.LOW),
        ("omen", Severity.UNKNOWN),
    ],
)
def test_severities_are_those_of_the_types(type_, severity):
    scan = read_json([message(type=type_)])

    assert [(each.category, each.severity) for each in scan.findings] == [(type_, severity)]


def test_both_forms_of_the_same_run_hold_the_same_findings():
    assert read_sample("pylint/bad.json").findings == read_sample("pylint/bad.json2").findings


@pytest.mark.parametrize(
    ("document", "notes"),
    [
        ([message(type="fatal")], ("pylint could not lint 1 module(s).",)),
        ([message(type="error", symbol="syntax-error")], ("pylint could not lint 1 module(s).",)),
        (
            json2(message(), warning=1, error=2),
            ("2 message(s) were counted and not listed.", OWN.format(4)),
        ),
    ],
    ids=["fatal", "syntax", "messages lost"],
)
def test_a_run_that_is_not_whole_is_incomplete_and_says_why(document, notes):
    scan = read_json(document)

    assert (scan.complete, scan.notes) == (False, notes)


def test_the_number_of_modules_is_told_and_not_believed():
    scan = read_json(json2())

    assert (scan.findings, scan.analysed, scan.complete, scan.notes) == ((), None, True, (OWN.format(4),))


def test_what_a_comment_in_the_code_suppressed_is_shown_and_does_not_count():
    scan = read_sample("pylint/suppressed.json2")

    assert ([finding.rule for finding in scan.findings], scan.suppressed) == (
        ["locally-disabled"],
        (
            Finding(
                rule="eval-used",
                message="Suppressed 'eval-used' (from line 11)",
                severity=Severity.LOW,
                tool="pylint",
                location=Location("bad.py", 11, 1),
                category="info",
                waiver=Waiver(id="eval-used", reason="", source="pylint comment"),
            ),
        ),
    )


def test_an_empty_list_is_a_clean_run_only_under_its_name():
    scan = read_json([], format="pylint")

    assert (scan.findings, scan.complete, scan.notes) == (
        (),
        True,
        ("The report is an empty list: it does not say which files pylint looked at.",),
    )


@pytest.mark.parametrize(
    "document",
    [
        json2(modules=2),
        {"messages": []},
        {"messages": {}, "statistics": {}},
        [{"type": "warning"}],
        [message(line="2")],
        [message(), 7],
    ],
    ids=["no module", "no statistics", "swapped", "only a type", "line as text", "mixed"],
)
def test_what_is_no_evidence_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="pylint")


def test_nothing_linted_says_what_to_do():
    with pytest.raises(ReportError) as caught:
        read_sample("pylint/nothing.json2")

    assert str(caught.value) == (
        "pylint/nothing.json2: counts 2 modules, 2 of which are pylint's own: nothing was linted; "
        "check the paths given to pylint, and what its configuration ignores"
    )
