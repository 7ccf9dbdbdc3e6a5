"""Shells complete our commands and options, without the price of a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from plumbum import local

from tests.architecture.test_light_start import HEAVY, LOADED
from tests.command import deliverygate


def complete(folder: Path, *words: str) -> list[str]:
    """What bash is offered for the last word."""
    ran = deliverygate(
        folder=folder,
        environ={
            "_DELIVERYGATE_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("deliverygate", *words)),
            "COMP_CWORD": str(len(words)),
        },
    )
    return [line.partition(",")[2] for line in ran.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("shell", "word"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --no-files")]
)
def test_script_is_printed_for_a_shell(tmp_path: Path, shell: str, word: str) -> None:
    ran = deliverygate("completion", shell, folder=tmp_path)

    assert ran.status == 0
    assert word in ran.stdout
    assert "_DELIVERYGATE_COMPLETE" in ran.stdout


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        pytest.param(("wai",), ["waivers"], id="command"),
        pytest.param(("config", "sh"), ["show"], id="command of a group"),
        pytest.param(("init", "--c"), ["--ci"], id="option"),
        pytest.param(("init", "--ci", "git"), ["gitlab", "github"], id="value of an option"),
        pytest.param(("no-such-command", "--"), ["--version", "--help"], id="unknown command"),
    ],
)
def test_word_is_completed(tmp_path: Path, words: tuple[str, ...], wanted: list[str]) -> None:
    assert complete(tmp_path, *words) == wanted


STAGES = "version: 1\nstages: {pre-merge: [], post-deploy: [], 'p$(trap)': [], build: []}\n"


@pytest.mark.parametrize(
    ("policy", "words", "wanted"),
    [
        pytest.param(STAGES, ("run", "p"), ["pre-merge", "post-deploy"], id="run"),
        pytest.param(STAGES, ("plan", "b"), ["build"], id="plan"),
        pytest.param("{", ("run", "p"), [], id="no YAML"),
        pytest.param("stages: 3", ("run", ""), [], id="no stages"),
        pytest.param(None, ("run", ""), [], id="no policy"),
    ],
)
def test_stages_of_the_policy_are_offered(
    tmp_path: Path, policy: str | None, words: tuple[str, ...], wanted: list[str]
) -> None:
    (tmp_path / ".git").mkdir()
    if policy is not None:
        (tmp_path / ".deliverygate.yml").write_text(policy)

    assert complete(tmp_path, *words) == wanted


def test_stages_are_those_of_the_policy_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("stages: {nightly: []}\n")

    assert complete(tmp_path, "run", "--config", "other.yml", "") == ["nightly"]


def test_commands_are_offered_without_importing_them(tmp_path: Path) -> None:
    environ = {"_DELIVERYGATE_COMPLETE": "bash_complete", "COMP_WORDS": "deliverygate ", "COMP_CWORD": "1"}

    said = local[sys.executable].with_env(**environ).with_cwd(tmp_path)("-c", LOADED)

    offered, _, loaded = said.rpartition("loaded:")
    assert "plain,run" in offered.splitlines()
    assert set(loaded.split()) & set(HEAVY) == set()
