"""Every line by which a template, an example or a page calls deliverygate is one that the command understands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from deliverygate.cli import cli
from deliverygate.cli.pipelines import GITHUB
from tests.architecture.markdown import page
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


def test_page_names_every_input_and_output() -> None:
    action = yaml.safe_load((ROOT / "ci-templates/github/action.yml").read_text())
    # YAML 1.1 takes the key `on` for true.
    called = yaml.safe_load((ROOT / "ci-templates/github/workflow.yml").read_text())[True]["workflow_call"]
    of_gitlab = [
        next(yaml.safe_load_all((ROOT / "ci-templates/gitlab" / path).read_text()))["spec"]
        for path in ("deliverygate.gitlab-ci.yml", "templates/gate/template.yml")
    ]

    named = {
        name
        for each in (action, called, *of_gitlab)
        for kind in ("inputs", "outputs", "secrets")
        for name in each.get(kind, ())
    }

    assert sorted(named - page("docs/ci.md").code) == []


def test_page_and_init_name_the_checkout_that_the_workflow_uses() -> None:
    pattern = re.compile(r"actions/checkout@[0-9a-f]{40} # v[\d.]+")

    used = [
        set(pattern.findall(text))
        for text in ((ROOT / "ci-templates/github/workflow.yml").read_text(), (ROOT / "docs/ci.md").read_text(), GITHUB)
    ]

    assert len(used[0]) == 1
    assert used == [used[0]] * 3
