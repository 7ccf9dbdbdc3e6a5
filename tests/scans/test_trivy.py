"""Trivy's reports in every shape: what counts, what the report took out itself, what is no evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import by_severity, read_json, read_sample


def report(*results, **more):
    return {"SchemaVersion": 2, "ArtifactName": "shop", "Results": list(results), **more}


def vulnerable(target="package-lock.json", *, kind="lang-pkgs", **more):
    item = {"VulnerabilityID": "CVE-2026-1", "PkgName": "left", "InstalledVersion": "1.0", "Severity": "HIGH", **more}
    return {"Target": target, "Class": kind, "Vulnerabilities": [item]}


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_vulnerability_becomes_a_finding_with_package_fix_and_rule():
    scan = read_json(
        report(
            vulnerable(
                PkgIdentifier={"PURL": "pkg:npm/left@1.0"},
                FixedVersion="1.1, 2.0",
                Status="fixed",
                Title="left pads right",
                Description="It pads.",
                PrimaryURL="https://cve.test/1",
            )
        )
    )

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="CVE-2026-1",
                message="left pads right",
                severity=Severity.HIGH,
                tool="Trivy",
                is_security=True,
                location=Location("package-lock.json"),
                category="lang-pkgs",
                package="pkg:npm/left@1.0",
                fixed_in="1.1, 2.0",
                fixable=True,
            ),
        ),
        (Rule(id="CVE-2026-1", summary="left pads right", why="It pads.", help_uri="https://cve.test/1"),),
    )


@pytest.mark.parametrize(
    ("given", "fixable"),
    [
        ({"Status": "fixed"}, True),
        ({"Status": "fixed", "FixedVersion": "1.1"}, True),
        ({"Status": "affected", "FixedVersion": "1.1"}, False),
        ({"Status": "will_not_fix"}, False),
        ({"Status": "end_of_life"}, False),
        ({"FixedVersion": "1.1"}, True),
        ({"FixedVersion": ""}, False),
        ({}, False),
    ],
)
def test_fixable_is_what_the_status_says_and_else_what_the_fixed_version_says(given, fixable):
    assert only(read_json(report(vulnerable(**given)))).fixable is fixable


def test_every_value_of_status_is_read():
    scan = read_sample("trivy/all_statuses.json")

    assert (len(scan.findings), [finding.rule for finding in scan.findings if finding.fixable]) == (
        8,
        ["CVE-2018-1000876"],
    )


@pytest.mark.parametrize(
    ("written", "severity"),
    [("CRITICAL", "CRITICAL"), ("low", "LOW"), ("Negligible", "INFO"), ("", "UNKNOWN"), ("SEVERE", "UNKNOWN")],
)
def test_severities_are_trivys_own_and_unknown_stays_unknown(written, severity):
    assert only(read_json(report(vulnerable(Severity=written)))).severity is Severity[severity]


@pytest.mark.parametrize(
    ("result", "path"),
    [
        (vulnerable("package-lock.json"), "package-lock.json"),
        (vulnerable("/repo/web/package-lock.json"), "web/package-lock.json"),
        (vulnerable("Java", PkgPath="app/a.jar"), "app/a.jar"),
        (vulnerable("Java"), None),
        (vulnerable("alpine:3.20 (alpine 3.20.1)", kind="os-pkgs"), None),
        (vulnerable("alpine:3.10 (alpine 3.10.9)", kind=""), None),
        (vulnerable("Gemfile.lock", kind=""), "Gemfile.lock"),
        (vulnerable("../outside/go.mod"), "../outside/go.mod"),
    ],
    ids=["file", "absolute", "in a jar", "jars", "image", "image of old", "file of old", "outside"],
)
def test_a_target_is_a_path_only_where_it_is_one(result, path):
    where = only(read_json(report(result), root="/repo")).location

    assert (where and where.path) == path


def test_only_failed_checks_of_the_configuration_count():
    checks = [
        {"ID": f"DS-{number}", "Message": "m", "Severity": "LOW", "Status": status, "CauseMetadata": {"StartLine": 3}}
        for number, status in enumerate(["PASS", "FAIL", "EXCEPTION", "", "WHATEVER"])
    ]
    summary = {"Successes": 1, "Failures": 5, "Exceptions": 1}

    scan = read_json(
        report({"Target": "Dockerfile", "Class": "config", "MisconfSummary": summary, "Misconfigurations": checks})
    )

    assert ([finding.rule for finding in scan.findings], str(scan.findings[0].location), scan.notes) == (
        ["DS-1", "DS-3", "DS-4"],
        "Dockerfile:3",
        (
            "2 failed check(s) were counted by Trivy and not listed.",
            "1 check(s) of the configuration passed.",
            "1 check(s) of the configuration were excepted.",
        ),
    )


@pytest.mark.parametrize("name", ["trivy/secrets.json", "trivy/misconfigurations_and_secrets.json"])
def test_nothing_that_a_report_quotes_around_a_secret_leaves_the_reader(name):
    scan = read_sample(name)

    text = msgspec.json.encode(scan)
    quoted = [b"ghp_", b"AWS_ACCESS_KEY_ID", b"GITHUB_PAT", b"****", b"export "]
    assert [piece for piece in quoted if piece in text] == []


def test_a_secret_is_told_by_its_kind_and_place():
    first = read_sample("trivy/secrets.json").findings[0]

    assert (first.rule, first.message, str(first.location), first.category) == (
        "aws-access-key-id",
        "AWS Access Key ID in deploy.sh",
        "deploy.sh:3",
        "secret",
    )


def test_two_secrets_in_one_line_are_two_findings():
    secret = {"RuleID": "token", "Severity": "HIGH", "StartLine": 1, "EndLine": 1}
    result = {"Target": "a.sh", "Class": "secret", "Secrets": [{**secret, "Offset": 1}, {**secret, "Offset": 40}]}

    assert len(read_json(report(result)).findings) == 2


def test_a_licence_is_told_with_its_package():
    first = read_sample("trivy/license-cyclonedx.json").findings[0]

    assert (first.rule, first.message, first.package, first.severity) == (
        "EPL-1.0",
        "org.eclipse.sisu:org.eclipse.sisu.plexus is under EPL-1.0 (reciprocal)",
        "org.eclipse.sisu:org.eclipse.sisu.plexus",
        Severity.MEDIUM,
    )


def test_what_a_vex_document_took_out_is_shown_and_does_not_count():
    scan = read_sample("trivy/npm-with-suppressed.json")

    assert [(finding.rule, finding.waiver) for finding in scan.suppressed] == [
        (
            "CVE-2017-16137",
            Waiver(id="CVE-2017-16137", reason="vulnerable_code_not_in_execute_path", source="trivy ./vex.json"),
        )
    ]


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("misconfiguration", {"ID": "DS-1", "Status": "FAIL"}),
        ("secret", {"RuleID": "DS-1", "Match": "x"}),
        ("license", {"Name": "DS-1", "PkgName": "x"}),
    ],
)
def test_every_kind_of_finding_can_be_taken_out(kind, finding):
    modified = {"Type": kind, "Status": "ignored", "Source": ".trivyignore", "Finding": finding}
    result = {"Target": "a", "Class": "x", "ExperimentalModifiedFindings": [modified]}

    scan = read_json(report(result))

    assert (scan.findings, [(finding.rule, finding.waiver.reason) for finding in scan.suppressed]) == (
        (),
        [("DS-1", "ignored")],
    )


def test_entries_that_only_repeat_another_are_dropped_and_told():
    scan = read_json(report(vulnerable(), vulnerable(Severity="CRITICAL"), vulnerable("other/package-lock.json")))

    assert ([(f.severity.name, f.location.path) for f in scan.findings], scan.notes) == (
        [("CRITICAL", "package-lock.json"), ("HIGH", "other/package-lock.json")],
        ("1 entries that only repeat another one were dropped.",),
    )


@pytest.mark.parametrize("key", ["EOSL", "Eosl"])
def test_an_operating_system_without_updates_is_told(key):
    metadata = {"OS": {"Family": "alpine", "Name": "3.10.2", key: True}}

    scan = read_json(report({"Target": "x (alpine 3.10.2)", "Class": "os-pkgs"}, Metadata=metadata))

    assert (scan.findings, scan.end_of_life) == ((), ("alpine 3.10.2",))


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2021-08-25T12:20:30.000000005Z", datetime(2021, 8, 25, 12, 20, 30, tzinfo=UTC)),
        ("2024-09-09T13:21:09+06:00", datetime(2024, 9, 9, 7, 21, 9, tzinfo=UTC)),
        ("2024-09-09T13:21:09", datetime(2024, 9, 9, 13, 21, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_time_of_the_scan_is_read_when_there_is_one(written, time):
    assert read_json(report({"Target": "a"}, CreatedAt=written)).created_at == time


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        report(),
        report(Results=None),
        {"SchemaVersion": 2, "ArtifactName": "shop"},
        {"ClusterName": "c"},
        {"ClusterName": "c", "Resources": []},
        {"ClusterName": "c", "Resources": [{"Kind": "Pod", "Name": "a"}]},
    ],
    ids=["null", "[]", "empty", "null Results", "absent", "cluster", "no resources", "no results"],
)
def test_nothing_scanned_is_an_error_with_the_cure(document):
    with pytest.raises(ReportError, match=r"nothing was scanned; check what Trivy was pointed at"):
        read_json(document, format="trivy")


@pytest.mark.parametrize(
    "document",
    [
        report({"Target": "a"}, SchemaVersion=3),
        {"Results": [{"Target": "a"}]},
        {"SchemaVersion": "2", "Results": [{"Target": "a"}]},
        report({"Class": "os-pkgs"}),
        report({"Target": "a", "Vulnerabilities": {}}),
        report({"Target": "a", "Vulnerabilities": [{"PkgName": "no id"}]}),
        report({"Target": "a", "Secrets": [{"RuleID": 5}]}),
        {"ID": "k8s-nsa", "Title": "NSA", "Results": [{"ID": "1.0", "Results": []}]},
        7,
    ],
    ids=[
        "schema 3",
        "no schema",
        "text schema",
        "no target",
        "swapped",
        "no id",
        "number",
        "compliance",
        "number only",
    ],
)
def test_what_is_no_trivy_report_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="trivy")


def test_the_list_of_old_releases_is_read_and_null_means_clean():
    scan = read_json([vulnerable("a/Pipfile.lock", kind=""), {"Target": "b", "Type": "npm", "Vulnerabilities": None}])

    assert (scan.format, [str(finding.location) for finding in scan.findings]) == ("trivy", ["a/Pipfile.lock"])


def test_a_cluster_is_told_by_its_objects_and_an_object_that_failed_leaves_it_incomplete():
    image = vulnerable("redis:6 (debian 10.4)", kind="os-pkgs")
    document = {
        "ClusterName": "prod",
        "Resources": [
            {"Namespace": "shop", "Kind": "Deployment", "Name": "a", "Results": [image]},
            {"Namespace": "shop", "Kind": "Deployment", "Name": "b", "Results": [image]},
            {"Namespace": "shop", "Kind": "Pod", "Name": "c", "Error": "image not found"},
        ],
    }

    scan = read_json(document)

    assert ([finding.location.path for finding in scan.findings], scan.complete, scan.notes) == (
        ["shop/Deployment/a", "shop/Deployment/b"],
        False,
        ("Pod/c was not scanned: image not found",),
    )


def test_a_real_cluster_report_of_an_old_release_counts_both_of_its_lists():
    scan = read_sample("trivy/kubernetes.json")

    classes = [finding.category for finding in scan.findings]
    assert (classes.count("os-pkgs"), classes.count("config"), by_severity(scan)) == (10, 10, {"MEDIUM": 6, "LOW": 14})


def test_custom_resources_are_told():
    result = {"Target": "a", "Class": "custom", "CustomResources": [{"Type": "x"}]}

    assert read_json(report(result)).notes == ("1 custom resource(s) were not looked at.",)


def test_a_report_says_which_trivy_wrote_it():
    assert (read_sample("trivy/pip.json").version, read_sample("trivy/kubernetes.json").version) == ("dev", None)
