"""A report is of the tool that it names: those that only share a shape with another tool's are none of that tool."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from tests.scans.samples import read_json

SECRETLINT = {"sourceContent": "x", "sourceContentType": "text", "filePath": "a.env", "messages": []}
TEXTLINT = {"type": "lint", "ruleId": "no-todo", "message": "m", "line": 1, "column": 1, "severity": 2, "index": 0}


@pytest.mark.parametrize(
    ("format", "document", "what"),
    [
        ("grype", {"matches": [], "descriptor": {"name": "xeol", "version": "0.9.15"}}, "is a report of xeol"),
        ("grype", {"matches": [], "descriptor": {"name": "Syft"}}, "is a report of Syft"),
        ("eslint", [SECRETLINT], "is a report of secretlint, textlint or another tool"),
        ("eslint", [{"filePath": "a.md", "messages": [TEXTLINT]}], "is a report of secretlint, textlint or another"),
        (
            "gitlab-security",
            {"version": "2.0", "vulnerabilities": [], "image": "shop"},
            "'image' is no key of GitLab's old reports",
        ),
        (
            "cyclonedx",
            {"bomFormat": "CycloneDX", "metadata": {"tools": [{"name": "cdxgen"}]}, "vulnerabilities": []},
            "of cdxgen, which lists components",
        ),
        (
            "cyclonedx",
            {"bomFormat": "CycloneDX", "metadata": {"tools": [{"name": "cyclonedx-npm"}]}, "vulnerabilities": []},
            "of cyclonedx-npm, which lists components",
        ),
        ("cyclonedx", {"bomFormat": "CycloneDX", "vulnerabilities": []}, "of no tool: nobody looked for any"),
        (
            "cyclonedx",
            {
                "bomFormat": "CycloneDX",
                "metadata": {"tools": {"components": [{"name": "trivy"}]}},
                "vulnerabilities": [],
            },
            "of Trivy, which writes it also where it was told to look for none",
        ),
    ],
)
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "recognised"])
def test_a_clean_report_of_another_tool_is_an_error(format, document, what, is_named):  # noqa: A002
    with pytest.raises(ReportError, match=what):
        read_json(document, format=format if is_named else None)


@pytest.mark.parametrize("name", ["grype", "Grype", "", " grype "])
def test_grype_is_known_by_its_name_or_by_none(name):
    assert read_json({"matches": [], "descriptor": {"name": name}}).tool == "Grype"


def test_a_generator_beside_a_scanner_does_not_make_the_list_worthless():
    tools = {"components": [{"name": "cdxgen"}, {"name": "dep-scan"}]}

    scan = read_json({"bomFormat": "CycloneDX", "metadata": {"tools": tools}, "vulnerabilities": []})

    assert (scan.findings, scan.complete) == ((), True)


def test_what_the_predecessor_of_the_trivy_operator_ran_has_its_own_name():
    report = {
        "scanner": {"name": "Polaris", "version": "4.2"},
        "checks": [{"severity": "LOW", "success": False, "checkID": "a"}],
    }

    scan = read_json(
        {
            "apiVersion": "aquasecurity.github.io/v1alpha1",
            "kind": "ConfigAuditReport",
            "metadata": {"name": "web"},
            "report": report,
        }
    )

    assert (scan.tool, [finding.tool for finding in scan.findings]) == ("Polaris", ["Polaris"])
