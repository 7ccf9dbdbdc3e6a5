"""The hooks, as somebody's repository uses them: pre-commit itself installs this repository and runs both."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from plumbum import local

from tests.architecture.source import ROOT

pytestmark = [
    pytest.mark.xdist_group("packaging"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs hooks from a git repository"),
]

POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: command
      run: [git, --version]
"""
RESULT = re.compile(r"^(deliverygate[a-z -]*?)\.+(Passed|Failed)$", re.MULTILINE)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with a policy."""
    (tmp_path / ".deliverygate.yml").write_text(POLICY)
    git = local["git"].with_cwd(tmp_path)
    git("init", "--quiet")
    git("add", ".")
    return tmp_path


def run_hooks(shop: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Every hook by name, with how it ended."""
    command = local[sys.executable].with_cwd(shop).with_env(**environ)
    _, output, _ = command["-m", "pre_commit", "try-repo", ROOT, "--all-files", "--hook-stage", "manual"].run(
        retcode=None
    )
    return dict(RESULT.findall(output))


@pytest.mark.parametrize(
    ("was", "becomes", "wanted"),
    [
        pytest.param("--version", "--version", ("Passed", "Passed"), id="the gate passes"),
        pytest.param("--version", "no-such-command", ("Failed", "Passed"), id="the gate fails"),
    ],
)
def test_hooks_block_what_the_commands_block(
    shop: Path, outer_environ: Mapping[str, str], was: str, becomes: str, wanted: tuple[str, str]
) -> None:
    (shop / ".deliverygate.yml").write_text(POLICY.replace(was, becomes))

    ended = run_hooks(shop, outer_environ)

    assert ended == dict(zip(("deliverygate run pre-merge", "deliverygate config check"), wanted, strict=True))
