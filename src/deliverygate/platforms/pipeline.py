"""The run of a CI system that we are in, from its environment: whether there is one, which, and since when.

GitLab tells when a pipeline was created (``CI_PIPELINE_CREATED_AT``, ISO 8601). GitHub tells it by its API only:
``created_at`` of the run, which stays when a job is run again.
https://docs.gitlab.com/ci/variables/predefined_variables/
https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

#: What CI systems set in each of their jobs. In a pod nobody works by hand either.
SIGNS = (
    "CI", "GITLAB_CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE",
    "CODEBUILD_BUILD_ID", "KUBERNETES_SERVICE_HOST",
)  # fmt: skip

#: Given to the jobs that a plan starts, which have another pipeline of their own: the run that has planned them.
RUN = "DELIVERYGATE_RUN"


class Pipeline(msgspec.Struct, frozen=True):
    """A run of a CI system."""

    run: str | None = None  #: e.g. "gitlab pipeline 4711", the same in all of its jobs; None: this system does not tell
    attempt: str | None = None  #: how often it was started, e.g. "2"; None: this system does not tell
    started_at: str | None = None  #: ISO 8601, as it was told; None: not told in the environment
    is_child: bool = False  #: whether another pipeline started it, so that its evidence may be older


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether we run in a CI system; otherwise somebody works here."""
    return any(environ.get(name, "").lower() not in ("", "false", "0") for name in SIGNS)


def read_pipeline(environ: Mapping[str, str]) -> Pipeline:
    """The run, as far as the environment tells; nothing is known of it outside of GitLab and GitHub."""
    given = environ.get(RUN) or None
    if environ.get("GITLAB_CI") == "true":
        number = environ.get("CI_PIPELINE_ID")
        is_child = environ.get("CI_PIPELINE_SOURCE") in ("parent_pipeline", "pipeline")
        own = f"gitlab pipeline {number}" if number and not is_child else None
        return Pipeline(own or given, None, environ.get("CI_PIPELINE_CREATED_AT") or None, is_child)
    if environ.get("GITHUB_ACTIONS") == "true":
        number = environ.get("GITHUB_RUN_ID")
        repository = environ.get("GITHUB_REPOSITORY", "")
        own = f"github run {number} of {repository}" if number else None
        return Pipeline(own or given, environ.get("GITHUB_RUN_ATTEMPT") or None)
    return Pipeline(given)
