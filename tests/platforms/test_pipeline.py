"""The run that a job is of, as each CI system tells it, and whether there is a CI system at all."""

from __future__ import annotations

import pytest

from deliverygate.platforms.pipeline import Pipeline, in_ci, read_pipeline

GITLAB = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "7", "CI_PIPELINE_SOURCE": "push", "CI_PIPELINE_CREATED_AT": "t"}
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "5", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_REPOSITORY": "acme/shop"}
PLANNED = {"DELIVERYGATE_RUN": "gitlab pipeline 6"}


@pytest.mark.parametrize(
    ("environ", "pipeline"),
    [
        ({}, Pipeline()),
        (PLANNED, Pipeline(run="gitlab pipeline 6")),
        (GITLAB, Pipeline(run="gitlab pipeline 7", started_at="t")),
        ({**GITLAB, **PLANNED}, Pipeline(run="gitlab pipeline 7", started_at="t")),
        ({**GITLAB, "CI_PIPELINE_SOURCE": "parent_pipeline"}, Pipeline(started_at="t", is_child=True)),
        (
            {**GITLAB, **PLANNED, "CI_PIPELINE_SOURCE": "parent_pipeline"},
            Pipeline(run="gitlab pipeline 6", started_at="t", is_child=True),
        ),
        ({**GITLAB, "CI_PIPELINE_SOURCE": "pipeline"}, Pipeline(started_at="t", is_child=True)),
        (GITHUB, Pipeline(run="github run 5 of acme/shop", attempt="2")),
        ({**GITHUB, **PLANNED}, Pipeline(run="github run 5 of acme/shop", attempt="2")),
    ],
    ids=["none", "planned elsewhere", "GitLab", "GitLab, planned elsewhere", "child", "child of a plan", "downstream",
         "GitHub", "GitHub, planned elsewhere"],
)  # fmt: skip
def test_run_is_that_of_the_system_or_else_that_of_the_plan(environ: dict[str, str], pipeline: Pipeline) -> None:
    assert read_pipeline(environ) == pipeline


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, False), ({"CI": "false"}, False), ({"CI": "0"}, False), ({"CI": ""}, False), ({"CI": "true"}, True),
        ({"CI": "1"}, True), ({"TF_BUILD": "True"}, True), ({"JENKINS_URL": "https://ci.example"}, True),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, True),
    ],
    ids=str,
)  # fmt: skip
def test_ci_system_is_known_by_its_variables(environ: dict[str, str], told: bool) -> None:
    assert in_ci(environ) is told
