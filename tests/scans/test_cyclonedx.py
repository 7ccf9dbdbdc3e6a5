"""Vulnerabilities in CycloneDX: whom they affect, how bad they are, which an analysis takes out."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def bom(*vulnerabilities, components=(), **more):
    return {"bomFormat": "CycloneDX", "components": list(components), "vulnerabilities": list(vulnerabilities), **more}


def vulnerability(*refs, **more):
    return {"id": "CVE-2026-1", "affects": [{"ref": ref} for ref in refs], **more}


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_vulnerability_is_a_finding_of_each_component_that_it_affects():
    left = {"bom-ref": "L", "name": "left", "version": "1.0", "purl": "pkg:npm/left@1.0"}
    right = {"bom-ref": "R", "group": "acme", "name": "right", "version": "2.0"}
    item = vulnerability(
        "L", "R", "L", description="It pads.\nMuch.", recommendation="Upgrade left to version 1.1, 2.0; or so"
    )

    scan = read_json(bom(item, components=[left | {"components": [right]}], metadata={"tools": [{"name": "trivy"}]}))

    common = {
        "rule": "CVE-2026-1",
        "message": "It pads.",
        "severity": Severity.UNKNOWN,
        "tool": "Trivy",
        "is_security": True,
        "fixed_in": "1.1, 2.0",
        "fixable": True,
    }
    assert (scan.tool, scan.findings, scan.rules) == (
        "Trivy",
        (Finding(package="pkg:npm/left@1.0", **common), Finding(package="acme/right@2.0", **common)),
        (
            Rule(
                id="CVE-2026-1",
                summary="CVE-2026-1",
                why="It pads.\nMuch.",
                remedy="Upgrade left to version 1.1, 2.0; or so",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("ref", "package"),
    [
        ("pkg:npm/left@1.0", "pkg:npm/left@1.0"),
        ("urn:cdx:3e67/1#pkg:npm/left@1.0", "pkg:npm/left@1.0"),
        ("urn:cdx:3e67/1#L", "pkg:npm/known@1.0"),
    ],
    ids=["unknown", "another document", "known here"],
)
def test_a_reference_into_another_document_is_kept(ref, package):
    known = {"bom-ref": "L", "name": "known", "purl": "pkg:npm/known@1.0"}

    assert only(read_json(bom(vulnerability(ref), components=[known]))).package == package


def test_a_vulnerability_that_affects_nobody_by_name_counts():
    assert only(read_json(bom({"id": "CVE-2026-1"}))).package is None


@pytest.mark.parametrize(
    ("ratings", "source", "severity"),
    [
        ([{"severity": "high"}, {"severity": "low"}], None, Severity.HIGH),
        ([{"severity": "high", "source": {"name": "nvd"}}, {"severity": "low", "source": {"name": "ghsa"}}], "ghsa", Severity.LOW),
        ([{"severity": "high", "source": {"name": "nvd"}}], "ghsa", Severity.HIGH),
        ([{"score": 9.8}], None, Severity.CRITICAL),
        ([{"vector": "AV:N/AC:L/Au:N/C:P/I:N/A:N", "severity": "unknown"}], None, Severity.MEDIUM),
        ([{"severity": "none"}], None, Severity.INFO),
        ([], None, Severity.UNKNOWN),
        (None, None, Severity.UNKNOWN),
    ],
    ids=["worst", "own source", "no own source", "score", "vector", "none", "no rating", "null"],
)  # fmt: skip
def test_the_severity_is_that_of_the_own_source_and_else_the_worst(ratings, source, severity):
    item = vulnerability("L", ratings=ratings) | ({"source": {"name": source}} if source else {})

    assert only(read_json(bom(item))).severity is severity


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("not_affected", False),
        ("false_positive", False),
        ("resolved", False),
        ("resolved_with_pedigree", False),
        ("exploitable", True),
        ("in_triage", True),
        ("", True),
        ("NOT_AFFECTED", True),
    ],
)
def test_only_an_analysis_that_found_no_harm_takes_a_finding_out(state, counts):
    scan = read_json(bom(vulnerability("L", analysis={"state": state, "justification": "code_not_reachable"})))

    assert (len(scan.findings), len(scan.suppressed)) == (int(counts), int(not counts))


def test_the_analysis_of_a_real_document_is_shown_with_its_words():
    (finding,) = read_sample("cyclonedx/valid-vulnerability-1.4.json").suppressed

    assert (finding.tool, finding.severity, finding.package, finding.waiver) == (
        "Snyk CLI (Linux)",
        Severity.CRITICAL,
        "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.4",
        Waiver(
            id="SNYK-JAVA-COMFASTERXMLJACKSONCORE-32111",
            reason="An optional explanation of why the application is not affected by the vulnerable component.",
            vex="code_not_reachable",
            source="cyclonedx analysis not_affected",
        ),
    )


def test_tools_are_named_in_the_old_way_and_in_the_new():
    new = {"tools": {"components": [{"name": "trivy", "version": "0.58.1"}]}}

    scans = [
        read_json(bom({"id": "CVE-1"}, metadata=metadata))
        for metadata in (new, {"tools": [{"name": "Trivy"}]}, {}, None)
    ]

    assert [(scan.tool, scan.version) for scan in scans] == [
        ("Trivy", "0.58.1"),
        ("Trivy", None),
        ("CycloneDX", None),
        ("CycloneDX", None),
    ]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"bomFormat": "CycloneDX", "components": []}, "nobody looked for any"),
        (bom() | {"vulnerabilities": None}, "nobody looked for any"),
        (bom() | {"bomFormat": "SPDX"}, "has the bomFormat 'SPDX'"),
        (bom() | {"vulnerabilities": {}}, "Expected `array"),
        (bom({"affects": []}), "missing required field `id`"),
    ],
    ids=["no list", "null", "other", "swapped", "no id"],
)
def test_a_document_in_which_nobody_looked_is_no_evidence(document, what):
    with pytest.raises(ReportError, match=what):
        read_json(document)
