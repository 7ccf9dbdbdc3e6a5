"""GitLab Code Quality: any linter's entries, and Trivy's, which are the same findings as in its JSON."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.judging.fingerprint import fingerprint
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample


def entry(**more):
    return {
        "description": "Unused import",
        "check_name": "F401",
        "fingerprint": "5f9b297f5e42f413",
        "severity": "major",
        "location": {"path": "/repo/src/a.py", "lines": {"begin": 2, "end": 3}},
        **more,
    }


def of_trivy(description, severity="minor", path="package-lock.json", line=0):
    return entry(
        check_name="container_scanning",
        description=description,
        severity=severity,
        location={"path": path, "lines": {"begin": line}},
    )


def test_an_entry_becomes_a_finding_with_its_place_below_the_checkout():
    scan = read_json([entry(engine_name="ruff", categories=["Style", "Clarity"])], root="/repo")

    assert (scan.tool, scan.findings) == (
        "ruff",
        (
            Finding(
                rule="F401",
                message="Unused import",
                severity=Severity.MEDIUM,
                tool="ruff",
                location=Location("src/a.py", 2, None, 3),
                category="Style, Clarity",
                native="5f9b297f5e42f413",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("blocker", Severity.CRITICAL),
        ("critical", Severity.HIGH),
        ("major", Severity.MEDIUM),
        ("minor", Severity.LOW),
        ("info", Severity.INFO),
        ("", Severity.UNKNOWN),
        ("MAJOR", Severity.UNKNOWN),
    ],
)
def test_severities_are_one_below_their_names(word, severity):
    assert [each.severity for each in read_json([entry(severity=word)]).findings] == [severity]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ({"path": "a.py"}, Location("a.py")),
        ({"path": "./src/a.py", "lines": {"begin": 7}}, Location("src/a.py", 7)),
        (
            {"path": "a.py", "positions": {"begin": {"line": 7, "column": 3}, "end": {"line": 9}}},
            Location("a.py", 7, 3, 9),
        ),
    ],
    ids=["file", "lines", "positions"],
)
def test_a_place_is_given_in_lines_or_in_positions(location, place):
    assert [each.location for each in read_json([entry(location=location)]).findings] == [place]


def test_entries_with_the_same_fingerprint_all_count():
    assert len(read_json([entry(), entry(), entry(check_name=None)]).findings) == 3


def test_trivys_entries_are_the_findings_of_its_json():
    codequality, json = read_sample("codequality/trivy.json"), read_sample("trivy/alpine-310.json")

    assert [each.fingerprint for each in fingerprint(codequality.findings)] == [
        each.fingerprint for each in fingerprint(json.findings)
    ]
    assert [each.severity for each in codequality.findings] == [each.severity for each in json.findings]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            of_trivy("CVE-2019-1549 - libssl1.1 - 1.1.1c-r0 - a - b", path="shop (alpine 3.10.2)"),
            ("CVE-2019-1549", "a - b", Severity.MEDIUM, "libssl1.1@1.1.1c-r0", None),
        ),
        (
            of_trivy("CVE-2020-1 - lodash - 4.17.0 - ", severity="critical"),
            ("CVE-2020-1", "", Severity.CRITICAL, "lodash@4.17.0", Location("package-lock.json")),
        ),
        (
            of_trivy("DS002 - Image user should not be 'root'", severity="major", path="Dockerfile", line=3),
            ("DS002", "Image user should not be 'root'", Severity.HIGH, None, Location("Dockerfile", 3)),
        ),
        (
            of_trivy("aws-access-key-id", severity="info"),
            ("aws-access-key-id", "aws-access-key-id", Severity.UNKNOWN, None, Location("package-lock.json")),
        ),
    ],
    ids=["image", "package", "configuration", "no title, low or unknown"],
)
def test_trivys_descriptions_are_taken_apart(given, wanted):
    found = read_json([given]).findings[0]

    assert (found.rule, found.message, found.severity, found.package, found.location) == wanted


def test_an_empty_list_is_a_clean_run_only_under_its_name():
    scan = read_json([], format="codequality")

    assert (scan.tool, scan.findings, scan.complete, scan.notes) == (
        "Code Quality",
        (),
        True,
        ("The report is an empty list: it does not say which files its writer looked at.",),
    )


@pytest.mark.parametrize(
    "document",
    [{}, [7], [{"description": "x"}], [entry(location="a.py")], [entry(location={})], [entry(severity=3)]],
    ids=["object", "numbers", "only a text", "place as text", "no path", "severity as number"],
)
def test_what_is_no_code_quality_report_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="codequality")
