"""Every line by which a template, an example or a page calls deliverygate is one that the command understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from deliverygate.cli import cli
from tests.architecture.source import ROOT

CALL = re.compile(r"(?:^|[\s(])(deliverygate (?:run|config|scan|report|merge|plan)\b[^|;&)]*)")
TEXT = re.compile(r"^\s*(?:- )?(?:name|description):")
TEMPLATES = ("ci-templates/**/*.yml", ".github/**/*.yml", ".pre-commit-hooks.yaml", "examples/**/*.yml")


def lines() -> Iterator[tuple[str, str]]:
    """The calls in the files, without what the shell does after them."""
    for path in sorted({path for pattern in TEMPLATES for path in ROOT.glob(pattern) if path.is_file()}):
        for line in path.read_text().splitlines():
            code = line.partition("#")[0]
            found = CALL.search(code)
            if found and not TEXT.search(line):
                yield path.relative_to(ROOT).as_posix(), found[1].strip()


@pytest.mark.parametrize(("path", "line"), sorted(set(lines())))
def test_command_understands(path: str, line: str) -> None:
    _, *words = shlex.split(re.sub(r"\$\{?\w+\}?", "value", line))

    context = click.Context(cli)
    name, command, rest = cli.resolve_command(context, words)

    assert command is not None, f"{path}: {line}"
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(
    "path",
    ["ci-templates/gitlab/deliverygate.gitlab-ci.yml", "ci-templates/gitlab/templates/gate/template.yml",
     "ci-templates/github/action.yml", "ci-templates/github/workflow.yml"],
)  # fmt: skip
def test_template_calls_the_command(path: str) -> None:
    assert path in {found for found, _ in lines()}


def test_called_workflow_lies_where_github_looks_for_it() -> None:
    shown = ROOT / "ci-templates" / "github" / "workflow.yml"

    assert shown.readlink() == Path("../../.github/workflows/deliverygate.yml")
