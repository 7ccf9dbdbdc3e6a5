"""Snyk's projects: one or many, containers, infrastructure code, what it ignored, what it could not test."""

from __future__ import annotations

from datetime import date

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def issue(**more):
    return {
        "id": "SNYK-JS-LEFT-1",
        "title": "Left pads right",
        "severity": "high",
        "packageName": "@acme/left",
        "version": "1.0.0",
        "fixedIn": ["1.1.0"],
        **more,
    }


def project(*issues, **more):
    return {
        "vulnerabilities": list(issues),
        "ok": not issues,
        "dependencyCount": 3,
        "packageManager": "npm",
        "displayTargetFile": "web/package-lock.json",
        "path": "/repo",
        **more,
    }


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_vulnerability_becomes_a_finding_in_the_file_that_declares_the_package():
    scan = read_json(project(issue(description="It pads.", url="https://snyk.test/1")), root="/repo")

    assert (scan.findings, scan.rules, scan.analysed) == (
        (
            Finding(
                rule="SNYK-JS-LEFT-1",
                message="Left pads right",
                severity=Severity.HIGH,
                tool="Snyk",
                is_security=True,
                location=Location("web/package-lock.json"),
                category="vuln",
                package="pkg:npm/%40acme/left@1.0.0",
                fixed_in="1.1.0",
                fixable=True,
            ),
        ),
        (Rule(id="SNYK-JS-LEFT-1", summary="Left pads right", why="It pads.", help_uri="https://snyk.test/1"),),
        ("web/package-lock.json",),
    )


def test_a_vulnerability_that_comes_on_two_ways_counts_once_at_its_worst():
    scan = read_json(project(issue(severity="low"), issue(), issue(version="2.0.0")))

    assert [(each.package, each.severity) for each in scan.findings] == [
        ("pkg:npm/%40acme/left@1.0.0", Severity.HIGH),
        ("pkg:npm/%40acme/left@2.0.0", Severity.HIGH),
    ]


def test_the_same_vulnerability_of_two_projects_counts_in_each():
    scan = read_json([project(issue()), project(issue(), displayTargetFile="api/package-lock.json")])

    assert [str(each.location) for each in scan.findings] == ["web/package-lock.json", "api/package-lock.json"]


@pytest.mark.parametrize(
    ("path", "target", "kept"),
    [
        ("/repo", "pom.xml", "pom.xml"),
        ("/repo/web", "pom.xml", "web/pom.xml"),
        ("web", "pom.xml", "web/pom.xml"),
        ("/builds/x", "web/pom.xml", "web/pom.xml"),
        ("C:\\workspace", "project-a\\pom.xml", "project-a/pom.xml"),
    ],
)
def test_the_place_is_below_the_checkout_or_as_snyk_shows_it(path, target, kept):
    scan = read_json(project(issue(), path=path, displayTargetFile=target), root="/repo")

    assert only(scan).location == Location(kept)


def test_a_package_of_an_operating_system_has_its_binary_name_and_no_place():
    finding = only(read_json(project(issue(packageName="openssl/libssl1.1"), packageManager="deb")))

    assert (finding.package, finding.location) == ("libssl1.1@1.0.0", None)


def test_critical_is_read_where_old_releases_hid_it():
    assert only(read_json(project(issue(severityWithCritical="critical")))).severity is Severity.CRITICAL


def test_an_application_inside_of_an_image_is_a_project_of_its_own():
    image = project(packageManager="apk", applications=[project(issue())])

    assert len(read_json(image).findings) == 1


def test_what_snyk_ignored_is_shown_and_an_end_that_nobody_can_read_makes_it_count():
    scan = read_sample("snyk/filtered-and-errored.json")

    assert ([each.rule for each in scan.findings], [(each.rule, each.waiver) for each in scan.suppressed]) == (
        ["SNYK-JS-LEFT-2"],
        [
            (
                "SNYK-JS-LEFT-1",
                Waiver(
                    id="SNYK-JS-LEFT-1",
                    reason="not reachable",
                    expires=date(2026, 12, 31),
                    source="snyk ignore cli",
                ),
            )
        ],
    )


def test_infrastructure_code_has_lines_and_is_not_mistaken_for_a_clean_project():
    scan = read_sample("snyk/iac.json", root="/repo")

    assert (scan.findings, [each.waiver for each in scan.suppressed], scan.notes) == (
        (
            Finding(
                rule="SNYK-CC-TF-4",
                message="Non-encrypted EBS volume: input.resource.aws_ebs_volume[data].encrypted",
                severity=Severity.HIGH,
                tool="Snyk",
                is_security=True,
                location=Location("deploy/main.tf", 7),
                category="iac",
            ),
        ),
        [Waiver(id="SNYK-CC-TF-45", reason="", source="snyk ignore")],
        (),
    )


def test_a_project_that_was_not_tested_leaves_the_report_incomplete():
    scan = read_json([project(), {"ok": False, "error": "no lock file", "path": "api"}])

    assert (scan.complete, scan.notes) == (False, ("api was not tested: no lock file",))


@pytest.mark.parametrize(
    "document",
    [
        {"ok": False, "error": "nothing found"},
        [{"ok": False, "error": "nothing found"}],
        [],
        {},
        {"ok": True, "dependencyCount": 3, "packageManager": "npm"},
        project() | {"vulnerabilities": None},
        project() | {"vulnerabilities": {}},
    ],
    ids=["errored", "all errored", "no project", "empty", "no list", "null", "swapped"],
)
def test_without_a_tested_project_there_is_no_evidence(document):
    with pytest.raises(ReportError):
        read_json(document, format="snyk")


def test_a_project_without_dependencies_is_told():
    assert read_json(project(dependencyCount=0)).notes == ("Snyk saw no dependency in web/package-lock.json.",)
