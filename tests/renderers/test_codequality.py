"""Code Quality that GitLab shows whole: no entry is dropped, none replaces another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from deliverygate.model import Finding, Location, Report, Severity
from deliverygate.renderers import render
from tests.renderers.sample_report import REPORT, SUPPRESSED, UNUSED, WAIVED, many, with_findings


def entries(report: Report) -> list[dict[str, Any]]:
    return list(json.loads(render(report, "codequality")))


def test_every_entry_has_what_gitlab_demands() -> None:
    found = entries(REPORT)

    assert [sorted(entry) for entry in found] == 5 * [
        ["check_name", "description", "fingerprint", "location", "severity"]
    ]
    assert {entry["severity"] for entry in found} <= {"info", "minor", "major", "critical", "blocker"}


def test_a_clean_stage_is_an_empty_list_without_a_byte_order_mark() -> None:
    assert render(with_findings(), "codequality") == b"[]"


@pytest.mark.parametrize(
    ("severity", "word", "description"),
    [
        (Severity.CRITICAL, "blocker", "m"),
        (Severity.HIGH, "critical", "m"),
        (Severity.MEDIUM, "major", "m"),
        (Severity.LOW, "minor", "m"),
        (Severity.INFO, "info", "m"),
        (Severity.UNKNOWN, "info", "m [severity unknown]"),
    ],
    ids=lambda value: value.value if isinstance(value, Severity) else "",
)
def test_each_severity_has_a_word_of_gitlab(severity: Severity, word: str, description: str) -> None:
    finding = Finding(rule="r", message="m", severity=severity, tool="t", location=Location("a.js", 2), fingerprint="f")

    assert entries(with_findings(finding)) == [
        {
            "description": description,
            "check_name": "r",
            "fingerprint": "f",
            "severity": word,
            "location": {"path": "a.js", "lines": {"begin": 2}},
        }
    ]


def test_what_is_waived_is_left_out() -> None:
    names = [entry["check_name"] for entry in entries(with_findings(UNUSED, noted=(WAIVED, SUPPRESSED)))]

    assert names == ["no-unused-vars"]


def test_one_fingerprint_is_one_entry() -> None:
    assert len(entries(with_findings(UNUSED, UNUSED, noted=(UNUSED,)))) == 1


def test_findings_without_fingerprints_get_ones_that_differ_and_hold_when_lines_shift() -> None:
    bare = replace(UNUSED, fingerprint="")
    moved = replace(bare, location=Location("src/cart.js", 99))

    before = [entry["fingerprint"] for entry in entries(with_findings(bare, bare))]
    after = [entry["fingerprint"] for entry in entries(with_findings(moved, moved))]

    assert before == after
    assert len(set(before)) == 2


def test_a_finding_without_a_file_is_shown_at_the_report_of_the_run() -> None:
    (entry,) = entries(with_findings(replace(UNUSED, location=None)))

    assert entry["location"] == {"path": ".deliverygate/out/pre-merge/report.json", "lines": {"begin": 1}}


def test_too_many_are_cut_with_an_entry_that_says_so() -> None:
    found = entries(with_findings(*many(60_000)))

    assert len(found) == 25_001
    assert len({entry["fingerprint"] for entry in found}) == 25_001
    assert found[-1]["description"] == (
        "35,000 further findings are left out here, the least severe ones; report.json holds them all"
    )
