"""``scripts/demo``, as somebody types it who has just cloned the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from plumbum import local

from tests.architecture.source import ROOT
from tests.command import Ran

DEMO = local[ROOT / "scripts" / "demo"]


def demo(folder: Path, **environ: str) -> Ran:
    status, stdout, stderr = DEMO[folder].with_env(**environ).run(retcode=None)
    return Ran(status, stdout, stderr)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    folder = tmp_path_factory.mktemp("demo") / "out"
    return demo(folder), folder


def test_demo_shows_each_decision_with_its_exit_code(shown: tuple[Ran, Path]) -> None:
    ran, _ = shown

    steps = re.findall(r"^\$ deliverygate run (\S+).*?^--> exit code (\d)", ran.stdout, re.MULTILINE | re.DOTALL)

    assert ran.status == 0, ran.stderr
    assert steps == [
        ("pre-merge", "1"),
        ("pre-merge", "0"),
        ("build", "0"),
        ("build", "3"),
        ("deploy", "0"),
        ("post-deploy", "0"),
        ("post-deploy", "1"),
    ]


def test_demo_says_why_it_blocks(shown: tuple[Ran, Path]) -> None:
    ran, _ = shown

    decided = [line for line in ran.stdout.splitlines() if line.startswith(("ALLOWED", "BLOCKED"))]

    assert [" ".join(line.split()) for line in decided] == [
        "BLOCKED pre-merge: a rule of the policy is broken: pr-checklist, eslint, ruff, trivy",
        "ALLOWED pre-merge: every gate that blocks has passed",
        "ALLOWED build: every gate that blocks has passed",
        "BLOCKED build: a gate could not judge: trivy-image",
        "ALLOWED deploy: every gate that blocks has passed",
        "ALLOWED post-deploy: every gate that blocks has passed",
        "BLOCKED post-deploy: a rule of the policy is broken: health",
    ]


def test_demo_tells_where_each_junit_file_is(shown: tuple[Ran, Path]) -> None:
    ran, folder = shown

    told = [Path(line.strip()) for line in ran.stdout.splitlines() if line.startswith("  /")]

    assert told == [
        folder / f"{number}-{stage}" / "junit.xml"
        for number, stage in enumerate(
            ["pre-merge", "pre-merge", "build", "build", "deploy", "post-deploy", "post-deploy"], start=1
        )
    ]
    assert all(path.is_file() for path in told)


def test_demo_leaves_no_server_behind(shown: tuple[Ran, Path]) -> None:
    _, folder = shown

    assert (folder / "server.log").read_text().startswith("http://")
    assert running_below(folder) == []


def running_below(folder: Path) -> list[str]:
    """The processes that work in the folder; asked of the kernel, since another test may have the port by now."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            works_in, command = (process / "cwd").readlink(), (process / "cmdline").read_text()
        except OSError:  # it has ended
            continue
        if works_in.is_relative_to(folder):
            found.append(command)
    return found


def test_demo_overwrites_nothing(tmp_path: Path) -> None:
    ran = demo(tmp_path)

    assert (ran.status, ran.stdout) == (2, "")
    assert ran.stderr == f"demo: {tmp_path} is there already; name a folder that is not\n"
