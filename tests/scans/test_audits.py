"""The audits of PyPI's and npm's packages: advisories, fixes, and what was not audited."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Severity
from tests.scans.samples import read_json, read_sample


def test_a_vulnerability_of_pip_audit_becomes_a_finding_of_unknown_severity():
    scan = read_sample("pip-audit/bad.json")

    assert (scan.findings[0], scan.rules[0], scan.notes, scan.complete) == (
        Finding(
            rule="PYSEC-2019-179",
            message="PYSEC-2019-179 in flask 0.5",
            severity=Severity.UNKNOWN,
            tool="pip-audit",
            is_security=True,
            package="pkg:pypi/flask@0.5",
            aliases=("CVE-2019-1010083", "GHSA-5wv5-4vpf-pj6m"),
            fixed_in="1.0",
            fixable=True,
        ),
        Rule(
            id="PYSEC-2019-179",
            summary="PYSEC-2019-179",
            why="The Pallets Project Flask before 1.0 is affected by unexpected memory usage.",
        ),
        (
            "Not audited: shop. What has no advisories to compare with is left out by giving pip-audit a requirements "
            "file without it, or by --skip-editable.",
        ),
        False,
    )


def test_many_dependencies_that_were_not_audited_are_summed_up():
    skipped = [{"name": f"p{at}", "skip_reason": "no"} for at in range(7)]

    scan = read_json({"dependencies": [{"name": "flask", "version": "3", "vulns": []}, *skipped], "fixes": []})

    assert (scan.complete, scan.notes[0].partition(". ")[0]) == (False, "Not audited: p0, p1, p2, p3, p4 and 2 more")


def test_the_project_itself_is_left_out_on_purpose():
    skipped = {"name": "shop", "skip_reason": "distribution marked as editable"}

    scan = read_json({"dependencies": [{"name": "flask", "version": "3", "vulns": []}, skipped], "fixes": []})

    assert (scan.complete, scan.notes) == (True, ("Left out as editable: shop.",))


@pytest.mark.parametrize(
    "document",
    [
        {"dependencies": [], "fixes": []},
        [],
        {"dependencies": [{"name": "a", "skip_reason": "x"}]},
        {"dependencies": [{"name": "a", "version": "1"}]},
        {"dependencies": [{"name": "a", "version": "1", "vulns": None}]},
        {"dependencies": {}},
    ],
    ids=["none", "empty list", "all skipped", "no vulns", "null", "swapped"],
)
def test_an_audit_of_nothing_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="pip-audit")


def advisory(**more):
    return {
        "source": 1097677,
        "name": "left",
        "title": "Left pads right",
        "url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
        "severity": "moderate",
        "range": "<1.1",
        **more,
    }


def package(*via, fix=True):
    return {"name": "left", "severity": "high", "via": list(via), "fixAvailable": fix}


def report(total=2, **packages):
    return {
        "auditReportVersion": 2,
        "vulnerabilities": packages,
        "metadata": {"vulnerabilities": {"total": len(packages)}, "dependencies": {"total": total}},
    }


def test_each_advisory_of_npm_is_a_finding_and_what_only_carries_it_is_none():
    scan = read_json(report(left=package(advisory()), carrier=package("left")))

    assert (scan.findings, scan.rules, scan.notes) == (
        (
            Finding(
                rule="GHSA-aaaa-bbbb-cccc",
                message="Left pads right in left <1.1",
                severity=Severity.MEDIUM,
                tool="npm audit",
                is_security=True,
                package="pkg:npm/left",
                fixable=True,
            ),
        ),
        (
            Rule(
                id="GHSA-aaaa-bbbb-cccc",
                summary="Left pads right",
                help_uri="https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
            ),
        ),
        ("1 package(s) are vulnerable only for what they depend on.",),
    )


@pytest.mark.parametrize(
    ("fix", "fixed_in", "fixable"),
    [
        (True, None, True),
        (False, None, False),
        ({"name": "left", "version": "1.1.0", "isSemVerMajor": False}, "1.1.0", True),
        ({"name": "top", "version": "4.0.0", "isSemVerMajor": True}, "top@4.0.0", True),
    ],
    ids=["some fix", "none", "own version", "another package"],
)
def test_a_fix_may_be_another_package_at_the_top(fix, fixed_in, fixable):
    (finding,) = read_json(report(left=package(advisory(), fix=fix))).findings

    assert (finding.fixed_in, finding.fixable) == (fixed_in, fixable)


@pytest.mark.parametrize(
    ("given", "rule", "purl"),
    [
        ({"url": "https://npmjs.test/advisories/7"}, "1097677", "pkg:npm/left"),
        ({"url": "", "source": ""}, "Left pads right", "pkg:npm/left"),
        ({"name": "@acme/left"}, "GHSA-aaaa-bbbb-cccc", "pkg:npm/%40acme/left"),
    ],
    ids=["registry's number", "title", "scope"],
)
def test_an_advisory_has_a_name_whatever_it_lacks(given, rule, purl):
    (finding,) = read_json(report(left=package(advisory(**given)))).findings

    assert (finding.rule, finding.package) == (rule, purl)


def test_the_same_advisory_of_the_same_package_counts_once():
    assert len(read_json(report(left=package(advisory(), advisory()), again=package(advisory()))).findings) == 1


def test_vulnerable_packages_without_any_advisory_leave_the_report_incomplete():
    scan = read_json(report(carrier=package("left")))

    assert (scan.findings, scan.complete, scan.notes) == (
        (),
        False,
        ("1 vulnerable package(s) are listed without the advisory that says why.",),
    )


def test_no_dependency_is_told():
    assert read_json(report(total=0)).notes == ("npm counted no dependency.",)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"error": {"code": "ENOLOCK", "summary": "no lock file"}}, "the audit failed: ENOLOCK no lock file"),
        ({"error": "x"}, "the audit failed: it does not say why"),
        ({"error": {}, "message": "405", "method": "POST", "uri": "u"}, "the audit failed: 405"),
        ({"actions": [], "advisories": {}, "muted": []}, "a report of npm 6"),
        (report() | {"auditReportVersion": 3}, "auditReportVersion 3"),
        (report() | {"vulnerabilities": []}, r"Expected `object`, got `array`"),
        ({"auditReportVersion": 2}, "missing required field `vulnerabilities`"),
    ],
    ids=["no lock", "no words", "no answer", "npm 6", "later", "swapped", "no list"],
)
def test_what_is_no_audit_says_what_it_is(document, what):
    with pytest.raises(ReportError, match=what):
        read_json(document)
