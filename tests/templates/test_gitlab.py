"""The GitLab templates at work: real pipelines whose jobs end as the gates do, and keep what was found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from plumbum import local

from tests.templates.conftest import Tool
from tests.templates.gitlab import TEMPLATES, Project
from tests.templates.projects import CODES, VERDICTS, WRITTEN, read_report

pytestmark = [pytest.mark.xdist_group("templates"), pytest.mark.timeout(300)]

Open = Callable[..., Project]

INCLUDED = """\
include:
  - project: platform/deliverygate
    ref: v0.1.0
    file: ci-templates/gitlab/deliverygate.gitlab-ci.yml
    inputs: {inputs}
"""
COMPONENT = """\
include:
  - component: $CI_SERVER_FQDN/platform/deliverygate/gate@0.1.0
    inputs: {inputs}
"""
ALL = "{image: python, stages: pre-merge build deploy post-deploy}"


@pytest.fixture
def open_project(tmp_path: Path, node_modules: Path, tool: Tool) -> Open:
    def open_project(pipeline: str, **files: str) -> Project:
        return Project(tmp_path / "shop", pipeline, node_modules=node_modules, path=tool.bin, files=files)

    return open_project


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("merge_request_event", {"deliverygate-pre-merge": "deploy"}, id="merge request"),
        pytest.param(
            "push",
            {"deliverygate-build": "test", "deliverygate-deploy": "deploy", "deliverygate-post-deploy": ".post"},
            id="default branch",
        ),
    ],
)
def test_included_file_brings_the_jobs_that_fit_the_pipeline(
    open_project: Open, source: str, wanted: dict[str, str]
) -> None:
    project = open_project(INCLUDED.format(inputs=ALL))

    assert project.list_jobs(source) == wanted


def test_included_file_brings_pre_merge_alone_when_nothing_else_is_asked_for(open_project: Open) -> None:
    project = open_project(INCLUDED.format(inputs="{image: python}") + "lint: {script: 'true'}\n")

    assert (project.list_jobs("merge_request_event"), project.list_jobs("push")) == (
        {"lint": "test", "deliverygate-pre-merge": "deploy"},
        {"lint": "test"},
    )


def test_stage_that_no_job_is_for_is_refused(open_project: Open) -> None:
    project = open_project(INCLUDED.format(inputs="{image: python, stages: pre-merge staging}"))

    played = project.play()

    assert played.status != 0
    assert "stages" in played.output


@pytest.mark.parametrize("stage", VERDICTS)
def test_job_ends_with_the_exit_code_and_keeps_the_reports(open_project: Open, stage: str) -> None:
    source = "merge_request_event" if stage == "pre-merge" else "push"
    job = f"deliverygate-{stage}"
    project = open_project(INCLUDED.format(inputs=ALL))

    played = project.play(source, job)

    assert (played.status, played.jobs) == (min(CODES[stage], 1), {job: CODES[stage]}), played.output
    assert project.artifacts(job) == {Path(".deliverygate/out", stage): WRITTEN}
    assert read_report(project.reports(job, stage)) == (stage, VERDICTS[stage])


@pytest.mark.parametrize("stage", CODES)
def test_component_ends_with_the_exit_code_and_keeps_the_reports(open_project: Open, stage: str) -> None:
    project = open_project(
        COMPONENT.format(inputs=f"{{run: {stage}, image: python, stage: test, rules: [{{when: always}}]}}")
    )

    played = project.play("push")

    job = f"deliverygate-{stage}"
    assert (played.status, played.jobs) == (min(CODES[stage], 1), {job: CODES[stage]}), played.output
    kept = {Path(".deliverygate/out", stage): WRITTEN} if stage in VERDICTS else {}
    assert project.artifacts(job) == kept


def test_blocked_gate_keeps_later_jobs_from_running(open_project: Open) -> None:
    release = "release: {stage: deploy, script: [touch released], artifacts: {paths: [released]}}\n"
    project = open_project(INCLUDED.format(inputs="{image: python, stages: build}") + release)

    played = project.play()

    assert (played.jobs, project.artifacts("release")) == ({"deliverygate-build": 1}, {}), played.output


def test_tool_is_installed_from_a_wheel_and_leaves_nothing_behind(
    open_project: Open, tool: Tool, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    traps = dict.fromkeys(("venv.py", "pip.py", "logging.py"), "raise SystemExit('a module of the change was run')")
    project = open_project(
        COMPONENT.format(inputs=f"{{run: build, image: python, install: {tool.wheel}}}")
        + f"variables: {{TMPDIR: {scratch}}}\n",
        **traps,
    )

    played = project.play()

    assert played.jobs == {"deliverygate-build": 1}, played.output
    assert read_report(project.reports("deliverygate-build", "build")) == ("build", "failed")
    assert list(scratch.iterdir()) == []


def test_link_of_the_change_in_the_place_of_the_reports_is_removed(open_project: Open, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_text("private")
    project = open_project(COMPONENT.format(inputs="{run: build, image: python}"))
    (project.folder / ".deliverygate").mkdir()
    (project.folder / ".deliverygate/out").symlink_to(tmp_path / "secrets")
    git = local["git"].with_cwd(project.folder)
    git("add", "--all", "--force")
    git("commit", "--quiet", "--message", "Bend it")

    played = project.play()

    assert played.jobs == {"deliverygate-build": 1}, played.output
    assert project.artifacts("deliverygate-build") == {Path(".deliverygate/out/build"): WRITTEN}
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_component_and_included_file_are_the_same_job() -> None:
    _, included = yaml.safe_load_all((TEMPLATES / "deliverygate.gitlab-ci.yml").read_text().replace("!reference", ""))
    header, component = yaml.safe_load_all((TEMPLATES / "templates/gate/template.yml").read_text())
    base, (job,) = included[".deliverygate"], component.values()

    assert header["spec"]["inputs"]["rules"]["default"] == base["rules"]
    for key in ("image", "script", "allow_failure", "artifacts"):
        assert job[key] == base[key]
