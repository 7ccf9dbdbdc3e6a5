"""What ``deliverygate scan`` says of reports of tests and of coverage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command import deliverygate

SAMPLES = Path(__file__).parents[1] / "samples"
NONE = {"UNKNOWN": 0, "INFO": 0, "LOW": 0, "MEDIUM": 0, "HIGH": 0, "CRITICAL": 0}


@pytest.mark.parametrize(
    ("sample", "kind", "tool", "analysed", "more"),
    [
        (
            "junit/junit.multiresult.xml",
            "tests",
            "JUnit",
            None,
            {"tests": {"cases": 4, "failures": 2, "errors": 0, "skipped": 1}},
        ),
        ("coverage/report.lcov", "coverage", "LCOV", 3, {"lines": {"covered": 3, "valid": 6}}),
    ],
    ids=["tests", "coverage"],
)
def test_json_has_the_promised_keys_and_those_of_its_kind(tmp_path, sample, kind, tool, analysed, more):
    name = Path(shutil.copy(SAMPLES / sample, tmp_path)).name

    ran = deliverygate("scan", "--json", name, folder=tmp_path)

    assert (ran.status, json.loads(ran.stdout)) == (
        0,
        {
            "file": name, "format": tool.lower(), "kind": kind, "tool": tool, "version": None, "findings": 0,
            "suppressed": 0, "by_severity": NONE, "analysed": analysed, "complete": True, "notes": [], **more,
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (
            "junit/multi-level.xml",
            "multi-level.xml: junit report of JUnit\n"
            "  3 cases: 0 failed, 0 errors, 0 skipped\n"
            "  complete: no\n"
            "  note: The suites count 57 tests, and the report holds 3 cases: the others are lost.\n",
        ),
        (
            "coverage/coverage-py-7.17.json",
            "coverage-py-7.17.json: coverage-py report of coverage.py 7.17.3\n  12 of 16 lines covered, in 3 files\n",
        ),
    ],
    ids=["tests", "coverage"],
)
def test_text_says_what_is_in_it(tmp_path, sample, said):
    name = Path(shutil.copy(SAMPLES / sample, tmp_path)).name

    assert deliverygate("scan", name, folder=tmp_path).stdout == said


@pytest.mark.parametrize("sample", ["junit/no-cases-but-tests.xml", "junit/corrupt-xml.xml", "coverage/empty.xml"])
def test_a_report_that_proves_nothing_has_exit_code_3(tmp_path, sample):
    name = Path(shutil.copy(SAMPLES / sample, tmp_path)).name

    ran = deliverygate("scan", name, folder=tmp_path)

    assert (ran.status, ran.stdout, name in ran.stderr) == (3, "", True)
