"""gosec's issues, what the source suppresses, packages that do not compile."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def report(*issues, files=1, nosec=0, errors=None):
    return {"Golang errors": errors or {}, "Issues": list(issues), "Stats": {"files": files, "nosec": nosec}}


def issue(**more):
    return {
        "rule_id": "G401",
        "severity": "MEDIUM",
        "file": "/repo/main.go",
        "line": "11",
        "details": "weak",
        "column": "21",
        **more,
    }


def test_issues_of_a_real_report_have_places_below_the_checkout():
    scan = read_sample("gosec/bad.json", root="/repo")

    assert (scan.findings[0], scan.analysed, scan.version) == (
        Finding(
            rule="G401",
            message="Use of weak cryptographic primitive",
            severity=Severity.MEDIUM,
            tool="gosec",
            is_security=True,
            location=Location("main.go", 11, 21),
        ),
        1,
        "dev",
    )


@pytest.mark.parametrize(
    ("line", "column", "place"),
    [
        ("12-14", "6", Location("main.go", 12, 6, 14)),
        ("", "", Location("main.go")),
        ("x", "0", Location("main.go")),
        ("9" * 40, "1", Location("main.go", None, 1)),
    ],
)
def test_lines_are_written_as_text(line, column, place):
    scan = read_json(report(issue(line=line, column=column)), root="/repo")

    assert [each.location for each in scan.findings] == [place]


def test_what_the_source_suppresses_is_shown_with_its_reason():
    scan = read_sample("gosec/bad.json")

    assert [each.waiver for each in scan.suppressed] == [
        Waiver(id="G302", reason="everybody may read it", source="gosec inSource")
    ]


def test_an_issue_that_only_says_nosec_is_suppressed_too():
    scan = read_json(report(issue(nosec=True)))

    assert [each.waiver for each in scan.suppressed] == [Waiver(id="G401", reason="", source="gosec inSource")]


def test_lines_with_nosec_that_are_not_listed_are_told():
    assert read_json(report(nosec=2)).notes == (
        "2 line(s) say #nosec and are not listed; -track-suppressions lists them.",
    )


def test_a_package_that_does_not_compile_leaves_the_run_incomplete():
    scan = read_sample("gosec/broken.json", root="/repo")

    assert (scan.complete, scan.notes) == (
        False,
        (
            "gosec could not analyse a package: # command-line-arguments broken/broken.go:3:30: undefined: b.",
            "gosec could not analyse broken/broken.go: undefined: b.",
        ),
    )


@pytest.mark.parametrize(
    "document",
    [report(files=0), {"Issues": [], "Golang errors": {}}, report() | {"Stats": None}, report("x")],
    ids=["no file", "no stats", "null", "text"],
)
def test_what_counts_no_file_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="gosec")


def test_no_issues_at_all_may_be_null():
    assert read_json(report() | {"Issues": None}).findings == ()
