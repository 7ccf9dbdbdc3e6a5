"""OSV-Scanner's vulnerabilities: one for several databases, scores, words, and no evidence."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity
from tests.scans.samples import read_json, read_sample

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def report(*vulnerabilities, groups=None, ecosystem="npm", name="left", **more):
    package = {"package": {"name": name, "version": "1.0", "ecosystem": ecosystem}, **more}
    package |= {"vulnerabilities": list(vulnerabilities), "groups": groups}
    return {"results": [{"source": {"path": "/repo/a.lock", "type": "lockfile"}, "packages": [package]}]}


def entry(id="GHSA-1", **more):  # noqa: A002
    return {"id": id, "summary": "Left pads right", "details": "It pads.", **more}


def only(scan):
    (finding,) = scan.findings
    return finding


def test_the_same_vulnerability_of_two_databases_is_one_finding():
    scan = read_sample("osv/bad.json", root="/repo")

    assert (scan.findings[0], [each.rule for each in scan.findings], scan.rules[0]) == (
        Finding(
            rule="GHSA-aaaa-bbbb-cccc",
            message="Left pads right",
            severity=Severity.HIGH,
            tool="OSV-Scanner",
            is_security=True,
            location=Location("package-lock.json"),
            package="pkg:npm/%40acme/left@1.0.0",
            aliases=("CVE-2026-1",),
            fixed_in="1.1.0",
            fixable=True,
        ),
        ["GHSA-aaaa-bbbb-cccc", "MAL-2026-7", "GO-2026-1"],
        Rule(
            id="GHSA-aaaa-bbbb-cccc",
            summary="Left pads right",
            why="Left pads right, in detail.",
            help_uri="https://osv.dev/GHSA-aaaa-bbbb-cccc",
        ),
    )


@pytest.mark.parametrize(
    "groups",
    [None, [], [{"ids": []}], [{"ids": ["A"]}]],
    ids=["null", "none", "of nothing", "of one of them"],
)
def test_a_vulnerability_that_no_group_names_counts_by_itself(groups):
    scan = read_json(report(entry("A"), entry("B"), groups=groups))

    assert [each.rule for each in scan.findings] == ["A", "B"]


@pytest.mark.parametrize(
    ("given", "group", "severity"),
    [
        ({"severity": [{"type": "CVSS_V3", "score": VECTOR}]}, "", Severity.CRITICAL),
        (
            {"severity": [{"type": "CVSS_V3", "score": VECTOR}], "database_specific": {"severity": "LOW"}},
            "1.0",
            Severity.CRITICAL,
        ),
        ({"database_specific": {"severity": "MODERATE"}}, "9.9", Severity.MEDIUM),
        ({"database_specific": {"severity": 7}}, "7.5", Severity.HIGH),
        ({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]}, "9.3", Severity.CRITICAL),
        ({}, "", Severity.UNKNOWN),
        ({}, "much", Severity.UNKNOWN),
    ],
    ids=["vector", "vector before word", "word before group", "group", "version 4", "nothing", "no number"],
)
def test_severity_is_that_of_the_vector_then_of_the_word_then_of_the_group(given, group, severity):
    scan = read_json(report(entry(**given), groups=[{"ids": ["GHSA-1"], "max_severity": group}]))

    assert only(scan).severity is severity


@pytest.mark.parametrize(
    ("ecosystem", "name", "package"),
    [
        ("PyPI", "flask", "pkg:pypi/flask@1.0"),
        ("Maven", "org.acme:a", "pkg:maven/org.acme/a@1.0"),
        ("Go", "github.com/acme/a", "pkg:golang/github.com/acme/a@1.0"),
        ("Debian:12", "openssl", "openssl@1.0"),
    ],
)
def test_packages_are_named_as_package_urls_where_the_ecosystem_has_one(ecosystem, name, package):
    assert only(read_json(report(entry(), ecosystem=ecosystem, name=name))).package == package


def test_versions_that_mend_another_package_are_no_fix():
    affected = [
        {"package": {"name": name}, "ranges": [{"events": [{"introduced": "0"}, {"fixed": version}]}]}
        for name, version in (("left", "1.1"), ("left", "1.1"), ("right", "9"))
    ]

    assert only(read_json(report(entry(affected=affected)))).fixed_in == "1.1"


def test_a_licence_that_is_not_allowed_is_a_finding():
    scan = read_json(report(license_violations=["GPL-3.0"]))

    assert (only(scan).rule, only(scan).message, only(scan).category, only(scan).severity) == (
        "GPL-3.0",
        "left is under GPL-3.0, which is not allowed",
        "license",
        Severity.UNKNOWN,
    )


def test_an_empty_list_is_a_clean_run_of_a_tool_that_lists_only_what_it_found():
    scan = read_json({"results": []}, format="osv")

    assert (scan.findings, scan.analysed, scan.notes) == (
        (),
        None,
        ("The report names no source: OSV-Scanner lists only those with findings.",),
    )


@pytest.mark.parametrize("document", [{}, {"results": None}, {"results": {}}, {"results": [{"packages": []}]}])
def test_what_is_no_report_of_osv_scanner_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="osv")
