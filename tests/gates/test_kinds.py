"""Each kind of report has gates of its own; no gate takes another kind for an empty report of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deliverygate.testing import make_context, run_gate
from deliverygate_gates import coverage, static_analysis, tests

SAMPLES = Path(__file__).parent.parent / "samples"

REPORTS = {
    "findings": "eslint/scan.json",
    "tests": "junit/jest-junit.xml",
    "coverage": "coverage/report.lcov",
}
GATES = {
    "findings": (static_analysis.gate, "scans", {"fail_on": "critical"}),
    "tests": (tests.gate, "reports", {}),
    "coverage": (coverage.gate, "reports", {"min_total": 0}),
}
CALLED = {"findings": "report of findings", "tests": "test report", "coverage": "coverage report"}
HOME = {"findings": "static-analysis", "tests": "tests", "coverage": "coverage"}


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("wanted", GATES)
def test_a_gate_reads_its_own_kind_and_refuses_the_others(tmp_path, kind, wanted):
    name = Path(shutil.copy(SAMPLES / REPORTS[kind], tmp_path)).name
    gate, setting, settings = GATES[wanted]

    checks = run_gate(gate, {setting: name, **settings}, make_context(tmp_path))

    if kind == wanted:
        assert {check.verdict.value for check in checks} == {"passed"}
        return
    assert [(check.name, check.verdict.value, check.summary, check.mend) for check in checks] == [
        (
            f"report {name}",
            "error",
            f"is a {CALLED[kind]}; this gate reads a {CALLED[wanted]}",
            f"give it to the gate `{HOME[kind]}`",
        )
    ]
