"""The gate vulnerabilities: any scanner's report, by severity, by known exploitation and by probability."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from deliverygate.config.values import convert
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeClock, make_context, run_gate
from deliverygate_gates import trivy
from deliverygate_gates.vulnerabilities import gate

SAMPLES = Path(__file__).parent.parent / "samples"
GRYPE = "grype/many_vulns_with_epss_values.json"
TRIVY = "trivy/alpine-310.json"
KEV = {"kev": "threat/known_exploited_vulnerabilities.json"}
EPSS = {"epss": "threat/epss_scores-*.csv"}
SELECTED = "findings that block_if selects"


@pytest.fixture
def workspace(tmp_path):
    for tool in ("grype", "trivy", "snyk", "osv", "npm-audit", "pip-audit", "gitlab-security", "eslint", "threat"):
        shutil.copytree(SAMPLES / tool, tmp_path / tool)
    return tmp_path


def judged(workspace, settings, **doors):
    return run_gate(gate, settings, make_context(workspace, **doors))


def named(checks, name=SELECTED):
    (check,) = (each for each in checks if each.name == name)
    return check


def worst(checks):
    return Verdict.worst(check.verdict for check in checks).value


def told(check):
    return check.verdict.value, check.summary


@pytest.mark.parametrize(
    ("report", "settings", "verdict"),
    [
        (GRYPE, {}, "failed"),
        (GRYPE, {"max": {"critical": 1}}, "passed"),
        ("grype/no_vuln.json", {}, "passed"),
        ("snyk/single_project_no_vulns.json", {}, "passed"),
        ("snyk/all-projects_many_vulns.json", {"fail_on": "critical"}, "passed"),
        ("snyk/all-projects_many_vulns.json", {"fail_on": "medium"}, "failed"),
        ("osv/clean.json", {}, "passed"),
        ("npm-audit/bad.json", {}, "failed"),
        ("npm-audit/failed-11.json", {}, "error"),
        ("pip-audit/whole.json", {}, "failed"),
        ("pip-audit/whole.json", {"unknown": "warn"}, "passed"),
        ("pip-audit/clean-list.json", {}, "passed"),
        ("gitlab-security/gl-dependency-scanning-report-15.json", {}, "failed"),
        (TRIVY, {}, "failed"),
        (TRIVY, {"end_of_life": "ignore"}, "passed"),
        ("trivy/packages-only.json", {"classes": ["os-pkgs"]}, "inconclusive"),
        ("grype/no_vuln.json", {"classes": ["deb"]}, "inconclusive"),
        ("eslint/scan.json", {}, "error"),
        ("eslint/no_finding.json", {"format": "eslint"}, "passed"),
        ("nowhere/*.json", {}, "error"),
    ],
    ids=str,
)
def test_report_of_any_scanner_gets_the_verdict_that_the_policy_asks_for(workspace, report, settings, verdict):
    assert worst(judged(workspace, {"reports": report} | settings)) == verdict


def test_clean_report_of_a_linter_is_no_evidence_about_vulnerabilities(workspace):
    (check,) = judged(workspace, {"reports": "eslint/no_finding.json"})

    assert check == CheckResult(
        name="report eslint/no_finding.json",
        verdict=Verdict.ERROR,
        summary="is a report of ESLint (eslint), which need not know of any vulnerability",
        mend="give it to the gate `static-analysis`; if it tells of vulnerabilities, name its `format:`",
    )


def test_trivys_report_is_judged_as_the_gate_trivy_judges_it(workspace):
    demands = {"fail_on": "medium", "max_age": "1d", "block_if": "kev || epss >= 0.5", **KEV, **EPSS}

    both = [
        run_gate(each, {name: TRIVY} | demands, make_context(workspace))
        for each, name in ((gate, "reports"), (trivy.gate, "report"))
    ]

    assert both[0] == both[1]


def test_known_exploited_finding_blocks_whatever_its_severity_and_stands_in_one_check_only(workspace):
    checks = judged(workspace, {"reports": GRYPE, "block_if": "kev", "fail_on": "critical", **KEV})

    selected = named(checks)
    assert [finding.rule for finding in selected.findings] == ["CVE-2022-28391"]
    assert told(selected) == ("failed", "1 found, 0 allowed: kev")
    assert selected.details == "CVE-2022-28391 in pkg:generic/busybox@1.32.1: known to be exploited, by ransomware too"
    assert told(named(checks, "critical findings")) == ("failed", "1 found, 0 allowed")
    assert told(named(checks, "other findings"))[1].startswith("13 noted")


def test_files_of_the_policy_are_shown_with_what_they_hold_and_how_old_they_are(workspace):
    checks = judged(workspace, {"reports": GRYPE, "block_if": "kev || epss > 0.9", **KEV, **EPSS})

    assert [told(named(checks, name)) for name in ("KEV catalogue", "EPSS scores")] == [
        (
            "passed",
            "threat/known_exploited_vulnerabilities.json: 3 vulnerabilities, 9h3m24s old, at most 7d allowed",
        ),
        (
            "passed",
            "threat/epss_scores-2026-01-01.csv: 5 scores of the model v2025.03.14, 15h4m5s old, at most 3d allowed",
        ),
    ]


@pytest.mark.parametrize(
    ("expression", "more", "expected"),
    [
        ("severity >= high && epss >= 0.01", {}, ("failed", 10, "9 count")),
        ("severity >= high && epss >= 0.01", {"unknown_threat": "ignore"}, ("failed", 1, "9 left out")),
        ("severity >= critical && epss >= 0.01", {}, ("failed", 1, "1 count")),
        ("severity >= critical && epss >= 0.01", {"unknown_threat": "ignore"}, ("passed", 0, "1 left out")),
        ("severity >= low && rule == 'CVE-2021-28831'", {}, ("failed", 1, "")),
    ],
)
def test_score_that_nobody_has_counts_as_the_policy_says_and_is_told(workspace, expression, more, expected):
    check = named(judged(workspace, {"reports": GRYPE, "block_if": expression, **EPSS} | more))

    verdict, found, aside = expected
    assert (check.verdict.value, len(check.findings), aside in check.summary) == (verdict, found, True)


@pytest.mark.parametrize(
    ("report", "verdict", "found"),
    [
        ("npm-audit/bad.json", "failed", 2),
        ("snyk/all-projects_many_vulns.json", "passed", 0),
        ("trivy/secrets.json", "passed", 0),
        ("trivy/dockerfile.json", "passed", 0),
        ("trivy/license-cyclonedx.json", "passed", 0),
    ],
    ids=["advisories without a CVE", "CVEs as other ids", "secrets", "misconfigurations", "licences"],
)
def test_vulnerability_without_a_cve_may_be_an_exploited_one_and_what_is_none_is_not(workspace, report, verdict, found):
    check = named(judged(workspace, {"reports": report, "block_if": "kev", **KEV}))

    assert (check.verdict.value, len(check.findings)) == (verdict, found)


@pytest.mark.parametrize(
    ("unknown", "verdict"), [("block", "failed"), ("warn", "passed"), ("ignore", "passed")]
)  # fmt: skip
def test_unknown_severity_is_not_below_any(workspace, unknown, verdict):
    settings = {"reports": "pip-audit/whole.json", "block_if": "severity >= critical", "unknown": unknown}

    assert worst(judged(workspace, settings)) == verdict


def test_exploited_vulnerability_is_found_by_its_other_ids(workspace):
    catalogue = json.loads((SAMPLES / "threat/known_exploited_vulnerabilities.json").read_text())
    catalogue["vulnerabilities"][0]["cveID"] = "CVE-2019-1010083"
    (workspace / "kev.json").write_text(json.dumps(catalogue))

    check = named(judged(workspace, {"reports": "pip-audit/whole.json", "block_if": "ransomware", "kev": "kev.json"}))

    assert [finding.rule for finding in check.findings] == ["PYSEC-2019-179"]


@pytest.mark.parametrize(
    ("files", "summary"),
    [
        ({"kev": "gone.json"}, "gone.json: no file matches this pattern"),
        ({"kev": "threat/*.*"}, "threat/*.*: 3 files match this pattern"),
        ({"kev": "empty.json"}, "empty.json: is empty (0 bytes)"),
        ({"kev": "trivy/alpine-310.json"}, None),
        ({"kev": "../kev.json"}, "../kev.json: '../kev.json' is not a pattern inside the workspace"),
        (
            KEV | {"kev_max_age": "8h"},
            "threat/known_exploited_vulnerabilities.json: 3 vulnerabilities, 9h3m24s old, at most 8h allowed",
        ),
    ],
    ids=["missing", "several", "empty", "another kind", "outside", "too old"],
)
def test_catalogue_that_cannot_be_relied_on_is_an_error_and_nothing_passes(workspace, files, summary):
    (workspace / "empty.json").write_bytes(b"")

    checks = judged(workspace, {"reports": "grype/no_vuln.json", "block_if": "kev", **files})

    catalogue, selected = named(checks, "KEV catalogue"), named(checks)
    assert (catalogue.verdict.value, bool(catalogue.mend)) == ("error", True)
    assert summary in (catalogue.summary, None)
    assert told(selected) == ("inconclusive", "0 found, 0 allowed: kev; the KEV catalogue cannot be relied on")


@pytest.mark.parametrize(
    ("remark", "now", "verdict"),
    [
        (b"#model_version:v1,score_date:2026-01-01T12:00:00Z", datetime(2026, 1, 4, 11, tzinfo=UTC), "passed"),
        (b"#model_version:v1,score_date:2026-01-01T12:00:00Z", datetime(2026, 1, 4, 13, tzinfo=UTC), "error"),
        (b"#model_version:v1,score_date:2026-01-01T12:00:00Z", datetime(2026, 1, 1, 11, tzinfo=UTC), "error"),
        (b"#no date", datetime(2026, 1, 2, tzinfo=UTC), "error"),
    ],
    ids=["fresh", "old", "still to come", "no date"],
)
def test_scores_hold_for_three_days_and_none_without_a_date(workspace, remark, now, verdict):
    rows = (SAMPLES / "threat/epss_scores-2026-01-01.csv").read_bytes().partition(b"\n")[2]
    (workspace / "epss.csv").write_bytes(remark + b"\n" + rows)
    settings = {"reports": "grype/no_vuln.json", "block_if": "epss > 0.5", "epss": "epss.csv"}

    checks = judged(workspace, settings, clock=FakeClock(start=now))

    assert named(checks, "EPSS scores").verdict.value == verdict


def test_what_one_good_file_proves_blocks_though_the_other_is_missing(workspace):
    settings = {"reports": GRYPE, "block_if": "kev || epss >= 0.5", "epss": "gone.csv", **KEV}

    checks = judged(workspace, settings)

    selected = named(checks)
    assert (selected.verdict, [finding.rule for finding in selected.findings]) == (Verdict.FAILED, ["CVE-2022-28391"])
    assert named(checks, "EPSS scores").verdict is Verdict.ERROR


def test_broken_report_leaves_block_if_without_an_answer(workspace):
    settings = {"reports": ["grype/no_vuln.json", "npm-audit/failed-11.json"], "block_if": "kev", **KEV}

    assert told(named(judged(workspace, settings))) == (
        "inconclusive",
        "0 found, 0 allowed: kev; 1 of 2 reports cannot be relied on",
    )


def test_what_has_no_fix_is_left_aside_by_block_if_too_where_the_policy_says_so(workspace):
    settings = {"reports": "trivy/debian-buster.json", "block_if": "severity >= low"}

    every, fixable = judged(workspace, settings), judged(workspace, settings | {"fixable_only": True})

    assert [len(named(checks).findings) for checks in (every, fixable)] == [2, 1]


def test_selected_findings_come_with_their_number_and_their_cure(workspace):
    check = named(
        judged(workspace, {"reports": "snyk/single_project_one_vuln.json", "block_if": "fixable\n  || kev", **KEV})
    )

    assert (check.summary, check.measurements) == (
        "1 found, 0 allowed: fixable || kev",
        (Measurement(name=SELECTED, value=1, wanted="0"),),
    )
    assert check.mend.startswith("update pkg:maven/")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Object missing required field `reports`"),
        ({"reports": []}, "Expected `array` of length >= 1 - at `$.reports`"),
        ({"reports": "a", "max": {}, "unknown": "ignore"}, "demands nothing; set `fail_on`, `max` or `block_if`"),
        ({"reports": "a", "kev": "b"}, "`kev` is named and nothing asks for it; set `block_if`, e.g. to `kev`"),
        ({"reports": "a", "epss": "b"}, "`epss` is named and nothing asks for it; set `block_if`, e.g. to `epss > 0.1`"),
        ({"reports": "a", "block_if": "kev"}, "`block_if` asks for kev; name the file that tells it with `kev:`"),
        ({"reports": "a", "block_if": "ransomware"}, "`block_if` asks for ransomware; name the file that tells it with `kev:`"),
        (
            {"reports": "a", "block_if": "kev || epss > 0.1", "kev": "b"},
            "`block_if` asks for epss; name the file that tells it with `epss:`",
        ),
        (
            {"reports": "a", "block_if": "sevrity >= high"},
            "`block_if`, line 1, column 1: 'sevrity' is not known here; did you mean 'severity'?",
        ),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(settings, said):
    with pytest.raises(msgspec.ValidationError) as caught:
        convert(settings, gate.settings)

    assert str(caught.value) == said


def sarif(*drivers):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": name}}, "results": []} for name in drivers]}


def gitlab(kind):
    scan = {"scanner": {"name": "Scanner"}, "type": kind, "status": "success"}
    return {"version": "15.0.0", "vulnerabilities": [], "scan": scan}


def trivy_report(name):
    return {"SchemaVersion": 2, "ArtifactName": "shop", "Results": [{"Target": "x", "Class": name}]}


@pytest.mark.parametrize(
    ("report", "settings", "verdict"),
    [
        (sarif("Grype"), {"format": "sarif"}, "passed"),
        (sarif("Our own scanner"), {"format": "sarif"}, "passed"),
        (sarif("ESLint"), {"format": "sarif"}, "error"),
        (sarif("CodeQL"), {"format": "sarif"}, "error"),
        (sarif("gitleaks"), {"format": "sarif"}, "error"),
        (sarif("xeol"), {"format": "sarif"}, "error"),
        (sarif("Semgrep OSS"), {"format": "sarif"}, "error"),
        (sarif("ESLint", "Trivy"), {"format": "sarif"}, "passed"),
        (sarif("Grype"), {}, "error"),
        (gitlab("dependency_scanning"), {}, "passed"),
        (gitlab("container_scanning"), {}, "passed"),
        (gitlab("sast"), {}, "error"),
        (gitlab("secret_detection"), {}, "error"),
        (gitlab("sast"), {"classes": ["sast"]}, "passed"),
        (trivy_report("lang-pkgs"), {}, "passed"),
        (trivy_report("config"), {}, "error"),
        ({"matches": [], "descriptor": {"name": "xeol"}}, {}, "error"),
    ],
)
def test_a_clean_report_counts_only_of_a_tool_that_looks_at_packages(tmp_path, report, settings, verdict):
    (tmp_path / "report.json").write_text(json.dumps(report))

    checks = run_gate(gate, {"reports": "report.json", **settings}, make_context(tmp_path))

    assert worst(checks) == verdict
