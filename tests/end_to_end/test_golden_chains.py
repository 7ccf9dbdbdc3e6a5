"""From a tool's real report to every output, each compared as a whole; time stands still.

``python -m tests.end_to_end.test_golden_chains`` writes the stored outputs anew.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from deliverygate.judging.fingerprint import identify_results
from deliverygate.model import GateResult, PolicySource, Report, Verdict
from deliverygate.registry import load
from deliverygate.renderers import RENDERERS, render
from deliverygate.testing import make_context, run_gate
from deliverygate.testing.doors import START

SAMPLES = Path(__file__).parents[1] / "samples"
GOLDEN = Path(__file__).parent / "golden"

CHAINS: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "eslint": ("eslint/scan.json", "static-analysis", {"scans": ["report.json"], "min_score": 90}),
    "grype-sarif": ("sarif/cxf-3.4.6.sarif", "static-analysis", {"scans": ["report.json"], "max": {"critical": 0}}),
    "spotbugs-failed": ("sarif/spotbugs.sarif", "static-analysis", {"scans": ["report.json"], "max": {"critical": 0}}),
    "trivy-image": ("trivy/alpine-310.json", "trivy", {"report": "report.json", "fail_on": "medium"}),
    "trivy-secrets": ("trivy/secrets.json", "trivy", {"report": "report.json"}),
    "trivy-clean": ("trivy/scheme_2_no_vuln.json", "trivy", {"report": "report.json"}),
    "trivy-nothing-scanned": ("trivy/helm_badname.json", "trivy", {"report": "report.json"}),
}
VERDICTS = {
    "eslint": Verdict.FAILED,
    "grype-sarif": Verdict.FAILED,
    "spotbugs-failed": Verdict.ERROR,
    "trivy-image": Verdict.FAILED,
    "trivy-secrets": Verdict.FAILED,
    "trivy-clean": Verdict.PASSED,
    "trivy-nothing-scanned": Verdict.ERROR,
}


def judge(name: str, folder: Path) -> Report:
    """The report of a stage with this one gate, with every time taken out."""
    sample, gate, settings = CHAINS[name]
    shutil.copy(SAMPLES / sample, folder / "report.json")
    context = make_context(folder)
    checks = run_gate(load(gate), settings, context)
    result = GateResult(gate=gate, id=gate, checks=tuple(replace(check, seconds=0.0) for check in checks))
    return Report(
        stage="pre-merge",
        gates=identify_results([result]),
        policy=PolicySource(".deliverygate.yml", "0" * 64),
        started_at=START,
        seconds=0.0,
        version="0",
        inputs=context.workspace.inputs,
    )


def outputs(report: Report) -> dict[str, str]:
    """Each output by its file name; JSON over several lines, so that a difference can be read."""
    written = {}
    for format_, (file_name, _) in RENDERERS.items():
        data = render(report, format_)
        written[file_name] = (msgspec.json.format(data, indent=1) if file_name.endswith(".json") else data).decode()
    return written


@pytest.mark.parametrize("name", CHAINS)
def test_a_real_report_leads_to_the_stored_outputs(name: str, tmp_path: Path) -> None:
    wanted = {path.name: path.read_text(encoding="utf-8") for path in sorted((GOLDEN / name).iterdir())}

    report = judge(name, tmp_path)

    assert report.verdict is VERDICTS[name]
    assert outputs(report) == wanted


def test_no_output_shows_what_stood_beside_a_secret(tmp_path: Path) -> None:
    sample = (SAMPLES / "trivy/secrets.json").read_bytes()
    lines = [
        line["Content"].strip()
        for result in msgspec.json.decode(sample)["Results"]
        for secret in result.get("Secrets", ())
        for line in secret["Code"]["Lines"]
        if len(line["Content"].strip()) > 12
    ]

    written = outputs(judge("trivy-secrets", tmp_path))

    assert lines
    assert [(name, line) for name, text in written.items() for line in lines if line in text] == []


if __name__ == "__main__":
    for chain in CHAINS:
        with tempfile.TemporaryDirectory() as scratch:
            (GOLDEN / chain).mkdir(parents=True, exist_ok=True)
            for file, text in outputs(judge(chain, Path(scratch))).items():
                (GOLDEN / chain / file).write_text(text, encoding="utf-8")
