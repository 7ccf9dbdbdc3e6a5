"""What commands say: no name of a change or a report is an order to the server that reads the log."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from deliverygate.cli.saying import say
from tests.architecture.source import CORE, GATES, ROOT, modules
from tests.command import deliverygate
from tests.trust.world import git

#: Who may print: the one function, what prints the report (cleaned by its renderer) and a platform's own fold,
#: the end of a command that may not import anything, and the script of a shell.
SPEAKERS = {
    "deliverygate.cli", "deliverygate.cli.saying", "deliverygate.cli.showing", "deliverygate.cli.completion",
    "deliverygate.isolation", "deliverygate_gates.health.plan",
}  # fmt: skip
PRINTERS = {"click.echo", "click.secho", "print", "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write"}

NAMES = {
    "workflow command": "::error::said by the change",
    "on a line of its own": "x\n::error::said by the change",
    "after a carriage return": "x\r::error::said by the change",
    "after a control": "\x1b[0m::error::said by the change",
    "behind hidden characters": "\u200b::error::said by the change",
    "old command": "##[error]said by the change",
    "another server's": "##vso[task.complete result=Succeeded;]",
    "section": "section_end:1:x\r\x1b[0K",
}

POLICY = """\
version: 1
stages:
  s:
    - { gate: static-analysis, scans: "r.sarif", fail_on: high }
"""
SARIF = json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "::error::tool"}}, "results": []}]})


def obeyed(text: str) -> list[str]:
    """The lines that GitHub's runner, Azure's or GitLab would obey."""
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.lstrip().startswith("::")]
    return lines + [each for each in ("##[", "##vso[", "section_start:1:", "section_end:1:") if each in text]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_is_said_is_no_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(name)
    say(f"a path: {name}", err=True)
    said = capsys.readouterr()

    assert (obeyed(said.out), obeyed(said.err)) == ([], [])


@pytest.mark.parametrize("name", [NAMES["workflow command"], " ".join(NAMES.values())], ids=["one", "all"])
def test_nothing_that_a_command_says_is_a_command(tmp_path: Path, name: str) -> None:
    top = tmp_path / "shop"
    folder = top / name
    folder.mkdir(parents=True)
    (folder / ".deliverygate.yml").write_text(POLICY)
    (folder / "r.sarif").write_text(SARIF)
    (folder / name).write_text("no report")
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(top))
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", name)
    policy = f"{name}/.deliverygate.yml"
    commands = (
        ["run", "s", "--no-publish", "--config", policy],
        ["run", name, "--no-publish", "--config", policy],
        ["run", "s", "--only", name, "--config", policy],
        ["run", "s", "--config", name],
        ["run", "s", name],
        [name],
        ["plan", "s", "--for", "github", "--every-policy", "--shards", "1"],
        ["plan", "s", "--for", "gitlab", "--every-policy", "--shards", "1", "--durations", name],
        ["shard", "--number", "1"],
        ["merge", ".deliverygate/shards", "--no-publish"],
        ["merge", name, "--plan", name],
        ["baseline", "write", "--config", policy],
        ["baseline", "diff", "--config", policy],
        ["config", "show", "--config", policy],
        ["config", "check", "--config", policy],
        ["config", "show", "--set", f"s.static-analysis.{name}=1", "--config", policy],
        ["scan", f"{name}/r.sarif"],
        ["scan", f"{name}/{name}"],
        ["init", name],
        ["init", "--ci", "gitlab", name],
        ["waivers", "list", "--config", policy],
        ["gates", "explain", name],
        ["report", "--from", name],
    )

    told = {}
    for command in commands:
        ran = deliverygate(*command, folder=top)
        told[" ".join(command)] = obeyed(ran.stdout + ran.stderr)

    assert {command: lines for command, lines in told.items() if lines} == {}


def test_a_report_shown_again_commands_nothing(tmp_path: Path) -> None:
    (tmp_path / ".deliverygate.yml").write_text(
        "version: 1\nstages:\n  s:\n    - gate: command\n      run: [printf, '::error::a\\n##[error]b\\n']\n      passes: [1]\n"
    )
    deliverygate("run", "s", folder=tmp_path)
    report = str(tmp_path / ".deliverygate/out/s/report.json")

    for name in ("text", "junit", "sarif", "codequality", "json", "markdown"):
        ran = deliverygate("report", "--from", report, "--format", name, folder=tmp_path)

        assert (ran.status, obeyed(ran.stdout)) == (0, []), name


def test_commands_speak_through_one_function() -> None:
    speaking = {
        name
        for package in (CORE, GATES)
        for name, path in modules(package)
        for node in ast.walk(ast.parse(path.read_text(), filename=str(path.relative_to(ROOT))))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTERS
    }

    assert speaking == SPEAKERS
