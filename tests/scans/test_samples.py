"""What real reports hold, counted from the files by hand and by a second program."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from tests.scans.samples import SAMPLES, by_severity, read_sample

COUNTS = [
    # file, findings, suppressed, by severity, files analysed, complete
    ("eslint/no_finding.json", 0, 0, {}, 1, True),
    ("eslint/scan.json", 2, 0, {"HIGH": 1, "MEDIUM": 1}, 3, True),
    ("checkstyle/all-severities.xml", 3, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 1}, None, True),
    ("checkstyle/eslint-8.xml", 4, 0, {"CRITICAL": 1, "HIGH": 2, "MEDIUM": 1}, 2, False),
    ("checkstyle/eslint-checkstyle.xml", 2, 0, {"HIGH": 1, "MEDIUM": 1}, 1, True),
    ("checkstyle/golangci.xml", 3, 0, {"MEDIUM": 3}, None, True),
    ("checkstyle/hadolint.xml", 6, 0, {"MEDIUM": 5, "LOW": 1}, 2, True),
    ("checkstyle/java-broken.xml", 1, 0, {"HIGH": 1}, 1, False),
    ("checkstyle/java-clean.xml", 0, 0, {}, 1, True),
    ("checkstyle/java.xml", 4, 0, {"HIGH": 1, "MEDIUM": 2, "LOW": 1}, 2, True),
    ("checkstyle/php.xml", 9, 0, {"HIGH": 9}, None, True),
    ("checkstyle/scala-broken.xml", 1, 0, {"HIGH": 1}, None, False),
    ("checkstyle/scala.xml", 3, 0, {"HIGH": 2, "MEDIUM": 1}, None, True),
    ("checkstyle/shellcheck-unread.xml", 1, 0, {"HIGH": 1}, 1, False),
    ("checkstyle/shellcheck.xml", 4, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 2}, 2, True),
    ("codequality/golangci.json", 1, 0, {"HIGH": 1}, None, True),
    ("codequality/hadolint.json", 6, 0, {"MEDIUM": 5, "INFO": 1}, None, True),
    ("codequality/ruff.json", 5, 0, {"MEDIUM": 5}, None, False),
    ("codequality/trivy.json", 4, 0, {"MEDIUM": 4}, None, True),
    ("golangci/bad.json", 1, 0, {"HIGH": 1}, None, True),
    ("golangci/clean.json", 0, 0, {}, None, True),
    ("golangci/golangci-lint-report.json", 4, 0, {"LOW": 2, "HIGH": 1, "MEDIUM": 1}, None, True),
    ("golangci/nowhere.json", 0, 0, {}, None, False),
    ("golangci/severity.json", 3, 0, {"MEDIUM": 3}, None, True),
    ("golangci/typecheck.json", 1, 0, {"HIGH": 1}, None, False),
    ("hadolint/bad.json", 6, 0, {"MEDIUM": 5, "LOW": 1}, None, True),
    ("hadolint/broken.json", 1, 0, {"HIGH": 1}, None, False),
    ("hadolint/hadolint.json", 5, 0, {"MEDIUM": 2, "LOW": 1, "INFO": 2}, None, True),
    ("mypy/bad.jsonl", 3, 0, {"HIGH": 3}, None, True),
    ("mypy/broken.jsonl", 2, 0, {"HIGH": 2}, None, False),
    ("pylint/absent.json2", 1, 0, {"CRITICAL": 1}, None, False),
    ("pylint/bad.json", 6, 0, {"HIGH": 1, "MEDIUM": 2, "LOW": 3}, None, True),
    ("pylint/bad.json2", 6, 0, {"HIGH": 1, "MEDIUM": 2, "LOW": 3}, None, True),
    ("pylint/broken.json", 1, 0, {"HIGH": 1}, None, False),
    ("pylint/clean.json2", 0, 0, {}, None, True),
    ("pylint/pylint-utf16.json", 72, 0, {"MEDIUM": 16, "LOW": 56}, None, True),
    ("pylint/suppressed.json2", 1, 1, {"LOW": 1}, None, True),
    ("pyright/bad.json", 2, 0, {"HIGH": 2}, 2, True),
    ("pyright/broken.json", 7, 0, {"HIGH": 7}, 1, True),
    ("pyright/clean.json", 0, 0, {}, 1, True),
    ("pyright/pyright-report.json", 4, 0, {"HIGH": 2, "MEDIUM": 1, "LOW": 1}, 12, True),
    ("ruff/absent.json", 1, 0, {"HIGH": 1}, None, False),
    ("ruff/bad.json", 6, 0, {"LOW": 5, "HIGH": 1}, None, True),
    ("ruff/bad.jsonl", 3, 0, {"LOW": 2, "HIGH": 1}, None, True),
    ("ruff/broken.json", 2, 0, {"HIGH": 2}, None, False),
    ("ruff/ruff.json", 6, 0, {"LOW": 5, "MEDIUM": 1}, None, True),
    ("shellcheck/bad.json", 4, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 2}, None, True),
    ("shellcheck/bad.json1", 4, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 2}, None, True),
    ("shellcheck/broken.json1", 3, 0, {"HIGH": 2, "LOW": 1}, None, False),
    ("shellcheck/shellcheck.json", 8, 0, {"HIGH": 1, "MEDIUM": 3, "LOW": 3, "INFO": 1}, None, True),
    ("stylelint/bad-option.json", 1, 0, {"HIGH": 1}, 1, False),
    ("stylelint/bad.json", 6, 0, {"HIGH": 5, "MEDIUM": 1}, 2, True),
    ("stylelint/broken.json", 1, 0, {"HIGH": 1}, 0, False),
    ("stylelint/clean.json", 0, 0, {}, 1, True),
    ("stylelint/stylelint.json", 4, 0, {"HIGH": 3, "MEDIUM": 1}, 2, True),
    ("trivy/all_statuses.json", 8, 0, {"LOW": 8}, None, True),
    ("trivy/alpine-310.json", 4, 0, {"MEDIUM": 4}, None, True),
    ("trivy/alpine-310.sarif", 4, 0, {"MEDIUM": 4}, None, True),
    ("trivy/debian-buster-ignore-unfixed.json", 1, 0, {"CRITICAL": 1}, None, True),
    ("trivy/debian-buster.json", 2, 0, {"LOW": 1, "CRITICAL": 1}, None, True),
    ("trivy/dockerfile.json", 1, 0, {"HIGH": 1}, None, True),
    ("trivy/gomod-vex.json", 4, 0, {"UNKNOWN": 4}, None, True),
    ("trivy/gomod.json", 5, 0, {"UNKNOWN": 4, "MEDIUM": 1}, None, True),
    ("trivy/helm.json", 18, 0, {"HIGH": 3, "MEDIUM": 4, "LOW": 11}, None, True),
    ("trivy/kubernetes.json", 20, 0, {"MEDIUM": 6, "LOW": 14}, None, True),
    ("trivy/license-cyclonedx.json", 3, 0, {"MEDIUM": 1, "LOW": 2}, None, True),
    ("trivy/misconfigurations_and_secrets.json", 5, 0, {"CRITICAL": 2, "HIGH": 2, "MEDIUM": 1}, None, True),
    ("trivy/npm-with-suppressed.json", 1, 1, {"HIGH": 1}, None, True),
    ("trivy/packages-only.json", 0, 0, {}, None, True),
    ("trivy/pip.json", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("trivy/scheme_2_many_vulns.json", 5, 0, {"MEDIUM": 3, "HIGH": 1, "CRITICAL": 1}, None, True),
    ("trivy/scheme_2_no_vuln.json", 0, 0, {}, None, True),
    ("trivy/secrets.json", 2, 0, {"CRITICAL": 1, "HIGH": 1}, None, True),
    ("trivy/ubuntu-1804.json", 5, 0, {"LOW": 1, "MEDIUM": 4}, None, True),
    ("sarif/Baseline.sarif", 3, 0, {"MEDIUM": 3}, None, True),
    ("sarif/DefaultRuleConfiguration.sarif", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("sarif/Notifications.sarif", 0, 0, {}, None, False),
    ("sarif/OriginalUriBaseIds.sarif", 3, 0, {"MEDIUM": 3}, None, True),
    ("sarif/RegionVariants.sarif", 18, 0, {"MEDIUM": 18}, None, True),
    ("sarif/SuppressionTestCurrent.sarif", 1, 3, {"MEDIUM": 1}, None, True),
    ("sarif/Suppressions.sarif", 6, 3, {"MEDIUM": 6}, None, True),
    ("sarif/appendix_k.sarif", 0, 1, {}, None, False),
    ("sarif/appendix_k1_double.sarif", 0, 0, {}, None, True),
    ("sarif/codeQL-output.sarif", 72, 0, {"HIGH": 11, "MEDIUM": 4, "LOW": 57}, None, True),
    ("sarif/cxf-3.4.6.sarif", 22, 0, {"CRITICAL": 1, "HIGH": 11, "MEDIUM": 4, "LOW": 6}, None, True),
    ("sarif/empty-log.sarif.json", 0, 0, {}, None, True),
    ("sarif/fingerprinting.expected.sarif", 2, 0, {"MEDIUM": 2}, None, True),
    ("sarif/fingerprinting.input.sarif", 2, 0, {"MEDIUM": 2}, None, True),
    ("sarif/gitleaks_7.5.0.sarif", 8, 0, {"MEDIUM": 8}, None, True),
    ("sarif/mobsfscan.json", 9, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 7}, None, True),
    ("sarif/spotbugs.sarif", 56, 0, {"LOW": 56}, None, False),
    ("bandit/bad-1.9.json", 3, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 1}, 2, True),
    ("bandit/broken-1.9.json", 0, 0, {}, 1, False),
    ("bandit/many_vulns.json", 214, 0, {"MEDIUM": 155, "LOW": 59}, 536, True),
    ("bandit/one_vuln.json", 1, 0, {"LOW": 1}, 1, True),
    ("checkov/checkov-report-many-vuln.json", 3, 0, {"UNKNOWN": 3}, 1, True),
    ("checkov/list.json", 2, 1, {"HIGH": 1, "MEDIUM": 1}, 3, False),
    ("cyclonedx/clean-1.5.json", 0, 0, {}, None, True),
    ("cyclonedx/valid-vulnerability-1.4.json", 0, 1, {}, None, True),
    ("gitlab-security/gitlab_secret_detection_report_3_vuln_v15.json", 3, 0, {"CRITICAL": 3}, None, True),
    ("gitlab-security/gl-container-scanning-report-5-vuln_v15.json", 5, 0, {"HIGH": 4, "MEDIUM": 1}, None, True),
    ("gitlab-security/gl-dependency-scanning-report-15.json", 1, 1, {"HIGH": 1}, None, True),
    ("gitlab-security/gl-sast-report-0-vuln.json", 0, 0, {}, None, True),
    ("gitlab-security/gl-sast-report-clean-15.json", 0, 0, {}, None, True),
    ("gitlab-security/gl-sast-report-failed-15.json", 0, 0, {}, None, False),
    (
        "gitlab-security/gl-sast-report-many-vuln_v15.json",
        467,
        0,
        {"CRITICAL": 13, "HIGH": 4, "MEDIUM": 143, "LOW": 41, "UNKNOWN": 266},
        None,
        True,
    ),
    ("gosec/bad.json", 4, 1, {"MEDIUM": 3, "LOW": 1}, 1, True),
    ("gosec/broken.json", 0, 0, {}, 1, False),
    ("gosec/clean.json", 0, 0, {}, 1, True),
    ("grype/check_all_fields.json", 6, 0, {"CRITICAL": 2, "HIGH": 3, "INFO": 1}, None, True),
    ("grype/ignored.json", 0, 2, {}, None, True),
    ("grype/many_vulns_with_epss_values.json", 15, 0, {"CRITICAL": 1, "HIGH": 10, "MEDIUM": 2, "LOW": 2}, None, True),
    ("grype/no_vuln.json", 0, 0, {}, None, True),
    ("kics/bad.json", 3, 0, {"HIGH": 2, "INFO": 1}, 4, True),
    ("kics/clean.json", 0, 0, {}, 2, True),
    ("npm-audit/bad.json", 2, 0, {"CRITICAL": 1, "MEDIUM": 1}, None, True),
    ("npm-audit/clean.json", 0, 0, {}, None, True),
    ("osv/bad.json", 3, 0, {"CRITICAL": 1, "HIGH": 1, "UNKNOWN": 1}, None, True),
    ("osv/clean.json", 0, 0, {}, None, True),
    ("pip-audit/bad.json", 2, 0, {"UNKNOWN": 2}, None, False),
    ("pip-audit/whole.json", 2, 0, {"UNKNOWN": 2}, None, True),
    ("pip-audit/clean-list.json", 0, 0, {}, None, True),
    ("same-scan/alpine-310.gitlab", 4, 0, {"MEDIUM": 4}, None, True),
    ("same-scan/alpine-310.junit", 4, 0, {"MEDIUM": 4}, None, True),
    ("same-scan/dockerfile.junit", 1, 0, {"HIGH": 1}, None, True),
    ("same-scan/dockerfile.sarif", 1, 0, {"HIGH": 1}, None, True),
    ("same-scan/license-cyclonedx.sarif", 3, 0, {"MEDIUM": 1, "LOW": 2}, None, True),
    ("same-scan/pip.cdx.json", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("same-scan/pip.gitlab", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("same-scan/pip.gitlab-codequality", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("same-scan/pip.junit", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("same-scan/pip.sarif", 2, 0, {"HIGH": 1, "MEDIUM": 1}, None, True),
    ("same-scan/secrets.gitlab-codequality", 2, 0, {"CRITICAL": 1, "HIGH": 1}, None, True),
    ("same-scan/secrets.junit", 2, 0, {"CRITICAL": 1, "HIGH": 1}, None, True),
    ("same-scan/secrets.sarif", 2, 0, {"CRITICAL": 1, "HIGH": 1}, None, True),
    ("semgrep/bad-1.182.json", 3, 0, {"HIGH": 1, "MEDIUM": 1, "LOW": 1}, 3, True),
    ("semgrep/clean-1.182.json", 0, 0, {}, 2, True),
    ("semgrep/close_old_findings_report_line31.json", 1, 0, {"HIGH": 1}, 7, True),
    ("semgrep/close_old_findings_report_second_run_line24.json", 1, 0, {"HIGH": 1}, 7, True),
    ("semgrep/close_old_findings_report_third_run_different_unique_id.json", 1, 0, {"HIGH": 1}, 7, True),
    ("semgrep/fingerprint_test.json", 2, 0, {"HIGH": 1, "MEDIUM": 1}, 7, True),
    ("semgrep/many_vulns.json", 48, 0, {"HIGH": 13, "MEDIUM": 35}, None, True),
    ("snyk/all-projects_many_vulns.json", 4, 0, {"MEDIUM": 4}, 3, True),
    ("snyk/filtered-and-errored.json", 1, 1, {"MEDIUM": 1}, 1, False),
    ("snyk/iac.json", 1, 1, {"HIGH": 1}, 1, True),
    ("snyk/single_project_no_vulns.json", 0, 0, {}, 1, True),
    ("snyk/single_project_one_vuln.json", 1, 0, {"MEDIUM": 1}, 1, True),
    ("trivy-operator/clean.json", 0, 0, {}, None, True),
    ("trivy-operator/list.json", 5, 0, {"CRITICAL": 3, "HIGH": 1, "UNKNOWN": 1}, None, True),
    ("trivy-operator/vulnerabilityreport.json", 2, 0, {"CRITICAL": 1, "UNKNOWN": 1}, None, True),
]

NO_EVIDENCE = [
    ("eslint/empty.json", "an empty JSON list"),
    ("checkstyle/php-clean.xml", "names no file"),
    ("checkstyle/scala-clean.xml", "names no file"),
    ("hadolint/clean.json", "an empty JSON list"),
    ("mypy/absent.txt", "plain text"),
    ("pylint/nothing.json2", "nothing was linted"),
    ("pyright/nothing.json", "nothing was analysed"),
    ("ruff/clean.json", "an empty JSON list"),
    ("shellcheck/clean.json1", "no file could be opened"),
    ("stylelint/nothing.json", "an empty JSON list"),
    ("trivy/alpine-39-skip.json", "nothing was scanned"),
    ("trivy/helm_badname.json", "nothing was scanned"),
    ("trivy/legacy_no_vuln.json", "nothing was scanned"),
    ("sarif/no_runs.sarif", "holds no run"),
    ("sarif/invalid-sarif.sarif", "`$.runs[0].results`"),
    ("bandit/no_vuln.json", "names no file that was analysed"),
    ("checkov/checkov-report-0-vuln.json", "holds no check"),
    ("checkov/no-resources.json", "holds no check"),
    ("cyclonedx/bom.1.4.json", "without `vulnerabilities`"),
    ("gosec/none.json", "counts no file"),
    ("kics/nothing.json", "counts no scanned file"),
    ("npm-audit/failed-11.json", "the audit failed: 405"),
    ("npm-audit/no-lock-10.json", "the audit failed: ENOLOCK"),
    ("npm-audit/npm-6.json", "a report of npm 6"),
    ("pip-audit/none-audited-2.10.json", "audits none of 2 dependencies"),
    ("same-scan/alpine-310.gsbom", "no reader recognises"),
    ("semgrep/empty.json", "no reader recognises"),
    ("semgrep/nothing-1.182.json", "names no scanned path"),
    ("snyk/errored.json", "holds no project that was tested"),
    ("trivy-operator/empty-list.json", "no reader recognises"),
    ("trivy-operator/sbom-only.json", "no report of findings but SbomReport"),
]


@pytest.mark.parametrize(
    ("name", "findings", "suppressed", "severities", "analysed", "complete"), COUNTS, ids=[row[0] for row in COUNTS]
)
def test_real_reports_hold_what_was_counted_in_them(name, findings, suppressed, severities, analysed, complete):
    scan = read_sample(name)

    assert (
        len(scan.findings),
        len(scan.suppressed),
        by_severity(scan),
        scan.analysed_count,
        scan.complete,
    ) == (findings, suppressed, severities, analysed, complete)


@pytest.mark.parametrize(("name", "reason"), NO_EVIDENCE, ids=[row[0] for row in NO_EVIDENCE])
def test_real_reports_that_prove_nothing_are_errors_that_name_the_file(name, reason):
    with pytest.raises(ReportError) as caught:
        read_sample(name)

    assert (caught.value.where, reason in caught.value.what, caught.value.mend != "") == (name, True, True)


COUNTED_ELSEWHERE = {"checklists", "coverage", "junit", "sonarqube", "threat", "vex"}


def test_every_sample_stands_in_one_of_the_tables():
    folders = [path for path in SAMPLES.iterdir() if path.is_dir() and path.name not in COUNTED_ELSEWHERE]

    kept = {path.relative_to(SAMPLES).as_posix() for folder in folders for path in folder.iterdir()}

    assert kept == {row[0] for row in COUNTS} | {row[0] for row in NO_EVIDENCE}


def test_the_same_scan_gives_the_same_rules_and_severities_in_both_formats():
    own, sarif = read_sample("trivy/alpine-310.json"), read_sample("trivy/alpine-310.sarif")

    found = [sorted((finding.rule, finding.severity.name) for finding in scan.findings) for scan in (own, sarif)]

    assert found[0] == found[1]
