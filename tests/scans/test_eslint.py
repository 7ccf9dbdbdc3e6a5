"""ESLint's messages, its fatal ones, those it suppressed, and the files it looked at."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def a_file(*messages, path="/repo/src/a.js", **more):
    return {"filePath": path, "messages": list(messages), **more}


def message(severity=2, **more):
    return {"ruleId": "no-eval", "severity": severity, "message": "eval can be harmful.", "line": 3, **more}


def test_a_message_becomes_a_finding_with_its_place_below_the_checkout():
    scan = read_json([a_file(message(column=5, endLine=4, fix={"range": [0, 1], "text": ""}))], root="/repo")

    assert scan.findings == (
        Finding(
            rule="no-eval",
            message="eval can be harmful.",
            severity=Severity.HIGH,
            tool="ESLint",
            location=Location("src/a.js", 3, 5, 4),
            fixable=True,
        ),
    )


@pytest.mark.parametrize(
    ("given", "rule", "severity"),
    [
        ({"severity": 2}, "no-eval", Severity.HIGH),
        ({"severity": 1}, "no-eval", Severity.MEDIUM),
        ({"severity": 0}, "no-eval", Severity.UNKNOWN),
        ({"severity": 7}, "no-eval", Severity.UNKNOWN),
        ({"severity": 1, "ruleId": None}, "eslint", Severity.MEDIUM),
        ({"severity": 2, "ruleId": None, "fatal": True}, "fatal", Severity.CRITICAL),
    ],
    ids=["error", "warning", "off", "unheard of", "no rule", "fatal"],
)
def test_severities_are_those_of_the_messages(given, rule, severity):
    scan = read_json([a_file(message(**given))])

    assert [(finding.rule, finding.severity) for finding in scan.findings] == [(rule, severity)]


def test_a_file_that_could_not_be_parsed_leaves_the_run_incomplete():
    scan = read_json([a_file(message(fatal=True, ruleId=None, line=None)), a_file(path="/repo/b.js")])

    assert (scan.complete, scan.notes, scan.analysed_count) == (
        False,
        ("ESLint broke off in 1 place(s): a fatal message is no lint result.",),
        1,
    )


def test_suppressed_messages_are_shown_with_their_reason_and_do_not_count():
    directive = {"kind": "directive", "justification": "generated code"}

    scan = read_json([a_file(suppressedMessages=[message(suppressions=[directive])])])

    assert (scan.findings, [finding.waiver for finding in scan.suppressed]) == (
        (),
        [Waiver(id="no-eval", reason="generated code", source="eslint directive")],
    )


def test_a_suppressed_message_without_a_suppression_counts():
    scan = read_json([a_file(suppressedMessages=[message(suppressions=[])])])

    assert (len(scan.findings), len(scan.suppressed)) == (1, 0)


def test_metadata_gives_the_rules_their_docs_and_odd_docs_do_no_harm():
    meta = {
        "no-eval": {"docs": {"description": "Disallow eval", "url": "https://eslint.test/no-eval"}},
        "odd": {"docs": "see the wiki"},
        "bare": {},
    }

    scan = read_json({"results": [a_file(message())], "metadata": {"cwd": "/repo", "rulesMeta": meta}})

    assert (len(scan.findings), scan.rules) == (
        1,
        (
            Rule(id="no-eval", summary="Disallow eval", help_uri="https://eslint.test/no-eval"),
            Rule(id="odd"),
            Rule(id="bare"),
        ),
    )


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/repo/src/a.js", "src/a.js"),
        ("/repo/../etc/a.js", "/etc/a.js"),
        ("/repository/a.js", "/repository/a.js"),
        ("src/./a.js", "src/a.js"),
        ("C:\\repo\\src\\a.js", "C:/repo/src/a.js"),
        ("<text>", "<text>"),
        ("../a.js", "../a.js"),
    ],
)
def test_paths_outside_the_checkout_are_kept_as_they_are(path, kept):
    scan = read_json([a_file(path=path), a_file(path=path)], root="/repo")

    assert scan.analysed == (kept,)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"results": [], "metadata": {}},
        [{"filePath": "a.js"}],
        [a_file({"ruleId": "x", "message": "without a severity"})],
        [a_file(message(severity="2"))],
        [a_file(), 7],
        {"results": {}, "metadata": {}},
    ],
    ids=["empty", "empty with metadata", "no messages", "no severity", "severity as text", "mixed", "swapped"],
)
def test_what_is_no_lint_report_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="eslint")


def test_nothing_linted_says_what_to_do():
    with pytest.raises(ReportError) as caught:
        read_sample("eslint/empty.json", format="eslint")

    assert str(caught.value) == (
        "eslint/empty.json: holds no file: nothing was linted; check the paths and patterns given to ESLint"
    )
