"""The ids under which other databases know what a scanner found, so that it can be looked up by its CVE."""

from __future__ import annotations

import pytest

from deliverygate.scans.aliases import other_ids
from tests.scans.samples import read_json, read_sample


@pytest.mark.parametrize(
    ("name", "rule", "aliases"),
    [
        ("grype/check_all_fields.json", "GHSA-v6rh-hp5x-86rv", ("CVE-2021-44420",)),
        ("snyk/single_project_one_vuln.json", "SNYK-JAVA-ORGAPACHESANTUARIO-460281", ("CVE-2019-12400",)),
        ("osv/bad.json", "GHSA-aaaa-bbbb-cccc", ("CVE-2026-1",)),
        ("pip-audit/bad.json", "PYSEC-2019-179", ("CVE-2019-1010083", "GHSA-5wv5-4vpf-pj6m")),
        ("gitlab-security/gl-dependency-scanning-report-15.json", "CVE-2020-7598", ()),
        ("trivy/pip.json", "CVE-2019-14806", ()),
    ],
)
def test_finding_of_a_real_report_names_the_other_ids_of_its_vulnerability(name, rule, aliases):
    found = {finding.rule: finding.aliases for finding in read_sample(name).findings}

    assert found[rule] == aliases


def test_cyclonedx_names_them_as_references():
    item = {"id": "SNYK-1", "references": [{"id": "CVE-2018-7489"}, {"id": "SNYK-1"}], "affects": [{"ref": "a"}]}

    (finding,) = read_json({"bomFormat": "CycloneDX", "specVersion": "1.5", "vulnerabilities": [item]}).findings

    assert finding.aliases == ("CVE-2018-7489",)


def test_id_of_the_finding_itself_is_no_other_one_and_each_stands_once():
    assert other_ids("GHSA-1", ["", "CVE-1", "GHSA-1", "CVE-1", "PYSEC-1"]) == ("CVE-1", "PYSEC-1")


def test_sarif_rule_goes_by_the_ids_that_it_had_before():
    rule = {"id": "CVE-2024-1", "deprecatedIds": ["GHSA-1", "CVE-2024-1", 7]}
    driver = {"name": "osv-scanner", "rules": [rule, {"id": "R", "deprecatedIds": "none"}]}
    results = [{"ruleId": "CVE-2024-1", "message": {"text": "x"}}, {"ruleId": "R", "message": {"text": "y"}}]
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}

    scan = read_json(log)

    assert [each.aliases for each in scan.findings] == [("GHSA-1",), ()]


def test_check_of_trivy_goes_by_all_its_ids():
    check = {"ID": "DS-0002", "AVDID": "AVD-DS-0002", "Aliases": ["DS002", "AVD-DS-0002"], "Status": "FAIL"}
    result = {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [check]}

    scan = read_json({"SchemaVersion": 2, "Results": [result]})

    assert [each.aliases for each in scan.findings] == [("AVD-DS-0002", "DS002")]
