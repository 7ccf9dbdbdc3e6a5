"""GitLab's security reports: rules and packages, flags, and whether the scanner came to its end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity, Waiver
from tests.scans.samples import read_json, read_sample

SCAN = {"scanner": {"name": "Semgrep", "version": "1.97.0"}, "type": "sast", "status": "success"}


def report(*vulnerabilities, version="15.0.7", **more):
    return {"version": version, "vulnerabilities": list(vulnerabilities), "scan": SCAN, **more}


def found(**more):
    return {
        "id": "0b2c",
        "name": "Injection",
        "severity": "High",
        "location": {"file": "src/app.py", "start_line": 7, "end_line": 9},
        "identifiers": [{"type": "semgrep_id", "name": "sqli rule", "value": "sqli", "url": "https://rule.test"}],
        **more,
    }


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_vulnerability_becomes_a_finding_of_the_scanner():
    scan = read_json(report(found()))

    assert (scan.tool, scan.version, scan.categories, scan.findings) == (
        "Semgrep",
        "1.97.0",
        ("sast",),
        (
            Finding(
                rule="sqli",
                message="Injection",
                severity=Severity.HIGH,
                tool="Semgrep",
                is_security=True,
                location=Location("src/app.py", 7, None, 9),
                category="sast",
                native="0b2c",
            ),
        ),
    )


def test_a_dependency_is_named_by_its_cve_and_a_flagged_finding_does_not_count():
    scan = read_sample("gitlab-security/gl-dependency-scanning-report-15.json")

    finding = only(scan)
    assert (finding.rule, finding.package, finding.fixed_in, finding.location) == (
        "CVE-2020-7598",
        "minimist@0.0.8",
        "1.2.8",
        Location("web/package-lock.json"),
    )
    assert [each.waiver for each in scan.suppressed] == [
        Waiver(id="sqli", reason="the input is a constant", source="gitlab flag post-analyzer VET")
    ]


@pytest.mark.parametrize(
    ("solution", "fixed_in"),
    [
        ("Upgrade libssl1.1 to 1.1.1d-r0", "1.1.1d-r0"),
        ("Upgrade to version 1.2.8 or above.", "1.2.8"),
        ("Upgrade to versions 1.2.8, 2.0.1 or above.", "1.2.8, 2.0.1"),
        ("No solution provided", None),
        ("", None),
    ],
)
def test_a_solution_that_names_a_version_is_a_fix(solution, fixed_in):
    finding = only(read_json(report(found(solution=solution))))

    assert (finding.fixed_in, finding.fixable) == (fixed_in, fixed_in is not None)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"identifiers": []}, "Injection"),
        ({"identifiers": None}, "Injection"),
        ({"identifiers": None, "name": "", "cve": "a:b:c"}, "a:b:c"),
        ({"identifiers": None, "name": ""}, "unnamed"),
        ({"identifiers": [{"type": "cwe", "name": "CWE-1"}]}, "CWE-1"),
    ],
)
def test_a_rule_has_a_name_even_where_nothing_identifies_it(given, rule):
    assert only(read_json(report(found(**given)))).rule == rule


@pytest.mark.parametrize(
    ("scan", "complete", "notes"),
    [
        (SCAN, True, ()),
        (SCAN | {"status": "failure"}, False, ("The scan did not end well: its status is failure.",)),
        ({"type": "sast"}, False, ("The scan did not end well: its status is not given.",)),
        (
            SCAN | {"messages": [{"level": "warn", "value": "slow"}, {"level": "fatal", "value": "disk full"}]},
            False,
            ("The scanner reported an error of its own: disk full",),
        ),
    ],
    ids=["success", "failure", "no status", "fatal message"],
)
def test_only_a_scan_that_ended_well_is_complete(scan, complete, notes):
    read = read_json(report(scan=scan))

    assert (read.complete, read.notes) == (complete, notes)


@pytest.mark.parametrize("version", ["14.0.0", "15.2.1"])
def test_no_vulnerability_and_no_scan_is_no_evidence_where_the_schema_demands_one(version):
    with pytest.raises(ReportError, match="nothing shows that a scanner ran"):
        read_json({"version": version, "vulnerabilities": []})


def test_a_schema_that_knew_no_scan_is_read_with_a_note():
    scan = read_sample("gitlab-security/gl-sast-report-0-vuln.json")

    assert (scan.findings, scan.complete, scan.notes) == (
        (),
        True,
        ("Schema 2.3 does not say which scanner ran, nor whether it came to its end.",),
    )


def test_the_end_of_the_scan_is_its_time():
    scan = read_json(report(scan=SCAN | {"end_time": "2026-01-02T03:04:05"}))

    assert scan.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_what_stands_around_a_secret_is_never_read():
    scan = read_sample("gitlab-security/gitlab_secret_detection_report_3_vuln_v15.json")

    assert [each for each in (*scan.findings, *scan.rules) if "AKIA" in repr(each)] == []


@pytest.mark.parametrize(
    "document",
    [{"version": "15.0.0"}, {"version": 15, "vulnerabilities": []}, report() | {"vulnerabilities": None}, report("x")],
    ids=["no list", "number", "null", "text"],
)
def test_what_is_no_security_report_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="gitlab-security")
