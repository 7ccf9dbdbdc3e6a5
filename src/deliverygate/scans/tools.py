"""Names of tools, spelled one way: the same tool's reports in two formats name it in two."""

from __future__ import annotations

NAMES = {
    name.lower(): name
    for name in ("Bandit", "Checkov", "ESLint", "Gitleaks", "Grype", "KICS", "Semgrep", "Snyk", "Trivy", "gosec")
}


def tool_name(written: str) -> str:
    """The name as we spell it; as it is written for a tool that is not in the table."""
    return NAMES.get(written.strip().lower(), written.strip())
