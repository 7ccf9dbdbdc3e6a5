"""Grype's matches: packages and places, fixes, what it ignored and by whose word."""

from __future__ import annotations

import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from tests.scans.samples import read_json, read_sample


def report(*matches, source=None, **more):
    return {
        "matches": list(matches),
        "source": source or {"type": "directory", "target": "."},
        "descriptor": {"name": "grype", "version": "0.94.0"},
        **more,
    }


def match(*, severity="High", fix=None, path="/web/package-lock.json", kind="npm", **more):
    return {
        "vulnerability": {
            "id": "CVE-2026-1",
            "severity": severity,
            "description": "Left pads right.",
            "dataSource": "https://nvd.test/CVE-2026-1",
            "fix": fix or {"versions": ["1.1", "2.0"], "state": "fixed"},
        },
        "artifact": {
            "name": "left",
            "version": "1.0",
            "type": kind,
            "purl": "pkg:npm/left@1.0",
            "locations": [{"path": path}, {"path": "/elsewhere"}],
        },
        **more,
    }


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_match_becomes_a_finding_with_package_fix_and_rule():
    scan = read_json(report(match()))

    assert (scan.findings, scan.rules, scan.version) == (
        (
            Finding(
                rule="CVE-2026-1",
                message="CVE-2026-1 in left 1.0",
                severity=Severity.HIGH,
                tool="Grype",
                is_security=True,
                location=Location("web/package-lock.json"),
                category="npm",
                package="pkg:npm/left@1.0",
                fixed_in="1.1, 2.0",
                fixable=True,
            ),
        ),
        (Rule(id="CVE-2026-1", summary="CVE-2026-1", why="Left pads right.", help_uri="https://nvd.test/CVE-2026-1"),),
        "0.94.0",
    )


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("Critical", Severity.CRITICAL),
        ("Negligible", Severity.INFO),
        ("Unknown", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
    ],
)
def test_severities_are_grypes_words(word, severity):
    assert only(read_json(report(match(severity=word)))).severity is severity


@pytest.mark.parametrize(
    ("fix", "fixable"),
    [
        ({"versions": ["1.1"], "state": "fixed"}, True),
        ({"versions": ["1.1"], "state": "wont-fix"}, False),
        ({"versions": [], "state": "not-fixed"}, False),
        ({"versions": ["1.1"], "state": ""}, True),
        ({"versions": None, "state": ""}, False),
    ],
)
def test_fixable_is_what_the_state_says_and_else_whether_there_is_a_version(fix, fixable):
    assert only(read_json(report(match(fix=fix)))).fixable is fixable


@pytest.mark.parametrize(
    ("source", "path", "kept"),
    [
        ({"type": "directory", "target": "."}, "/web/a.lock", "web/a.lock"),
        ({"type": "directory", "target": "web"}, "/a.lock", "web/a.lock"),
        ({"type": "directory", "target": "/repo/web"}, "/a.lock", "web/a.lock"),
        ({"type": "directory", "target": "/elsewhere"}, "/a.lock", "a.lock"),
        ({"type": "directory", "target": "/repo"}, "/repo/a.lock", "a.lock"),
        ({"type": "directory", "target": "."}, "web/a.lock", "web/a.lock"),
        ({"type": "image", "target": {"userInput": "shop:1"}}, "/app/a.lock", "/app/a.lock"),
    ],
)
def test_places_in_a_folder_are_places_in_the_checkout(source, path, kept):
    assert only(read_json(report(match(path=path), source=source), root="/repo")).location == Location(kept)


@pytest.mark.parametrize("kind", ["deb", "rpm", "apk"])
def test_a_package_of_an_operating_system_has_no_place(kind):
    assert only(read_json(report(match(kind=kind, path="/var/lib/dpkg/status")))).location is None


def test_what_grype_ignored_is_shown_with_its_reason_and_does_not_count():
    scan = read_sample("grype/ignored.json")

    assert (scan.findings, [(each.rule, each.waiver) for each in scan.suppressed]) == (
        (),
        [
            (
                "CVE-2026-1",
                Waiver(
                    id="CVE-2026-1",
                    reason="vulnerable_code_not_in_execute_path",
                    vex="vulnerable_code_not_in_execute_path",
                    source="grype vex",
                ),
            ),
            ("CVE-2026-2", Waiver(id="CVE-2026-2", reason="headers only", source="grype ignore")),
        ],
    )


@pytest.mark.parametrize(
    "database",
    [{"error": "not found"}, {"status": {"valid": False, "error": "not found"}}],
    ids=["old", "since 0.88"],
)
def test_a_run_without_a_good_database_is_incomplete(database):
    scan = read_json(report(descriptor={"name": "grype", "db": database}))

    assert (scan.complete, scan.notes) == (False, ("Grype had no good database: not found",))


@pytest.mark.parametrize(
    "document",
    [{"descriptor": {}}, {"matches": None, "descriptor": {}}, {"matches": {}, "descriptor": {}}, {"matches": []}],
    ids=["no matches", "null", "swapped", "no descriptor"],
)
def test_what_is_no_report_of_grype_is_an_error(document):
    with pytest.raises(ReportError):
        read_json(document, format="grype")


def test_a_wrong_kind_is_told_with_its_place_among_the_matches():
    with pytest.raises(ReportError, match=r"Expected `str`, got `int` - at `\$\.matches\[1\]\.vulnerability\.id`"):
        read_json(report(match(), match() | {"vulnerability": {"id": 7}}))
