"""Which reports tell of vulnerabilities in packages: by the name that a report carries, not by its shape."""

from __future__ import annotations

import re

from deliverygate.model import Scan

# Tools that look at code, secrets, configuration or the age of software. SARIF and other common formats carry the
# reports of all of them, and a clean one looks the same as that of a scanner of packages.
_OTHERS = re.compile(
    r"actionlint|bandit|biome|brakeman|checkov|checkstyle|clang|clippy|codeql|cppcheck|detect-secrets|detekt|eslint"
    r"|flake8|gitleaks|golangci|gosec|hadolint|infer|kics|kube-linter|ktlint|markdownlint|mypy|opengrep|oxlint|phpstan"
    r"|pmd|psalm|pylint|pyright|quodana|qodana|revive|roslyn|rubocop|ruff|secretlint|semgrep|shellcheck|snyk ?code"
    r"|snyk iac|sonar|spotbugs|staticcheck|stylelint|swiftlint|terrascan|tfsec|tflint|trufflehog|tslint|xeol|yamllint"
    r"|zizmor",
    re.IGNORECASE,
)
_COMMON = frozenset(("codequality", "gitlab-security", "sarif"))  #: formats that any tool may write
_GITLAB = frozenset(("api_fuzzing", "coverage_fuzzing", "dast", "sast", "secret_detection"))
_TRIVY = frozenset(("config", "license", "license-file"))


def other_trade(scan: Scan) -> str | None:
    """What a report is of that looks at no package; None where it may tell of vulnerabilities in packages."""
    if any(finding.package for finding in (*scan.findings, *scan.suppressed)):
        return None
    if scan.format in _COMMON and all(_OTHERS.match(run.tool.strip()) for run in scan.runs or (scan,)):
        return scan.tool
    # Trivy's misconfigurations are judged as well; that there are none says nothing about packages.
    kinds = _GITLAB if scan.format == "gitlab-security" else frozenset() if scan.findings else _TRIVY
    is_other = (
        scan.format in ("gitlab-security", "trivy") and bool(scan.categories) and kinds.issuperset(scan.categories)
    )
    return f"{scan.tool} ({', '.join(scan.categories)})" if is_other else None
