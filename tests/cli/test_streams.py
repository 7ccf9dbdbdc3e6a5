"""Closed, full and broken standard streams change what can be seen of a run, and never its verdict."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import PROGRAM, deliverygate

POLICY = """\
version: 1
stages:
  well: [{gate: command, run: ["true"]}]
  ill: [{gate: command, run: ["false"]}]
"""


def run_in_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / ".deliverygate.yml").write_text(POLICY)
    return subprocess.run(
        ["sh", "-c", f'"$0" {line}', PROGRAM], cwd=folder, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"], ids=["stdout", "stderr", "all"])
@pytest.mark.parametrize(("stage", "status"), [("well", 0), ("ill", 1)])
def test_a_closed_stream_does_not_change_the_exit_code(tmp_path: Path, closed: str, stage: str, status: int) -> None:
    ran = run_in_shell(f"run {stage} {closed}", tmp_path)

    assert (ran.returncode, "fault of deliverygate" in ran.stderr) == (status, False)
    assert (tmp_path / f".deliverygate/out/{stage}/junit.xml").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /dev/full")
@pytest.mark.parametrize("full", [">/dev/full", "2>/dev/full", ">/dev/full 2>&1"], ids=["stdout", "stderr", "both"])
@pytest.mark.parametrize("stage", ["well", "ill"])
def test_a_full_disk_under_the_output_could_not_be_judged(tmp_path: Path, full: str, stage: str) -> None:
    ran = run_in_shell(f"run {stage} {full}", tmp_path)

    assert ran.returncode == 3
    assert "fault of deliverygate" not in ran.stderr


def test_a_full_disk_under_the_output_is_said(tmp_path: Path) -> None:
    ran = run_in_shell("run well >/dev/full", tmp_path)

    assert ran.stderr.splitlines()[-1] == (
        "the output cannot be written (No space left on device); free some space, and run it again"
    )


BROKEN = """
import sys
import deliverygate.cli as command
command.COMMANDS["broken"] = ("no_such_module_hunter2hunter2:x", "")
sys.argv = ["deliverygate", "broken"]
command.main()
"""


def test_a_crash_is_told_in_a_file_without_secrets(tmp_path: Path) -> None:
    environ = {"API_TOKEN": "hunter2hunter2", "TMPDIR": str(tmp_path)}

    ran = subprocess.run([sys.executable, "-c", BROKEN], env=environ, text=True, capture_output=True, check=False)

    (log,) = tmp_path.glob("deliverygate-*.log")
    assert (ran.returncode, str(log) in ran.stderr) == (3, True)
    assert "No module named 'no_such_module_***'" in log.read_text()


def test_a_closed_standard_input_is_an_empty_report(tmp_path: Path) -> None:
    ran = run_in_shell("scan - <&-", tmp_path)

    assert (ran.returncode, ran.stderr.startswith("-: is empty (0 bytes)")) == (3, True)


def test_a_name_that_is_too_long_is_no_policy(tmp_path: Path) -> None:
    name = "x" * 300

    ran = deliverygate("run", "well", "--config", name, folder=tmp_path)

    assert (ran.status, ran.errors) == (2, [f"{name}: no such file; correct --config or DELIVERYGATE_CONFIG"])
