"""One scan in several formats: the same findings, with the same identity."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.judging.fingerprint import identify
from deliverygate.model import Finding, Location, Severity
from tests.scans.samples import read_json, read_sample, read_sarif


def identities(name: str) -> list[str]:
    return sorted(finding.fingerprint for finding in identify(read_sample(name)).findings)


FORMS_OF_AN_IMAGE = [
    "trivy/alpine-310.sarif",
    "codequality/trivy.json",
    "same-scan/alpine-310.gitlab",
    "same-scan/alpine-310.junit",
]


@pytest.mark.parametrize("name", FORMS_OF_AN_IMAGE)
def test_an_image_has_the_same_four_findings_in_each_format(name):
    wanted = identities("trivy/alpine-310.json")

    assert (identities(name), len(set(wanted))) == (wanted, 4)


def test_a_list_of_packages_is_no_form_of_the_findings():
    with pytest.raises(ReportError, match="no reader recognises"):
        read_sample("same-scan/alpine-310.gsbom")


@pytest.mark.parametrize(
    ("form", "own"),
    [
        ("same-scan/pip.sarif", "trivy/pip.json"),
        ("same-scan/pip.junit", "trivy/pip.json"),
        ("same-scan/pip.gitlab-codequality", "trivy/pip.json"),
        ("same-scan/secrets.sarif", "trivy/secrets.json"),
        ("same-scan/secrets.junit", "trivy/secrets.json"),
        ("same-scan/secrets.gitlab-codequality", "trivy/secrets.json"),
        ("same-scan/dockerfile.sarif", "trivy/dockerfile.json"),
        ("same-scan/license-cyclonedx.sarif", "trivy/license-cyclonedx.json"),
    ],
)
def test_packages_secrets_checks_and_licences_keep_their_identity_in_other_formats(form, own):
    assert identities(form) == identities(own)


@pytest.mark.parametrize("form", ["same-scan/pip.gitlab", "same-scan/pip.cdx.json"])
def test_formats_that_name_no_file_keep_rule_package_and_severity(form):
    own, other = read_sample("trivy/pip.json"), read_sample(form)

    def told(findings):
        return sorted(
            (each.tool, each.rule, each.package.lower().split("/")[-1], each.severity.name) for each in findings
        )

    assert (told(other.findings), [each.location for each in other.findings]) == (told(own.findings), [None, None])


def test_a_secret_of_trivys_sarif_is_told_without_what_stands_around_it():
    text = "Artifact: deploy.sh\nType: \nSecret AWS Access Key ID\nSeverity: CRITICAL\nMatch: export KEY=hunter2"
    place = {"physicalLocation": {"artifactLocation": {"uri": "deploy.sh"}, "region": {"startLine": 3}}}

    scan = read_sarif(
        {"ruleId": "aws-access-key-id", "message": {"text": text}, "locations": [place]},
        tool={"driver": {"name": "Trivy"}},
    )

    assert scan.findings == (
        Finding(
            rule="aws-access-key-id",
            message="AWS Access Key ID in deploy.sh",
            severity=Severity.MEDIUM,
            tool="Trivy",
            is_security=True,
            level="warning",
            location=Location("deploy.sh", 3),
        ),
    )


@pytest.mark.parametrize("text", ["", "Package: x", "Artifact: a\nType: b", "anything else"])
def test_other_messages_of_trivys_sarif_stay_as_they_are(text):
    scan = read_sarif({"ruleId": "R", "message": {"text": text}}, tool={"driver": {"name": "Trivy"}})

    assert [finding.message for finding in scan.findings] == [text or "R"]


def test_the_same_words_of_another_tool_stay_as_they_are():
    text = "Package: left\nInstalled Version: 1.0\nVulnerability V\nSeverity: HIGH\nFixed Version: 1.1\n"

    scan = read_sarif({"ruleId": "R", "message": {"text": text}}, tool={"driver": {"name": "demo"}})

    assert [(finding.message, finding.package) for finding in scan.findings] == [(text, None)]


def test_an_entry_of_a_check_or_a_secret_in_code_quality_is_told_by_its_rule():
    def entry(description):
        place = {"path": "Dockerfile", "lines": {"begin": 3}}
        return {"check_name": "container_scanning", "description": description, "fingerprint": "f", "location": place}

    scan = read_json([entry("Misconfig - DS-0002 - Image user - root"), entry("Secret - mysecret - My Secret")])

    assert [(finding.rule, finding.message) for finding in scan.findings] == [
        ("DS-0002", "Image user - root"),
        ("mysecret", "My Secret in Dockerfile"),
    ]


SEMGREP = [
    "semgrep/close_old_findings_report_line31.json",
    "semgrep/close_old_findings_report_second_run_line24.json",
    "semgrep/close_old_findings_report_third_run_different_unique_id.json",
]


def test_a_finding_of_semgrep_that_moves_and_gets_another_id_stays_the_same():
    assert len({tuple(identities(name)) for name in SEMGREP}) == 1
