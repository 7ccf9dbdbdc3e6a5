"""Compliance reports of the Trivy Operator: in summary, and with their checks."""

from __future__ import annotations

import pytest

from deliverygate.model import Severity
from tests.scans.samples import read_json


def report(**status):
    return {
        "apiVersion": "aquasecurity.github.io/v1alpha1",
        "kind": "ClusterComplianceReport",
        "metadata": {"name": "cis"},
        "status": status,
    }


def check(success=False, **more):
    return {"checkID": "KSV-0036", "severity": "CRITICAL", "success": success, "target": "shop/Deployment/web", **more}


def control(*checks, id="5.1.6", **more):  # noqa: A002
    return {
        "id": id,
        "name": "Tokens are mounted only where needed",
        "severity": "HIGH",
        "checks": list(checks),
        **more,
    }


def details(*controls, **summary):
    return report(detailReport={"results": list(controls)}, summary=summary)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (details(control(check()), failCount=1), [("KSV-0036", Severity.CRITICAL)]),
        (details(control(check(severity="")), failCount=1), [("KSV-0036", Severity.HIGH)]),
        (details(control(check(checkID="")), failCount=1), [("5.1.6", Severity.CRITICAL)]),
        (details(control(check(), check(target="shop/Deployment/api")), failCount=1), [("KSV-0036", Severity.CRITICAL)] * 2),
        (details(control(check(), check(target="shop/Deployment/api")), failCount=2), [("KSV-0036", Severity.CRITICAL)] * 2),
        (details(control(status="FAIL"), control(check(success=True))), [("5.1.6", Severity.HIGH)]),
        (details(control(check(success=True)), failCount=0), []),
        (
            report(summaryReport={"controlCheck": [{"id": "1.1", "severity": "LOW", "totalFail": 3}]}, summary={"failCount": 1}),
            [("1.1", Severity.LOW)],
        ),
        (report(summaryReport={"controlCheck": [{"id": "1.1", "severity": "LOW", "totalFail": 0}]}), []),
    ],
    ids=[
        "a check", "severity of the control", "rule of the control", "two checks of a control", "counted by check",
        "by hand", "clean", "in summary", "clean in summary",
    ],
)  # fmt: skip
def test_each_failed_check_or_control_is_a_finding(document, found):
    scan = read_json(document)

    assert ([(each.rule, each.severity) for each in scan.findings], scan.complete) == (found, True)


@pytest.mark.parametrize(
    ("document", "note"),
    [
        (details(control(check(success=True)), failCount=2), "counts 2 finding(s) that it does not list"),
        (details(control(), control(id="1.1")), "has no control that a check looked at"),
        (report(summaryReport={"controlCheck": [{"id": "1.1"}]}), "has no control that a check looked at"),
    ],
    ids=["lost", "no checks", "no totals"],
)
def test_controls_that_nothing_looked_at_leave_the_report_incomplete(document, note):
    scan = read_json(document)

    assert (scan.complete, note in scan.notes[0]) == (False, True)


def test_a_control_without_a_check_beside_others_is_only_told():
    scan = read_json(details(control(), control(check(success=True), id="1.1")))

    assert (scan.complete, scan.notes) == (
        True,
        ("1 control(s) have no check that looks at them: judge them by hand.",),
    )
