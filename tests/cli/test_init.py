"""``deliverygate init`` in repositories of all kinds: it writes what is missing and overwrites nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from plumbum import local

from tests.command import Ran, deliverygate

WRITTEN = {
    "gitlab": [".deliverygate.yml", ".deliverygate/waivers.yml", ".gitlab-ci.yml", ".gitlab/merge_request_templates/Default.md"],
    "github": [".deliverygate.yml", ".deliverygate/waivers.yml", ".github/pull_request_template.md",
               ".github/workflows/deliverygate.yml"],
}  # fmt: skip
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def init(folder: Path, *options: str) -> Ran:
    return deliverygate("init", *options, folder=folder)


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("system", WRITTEN)
def test_lines_of_a_pipeline_are_written_beside_the_policy(tmp_path: Path, system: str) -> None:
    ran = init(tmp_path, "--ci", system)

    assert (ran.status, written(tmp_path)) == (0, WRITTEN[system])


def test_nothing_of_a_pipeline_is_written_unasked(tmp_path: Path) -> None:
    init(tmp_path)

    assert written(tmp_path) == [".deliverygate.yml", ".deliverygate/change.md", ".deliverygate/waivers.yml"]


def test_gitlab_is_told_where_deliverygate_is_kept(tmp_path: Path) -> None:
    init(tmp_path, "--ci", "gitlab", "--from", "tools/gates", "--ref", COMMIT)

    (included,) = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["include"]
    assert (included["project"], included["ref"]) == ("tools/gates", COMMIT)


def test_workflow_that_is_written_gives_the_linter_nothing_to_report(tmp_path: Path) -> None:
    init(tmp_path, "--ci", "github", "--ref", COMMIT)

    zizmor = local[Path(sys.executable).with_name("zizmor")]
    assert yaml.safe_load(zizmor("--offline", "--no-progress", "--quiet", "--format", "json", tmp_path)) == []


@pytest.mark.parametrize("system", WRITTEN)
def test_pipeline_that_is_there_stays_and_its_lines_are_told(tmp_path: Path, system: str) -> None:
    path = tmp_path / (".gitlab-ci.yml" if system == "gitlab" else ".github/workflows/deliverygate.yml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("lint: {script: eslint}\n")

    ran = init(tmp_path, "--ci", system)

    assert (ran.status, path.read_text()) == (0, "lint: {script: eslint}\n")
    assert "stays as it is; add to it:" in ran.stderr
    assert "platform/deliverygate" in ran.stderr


def test_pipeline_that_has_the_lines_is_not_told_them_again(tmp_path: Path) -> None:
    init(tmp_path, "--ci", "gitlab")

    ran = init(tmp_path, "--ci", "gitlab")

    assert {line.split()[0] for line in ran.stdout.splitlines()} == {"kept"}
    assert "add to it" not in ran.stderr


@pytest.mark.parametrize("option", ["--from", "--ref"])
def test_what_would_be_more_than_a_name_in_the_file_is_refused(tmp_path: Path, option: str) -> None:
    ran = init(tmp_path, "--ci", "gitlab", option, "x\nscript: [evil]")

    assert (ran.status, written(tmp_path)) == (2, [])
