"""Resources of the Trivy Operator: vulnerabilities, checks, secrets, controls, and kinds that prove nothing."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample

WEB = Location("shop/ReplicaSet/web")


def resource(kind, *, name="web-7d4b9c6f5d", of="ReplicaSet", container=None, **report):
    labels = {"kind": of, "name": name, "namespace": "shop"}
    found = {f"trivy-operator.resource.{key}": value for key, value in labels.items()}
    if container:
        found["trivy-operator.container.name"] = container
    return {
        "apiVersion": "aquasecurity.github.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": "report", "labels": found},
        "report": {"scanner": {"name": "Trivy", "version": "0.58.1"}, **report},
    }


def vulnerable(**more):
    return {"vulnerabilityID": "CVE-2026-1", "severity": "HIGH", "resource": "left", "installedVersion": "1.0", **more}


def check(**more):
    return {"checkID": "KSV014", "severity": "LOW", "success": False, "title": "Not read-only", **more}


def test_a_list_of_all_kinds_gives_the_findings_of_each():
    scan = read_sample("trivy-operator/list.json")
    common = {"tool": "Trivy", "location": WEB, "is_security": True}

    assert scan.findings == (
        Finding(
            rule="CVE-2019-1549",
            message="openssl: information disclosure in fork()",
            severity=Severity.CRITICAL,
            category="os-pkgs",
            package="pkg:apk/alpine/libssl1.1@1.1.1c-r0?arch=x86_64&distro=3.10.2",
            fixed_in="1.1.1d-r0",
            fixable=True,
            **common,
        ),
        Finding(
            rule="CVE-2026-2",
            message="CVE-2026-2 in left",
            severity=Severity.UNKNOWN,
            category="lang-pkgs",
            package="left@1.0",
            tool="Trivy",
            is_security=True,
            location=Location("app/node_modules/left/package.json"),
        ),
        Finding(
            rule="KSV014",
            message="Container 'web' of ReplicaSet 'web' should set 'securityContext.readOnlyRootFilesystem' to true",
            severity=Severity.HIGH,
            category="config",
            **common,
        ),
        Finding(
            rule="aws-secret-access-key",
            message="AWS Secret Access Key in root/aws.txt",
            severity=Severity.CRITICAL,
            category="secret",
            **common,
        ),
        Finding(
            rule="4.2.10",
            message="Ensure that TLS is set: 10 failed",
            severity=Severity.CRITICAL,
            category="compliance",
            tool="Trivy",
            is_security=True,
            location=Location("ClusterComplianceReport/cis"),
        ),
    )
    assert (scan.version, scan.end_of_life, scan.notes) == (
        "0.58.1",
        ("alpine 3.10.2",),
        (
            "1 check(s) of the configuration passed.",
            "1 resource(s) of kind SbomReport hold no findings and were not read.",
        ),
    )


@pytest.mark.parametrize(
    ("of", "name", "kept"),
    [
        ("ReplicaSet", "web-7d4b9c6f5d", "shop/ReplicaSet/web"),
        ("ReplicaSet", "web", "shop/ReplicaSet/web"),
        ("StatefulSet", "web-7d4b9c6f5d", "shop/StatefulSet/web-7d4b9c6f5d"),
    ],
)
def test_a_rollout_does_not_rename_the_object(of, name, kept):
    scan = read_json(resource("VulnerabilityReport", of=of, name=name, vulnerabilities=[vulnerable()]))

    assert [each.location for each in scan.findings] == [Location(kept)]


def test_replica_sets_of_earlier_rollouts_repeat_a_finding_and_other_containers_do_not():
    reports = [
        resource("VulnerabilityReport", name=name, container=container, vulnerabilities=[vulnerable()])
        for name, container in (("web-7d4b9c6f5d", "a"), ("web-5f6c9b4d7d", "a"), ("web-7d4b9c6f5d", "b"))
    ]

    assert len(read_json(reports).findings) == 2


@pytest.mark.parametrize(
    ("given", "rule", "message"),
    [
        ({"messages": ["a", "b"]}, "KSV014", "a; b"),
        ({"messages": None}, "KSV014", "Not read-only"),
        ({"checkID": ""}, "Not read-only", "Not read-only"),
        ({"checkID": "", "title": ""}, "unnamed", "unnamed"),
    ],
)
def test_a_check_has_a_rule_and_a_message_whatever_it_lacks(given, rule, message):
    (finding,) = read_json(resource("ConfigAuditReport", checks=[check(**given)])).findings

    assert (finding.rule, finding.message) == (rule, message)


def test_what_the_report_quotes_of_a_secret_is_not_read():
    scan = read_sample("trivy-operator/list.json")

    assert [each for each in (*scan.findings, *scan.rules) if "****" in repr(each)] == []


def test_a_report_without_findings_says_that_its_object_is_clean():
    scan = read_sample("trivy-operator/clean.json")

    assert (scan.findings, scan.complete, scan.tool) == ((), True, "Trivy")


@pytest.mark.parametrize(
    "document",
    [
        resource("VulnerabilityReport"),
        resource("VulnerabilityReport", vulnerabilities=None),
        resource("SbomReport", components={}),
        [],
        [resource("SbomReport")],
        {"apiVersion": "v1", "kind": "List", "items": []},
        resource("ConfigAuditReport", checks=[]) | {"apiVersion": "v1"},
        resource("VulnerabilityReport", vulnerabilities={}),
        resource("ConfigAuditReport", checks=[check(success="no")]),
    ],
    ids=["no list", "null", "parts", "none", "parts only", "empty List", "another group", "swapped", "text"],
)
def test_what_holds_no_report_of_findings_is_no_evidence(document):
    with pytest.raises(ReportError):
        read_json(document, format="trivy-operator")
