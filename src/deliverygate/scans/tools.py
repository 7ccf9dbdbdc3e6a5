"""Names of tools, spelled one way: the same tool's reports in two formats name it in two."""

from __future__ import annotations

NAMES = {
    name.lower(): name
    for name in ("Bandit", "Checkov", "ESLint", "Gitleaks", "Grype", "KICS", "Semgrep", "Snyk", "Trivy", "gosec")
}


# Whatever these find is about security, also where their reports do not say so.
SCANNERS = frozenset((
    "bandit", "brakeman", "checkov", "detect-secrets", "gitleaks", "gosec", "govulncheck", "grype", "kics",
    "osv-scanner", "secretlint", "terrascan", "tfsec", "trivy", "trufflehog", "zizmor",
))  # fmt: skip


def is_security_scanner(name: str) -> bool:
    """Whether a tool of this name looks for nothing else. Snyk has a name for each of its products."""
    plain = name.strip().lower()
    return plain in SCANNERS or plain.startswith("snyk")


def tool_name(written: str) -> str:
    """The name as we spell it; as it is written for a tool that is not in the table."""
    return NAMES.get(written.strip().lower(), written.strip())
