"""What a report says of itself beside its findings: where that speaks of more than is listed, it is not whole."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.scans import read
from tests.scans.samples import SAMPLES, read_json

OPERATOR = {"apiVersion": "aquasecurity.github.io/v1alpha1", "metadata": {"name": "web"}}
CHECKOV = {"failed_checks": [], "passed_checks": [{"check_id": "A", "file_path": "/a.tf"}]}
SNYK = {"vulnerabilities": [], "dependencyCount": 3, "packageManager": "npm", "projectName": "shop"}
PACKAGE = {"severity": "high", "via": []}

LOST = [
    (
        "gosec",
        {"Stats": {"files": 1, "found": 4}, "Issues": []},
        ("4 issue(s) were counted and not listed.",),
    ),
    (
        "kics",
        {"files_scanned": 2, "queries": [], "total_counter": 3},
        ("3 result(s) were counted and not listed.",),
    ),
    (
        "checkov",
        {"check_type": "terraform", "results": CHECKOV, "summary": {"passed": 1, "failed": 2}},
        ("2 failed check(s) were counted and not listed.", "1 check(s) passed."),
    ),
    (
        "checkov",
        {"check_type": "terraform", "results": {"failed_checks": []}, "summary": {"passed": 1, "parsing_errors": 2}},
        ("Checkov could not parse 2 files.", "1 check(s) passed."),
    ),
    (
        "npm-audit",
        {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 2}}},
        ("2 vulnerable package(s) were counted and not listed.",),
    ),
    (
        "npm-audit",
        {"auditReportVersion": 2, "vulnerabilities": {"left": PACKAGE, "right": PACKAGE | {"via": ["gone"]}}},
        ("2 vulnerable package(s) are listed without the advisory that says why.",),
    ),
    (
        "osv",
        {"results": [{"source": {"path": "a.lock"}, "packages": []}]},
        ("1 source(s) are named without a package: the report is not whole.",),
    ),
    ("snyk", SNYK | {"ok": False}, ("shop is not ok, and lists no issue.",)),
    ("snyk", SNYK | {"ok": False, "uniqueCount": 2}, ("shop counts 2 vulnerabilities and lists 0.",)),
    (
        "trivy-operator",
        OPERATOR | {"kind": "VulnerabilityReport", "report": {"vulnerabilities": [], "summary": {"criticalCount": 1}}},
        ("VulnerabilityReport web counts 1 finding(s) that it does not list.",),
    ),
    (
        "trivy-operator",
        OPERATOR
        | {
            "kind": "ClusterComplianceReport",
            "status": {"summary": {"failCount": 1}, "summaryReport": {"controlCheck": []}},
        },
        ("ClusterComplianceReport web counts 1 finding(s) that it does not list.",),
    ),
    (
        "trivy-operator",
        [
            OPERATOR | {"kind": "ConfigAuditReport", "report": {}},
            OPERATOR | {"kind": "ConfigAuditReport", "report": {"checks": []}},
        ],
        (
            "ConfigAuditReport web lists no findings, not even none.",
            "1 resource(s) of kind ConfigAuditReport hold no findings and were not read.",
        ),
    ),
]


@pytest.mark.parametrize(("format", "document", "notes"), LOST, ids=[f"{row[0]} {row[2][0]}" for row in LOST])
def test_a_report_that_speaks_of_more_than_it_lists_is_not_complete(format, document, notes):  # noqa: A002
    scan = read_json(document, format=format)

    assert (scan.findings, scan.complete, scan.notes) == ((), False, notes)


def test_what_bandit_counts_and_does_not_list_is_told_since_its_options_leave_results_out():
    metrics = {"_totals": {"SEVERITY.HIGH": 1.0, "SEVERITY.LOW": 2}, "app.py": {"loc": 9}}

    scan = read_json({"results": [], "metrics": metrics, "errors": []})

    assert (scan.complete, scan.notes) == (True, ("Bandit counted 3 finding(s) and lists 0.",))


def test_an_element_that_checkstyle_does_not_know_may_be_an_error():
    document = b'<checkstyle><file name="a.java"><errror severity="error" message="Too long."/></file></checkstyle>'

    scan = read(document, path="r")

    assert (scan.complete, scan.notes) == (
        False,
        ("The report holds <errror>, which the format does not know: it may be an error.",),
    )


def test_a_group_of_osv_counts_though_nothing_describes_it():
    package = {"package": {"name": "left", "version": "1.0", "ecosystem": "npm"}, "vulnerabilities": []}
    package |= {"groups": [{"ids": ["GHSA-1", "CVE-1"], "max_severity": "9.8"}, {"ids": ["CVE-1"]}, {"ids": []}]}

    scan = read_json({"results": [{"source": {"path": "a.lock"}, "packages": [package]}]})

    assert [(each.rule, each.severity.name, each.package) for each in scan.findings] == [
        ("GHSA-1", "CRITICAL", "pkg:npm/left@1.0")
    ]


FOREIGN = [
    ("osv", "semgrep/clean-1.182.json", "'engine_requested' is no key of OSV-Scanner's"),
    ("osv", "bandit/no_vuln.json", "'errors' is no key of OSV-Scanner's"),
    ("semgrep", "bandit/no_vuln.json", "'generated_at' is no key of Semgrep's old reports"),
    ("snyk", "cyclonedx/clean-1.5.json", "it lacks `ok`"),
    ("snyk", "gitlab-security/gl-sast-report-clean-15.json", "it lacks `ok`"),
]


@pytest.mark.parametrize(("format", "name", "what"), FOREIGN)
def test_the_empty_list_of_another_tool_is_no_clean_run_of_this_one(format, name, what):  # noqa: A002
    with pytest.raises(ReportError, match=what):
        read((SAMPLES / name).read_bytes(), path="r", format=format)


def test_a_dependency_with_neither_an_outcome_nor_a_reason_is_an_error():
    dependencies = [{"name": "flask", "version": "3", "vulns": []}, {"name": "left", "version": "1"}]

    with pytest.raises(ReportError, match="says of 'left' neither what was found nor why it was skipped"):
        read_json({"dependencies": dependencies, "fixes": []})
