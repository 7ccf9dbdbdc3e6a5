"""A run with too little memory or too few file handles blocks; it never passes for what it could not judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import PROGRAM

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are those of Linux")
BAD = """\
version: 1
stages:
  s:
    - {gate: command, id: well, run: ["true"]}
    - {gate: static-analysis, scans: r.sarif}
"""


def write_report(folder: Path, results: int) -> None:
    """A SARIF report in which every result breaks the policy."""
    place = {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 1}}
    result = {
        "ruleId": "R",
        "level": "error",
        "message": {"text": "x" * 300},
        "locations": [{"physicalLocation": place}],
    }
    runs = [{"tool": {"driver": {"name": "T"}}, "results": [result] * results}]
    (folder / "r.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    (folder / ".deliverygate.yml").write_text(BAD)


def run_limited(folder: Path, limit: str) -> int:
    """The exit code under ``limit``, an argument of ulimit; negative where a signal ended the run."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    line = f'ulimit -c 0 {limit}; exec "$0" run s --platform git'
    command = ["bash", "-c", line, PROGRAM]
    ran = subprocess.run(command, cwd=folder, env=environ, capture_output=True, timeout=60, check=False)
    return ran.returncode


@pytest.mark.parametrize("kilobytes", range(60_000, 150_000, 10_000))
def test_little_memory_never_makes_a_failed_stage_green(tmp_path: Path, kilobytes: int) -> None:
    write_report(tmp_path, results=20_000)

    assert run_limited(tmp_path, f"-v {kilobytes}") != 0


@pytest.mark.parametrize("handles", [*range(3, 12), 16])
def test_few_file_handles_never_make_a_failed_stage_green(tmp_path: Path, handles: int) -> None:
    write_report(tmp_path, results=1)

    assert run_limited(tmp_path, f"-n {handles}") != 0


def test_without_a_limit_the_same_stage_is_failed(tmp_path: Path) -> None:
    write_report(tmp_path, results=1)

    assert run_limited(tmp_path, "") == 1
