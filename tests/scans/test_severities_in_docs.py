"""The table of severities in docs/formats.md is the one in the code."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from deliverygate.model import Severity
from deliverygate.scans import (
    checkstyle,
    codequality,
    eslint,
    hadolint,
    linters,
    mypy,
    pylint,
    pyright,
    semgrep,
    shellcheck,
    stylelint,
)
from deliverygate.scans.linters import severity_by_rule
from tests.architecture.markdown import page
from tests.scans.samples import read_sarif

TABLES: Mapping[str, Mapping[object, Severity]] = {
    "Checkstyle XML": checkstyle.SEVERITIES,
    "Code Quality": codequality.SEVERITIES,
    "ESLint": eslint.SEVERITIES,
    "golangci-lint": linters.GOLANGCI,
    "hadolint": hadolint.SEVERITIES,
    "mypy": mypy.SEVERITIES,
    "pylint": pylint.SEVERITIES,
    "pyright": pyright.SEVERITIES,
    "Ruff": linters.RUFF,
    "Semgrep": semgrep.LEVELS,
    "ShellCheck": shellcheck.SEVERITIES,
    "Stylelint": stylelint.SEVERITIES,
}


def test_the_docs_have_the_severities_of_the_code():
    text = page("docs/formats.md").path.read_text()
    section = text.partition("## Severities of linters")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines()[6:] if "|" in line]

    written = {(row[0], word, row[3]) for row in rows if len(row) == 4 for word in re.findall(r"`([^`]+)`", row[2])}

    assert written == {
        (tool, str(word), severity.value) for tool, table in TABLES.items() for word, severity in table.items()
    }


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("F401", Severity.LOW),
        ("F811", Severity.LOW),
        ("F821", Severity.HIGH),
        ("F632", Severity.HIGH),
        ("F405", Severity.MEDIUM),
        ("E501", Severity.LOW),
        ("E902", Severity.HIGH),
        ("E999", Severity.HIGH),
        ("invalid-syntax", Severity.HIGH),
        ("S101", Severity.LOW),
        ("S602", Severity.HIGH),
        ("SIM102", Severity.LOW),
        ("SLF001", Severity.LOW),
        ("B008", Severity.MEDIUM),
        ("BLE001", Severity.MEDIUM),
        ("D103", Severity.LOW),
        ("DTZ005", Severity.MEDIUM),
        ("PLE0101", Severity.HIGH),
        ("PLW0602", Severity.MEDIUM),
        ("RUF012", Severity.MEDIUM),
        ("I001", Severity.LOW),
        ("W291", Severity.LOW),
        ("XYZ1", Severity.MEDIUM),
        ("", Severity.MEDIUM),
    ],
)
def test_an_unused_import_is_low_and_what_breaks_or_is_about_security_is_high(rule, severity):
    result = {"ruleId": rule or None, "level": "error", "message": {"text": "m"}}

    scan = read_sarif(result, tool={"driver": {"name": "ruff", "rules": []}})

    assert (severity_by_rule("Ruff", rule), scan.findings[0].severity) == (severity, severity)


def test_a_tool_that_grades_its_findings_itself_is_believed():
    result = {"ruleId": "F401", "level": "error", "message": {"text": "m"}}

    assert (severity_by_rule("ESLint", "F401"), read_sarif(result).findings[0].severity) == (None, Severity.HIGH)
