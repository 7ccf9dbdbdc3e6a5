"""Checkov's checks of one framework or several: failed, skipped, passed, and none at all."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def check(path="/s3.tf", **more):
    return {
        "check_id": "CKV_AWS_18",
        "check_name": "Ensure logging",
        "check_result": {"result": "FAILED"},
        "file_path": path,
        "file_line_range": [3, 12],
        "resource": "aws_s3_bucket.logs",
        **more,
    }


def report(*failed, passed=(), skipped=(), errors=(), counted=0):
    results = {
        "failed_checks": list(failed),
        "passed_checks": list(passed),
        "skipped_checks": list(skipped),
        "parsing_errors": list(errors),
    }
    return {"check_type": "terraform", "results": results, "summary": {"passed": counted, "checkov_version": "3.2"}}


def test_failed_checks_become_findings_and_their_frameworks_categories():
    scan = read_sample("checkov/list.json", root="/repo")

    assert (scan.findings, scan.categories, scan.version) == (
        (
            Finding(
                rule="CKV_AWS_18",
                message="Ensure CKV_AWS_18: aws_s3_bucket.logs",
                severity=Severity.HIGH,
                tool="Checkov",
                is_security=True,
                location=Location("infra/s3.tf", 3, None, 12),
                category="terraform",
            ),
            Finding(
                rule="CVE-2020-7598",
                message="SCA package scan: package-lock.json.minimist",
                severity=Severity.MEDIUM,
                tool="Checkov",
                is_security=True,
                location=Location("infra/package-lock.json"),
                category="sca_package",
                package="minimist@0.0.8",
                fixed_in="0.2.1",
                fixable=True,
            ),
        ),
        ("terraform", "sca_package"),
        "3.2.300",
    )


def test_skipped_checks_are_shown_with_their_comment():
    scan = read_sample("checkov/list.json")

    assert [each.waiver for each in scan.suppressed] == [
        Waiver(id="CKV_AWS_21", reason="logs need no versions", source="checkov skip")
    ]


def test_a_file_that_could_not_be_parsed_leaves_the_run_incomplete():
    scan = read_json(report(check(), errors=["/repo/a.tf", "b", "c", "d", "e"]))

    assert (scan.complete, scan.notes) == (
        False,
        (
            "Checkov could not parse /repo/a.tf.",
            "Checkov could not parse b.",
            "Checkov could not parse c.",
            "Checkov could not parse 2 further files.",
        ),
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"file_abs_path": "/repo/infra/s3.tf", "repo_file_path": "/other.tf"}, "infra/s3.tf"),
        ({"file_abs_path": "/builds/s3.tf", "repo_file_path": "/infra/s3.tf"}, "infra/s3.tf"),
        ({}, "s3.tf"),
    ],
    ids=["below the checkout", "another machine", "old"],
)
def test_the_place_is_as_near_to_the_checkout_as_the_report_knows(given, kept):
    scan = read_json(report(check(**given)), root="/repo")

    assert scan.findings[0].location == Location(kept, 3, None, 12)


def test_passed_checks_tell_which_files_were_looked_at():
    scan = read_json(report(check(), passed=[check("/net.tf", check_result={"result": "PASSED"})], counted=1))

    assert (scan.analysed, scan.notes) == (("s3.tf", "net.tf"), ("1 check(s) passed.",))


def test_where_passed_checks_are_only_counted_nobody_knows_the_files():
    scan = read_json(report(counted=4))

    assert (scan.findings, scan.analysed, scan.notes) == ((), None, ("4 check(s) passed.",))


def test_without_the_platform_a_severity_is_unknown():
    scan = read_json(report(check(severity=None, guideline="https://guide.test")))

    assert (scan.findings[0].severity, scan.rules) == (
        Severity.UNKNOWN,
        (Rule(id="CKV_AWS_18", summary="Ensure logging", help_uri="https://guide.test"),),
    )


@pytest.mark.parametrize(
    "document",
    [
        report(),
        [],
        [report(), report()],
        {"passed": 0, "failed": 0, "checkov_version": "3.2"},
        {"check_type": "terraform"},
        report() | {"results": None},
    ],
    ids=["no check", "no framework", "no check in any", "counters alone", "no results", "null"],
)
def test_no_check_at_all_is_no_evidence(document):
    with pytest.raises(ReportError):
        read_json(document, format="checkov")
