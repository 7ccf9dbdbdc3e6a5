"""ShellCheck's comments in both forms; an empty report is no evidence, since an unread file gives the same."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from tests.scans.samples import read_json, read_sample


def comment(**more):
    return {
        "file": "/repo/bad.sh",
        "line": 4,
        "endLine": 5,
        "column": 10,
        "endColumn": 15,
        "level": "info",
        "code": 2086,
        "message": "Double quote to prevent globbing and word splitting.",
        "fix": None,
        **more,
    }


@pytest.mark.parametrize("document", [[comment()], {"comments": [comment()]}], ids=["json", "json1"])
def test_a_comment_becomes_a_finding_with_its_place_below_the_checkout(document):
    scan = read_json(document, root="/repo")

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="SC2086",
                message="Double quote to prevent globbing and word splitting.",
                severity=Severity.LOW,
                tool="ShellCheck",
                location=Location("bad.sh", 4, 10, 5),
            ),
        ),
        (Rule(id="SC2086", help_uri="https://www.shellcheck.net/wiki/SC2086"),),
    )


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("style", Severity.INFO),
        ("verbose", Severity.UNKNOWN),
    ],
)
def test_severities_are_those_of_the_levels(level, severity):
    assert [each.severity for each in read_json([comment(level=level)]).findings] == [severity]


def test_a_fix_makes_a_finding_fixable():
    scan = read_json([comment(fix={"replacements": []}), comment()])

    assert [finding.fixable for finding in scan.findings] == [True, False]


@pytest.mark.parametrize("code", [1071, 1072, 1073])
def test_a_script_that_cannot_be_parsed_leaves_the_run_incomplete(code):
    scan = read_json([comment(), comment(code=code), comment(code=code)])

    assert (scan.complete, scan.notes) == (False, ("ShellCheck could not check 1 file(s) to the end.",))


@pytest.mark.parametrize("document", [[], {"comments": []}], ids=["json", "json1"])
def test_an_empty_report_is_an_error_that_names_a_better_form(document):
    with pytest.raises(ReportError) as caught:
        read_json(document, format="shellcheck")

    assert (caught.value.what, caught.value.mend) == (
        "is empty, as ShellCheck's JSON also is when no file could be opened",
        "let ShellCheck write `--format checkstyle`, which names every file, the clean ones too",
    )


def test_the_better_form_holds_the_same_findings_and_the_clean_file():
    json, checkstyle = read_sample("shellcheck/bad.json1"), read_sample("checkstyle/shellcheck.xml")

    assert checkstyle.analysed == ("bad.sh", "good.sh")
    assert [(each.tool, each.rule, each.severity, each.message) for each in checkstyle.findings] == [
        (each.tool, each.rule, each.severity, each.message) for each in json.findings
    ]


@pytest.mark.parametrize(
    "document",
    [{}, {"comments": {}}, [7], [{"file": "a.sh"}], [comment(code="SC2086")], [comment(line="4")]],
    ids=["object", "swapped", "numbers", "only a file", "code as text", "line as text"],
)
def test_what_is_no_report_of_shellcheck_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="shellcheck")
