"""Whether a change request is judged, and whether of somebody else's copy of the repository, as the CI system says it.

Asked before any API, and of the environment whatever ``--platform`` says. What cannot be known counts as a fork.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deliverygate.conversions import read_json

#: Events of GitHub whose payload names the two repositories: where it is, and the keys that lead to each.
EVENTS = {
    "pull_request": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_target": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_review": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_review_comment": (("pull_request", "head", "repo"), ("repository",)),
    "workflow_run": (("workflow_run", "head_repository"), ("repository",)),
}

#: Of a merge request, and of a pull request on GitHub whose pipeline runs in GitLab.
REQUESTS_OF_GITLAB = ("CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID")

#: The variable that names the target's project, and the one that names the source's.
PROJECTS_OF_GITLAB = {
    "CI_MERGE_REQUEST_PROJECT_ID": "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
    "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
}

#: A group in a merge queue; a comment, on which workflows check out the pull request that it stands below.
COMMENT = "issue_comment"
MORE_OF_GITHUB = ("merge_group", COMMENT)


def is_fork(environ: Mapping[str, str]) -> bool:
    """Whether the pipeline runs for a change of a fork; False where no change request is judged."""
    return _of_gitlab(environ) or _of_github(environ)


def is_change_request(environ: Mapping[str, str]) -> bool:
    """Whether the CI system says that it runs for a merge or pull request, or perhaps for one."""
    gitlab = environ.get("GITLAB_CI") == "true" and any(name in environ for name in REQUESTS_OF_GITLAB)
    event = environ.get("GITHUB_EVENT_NAME", "") if environ.get("GITHUB_ACTIONS") == "true" else ""
    return gitlab or event.startswith("pull_request") or event in MORE_OF_GITHUB


def _of_gitlab(environ: Mapping[str, str]) -> bool:
    return any(name in environ and environ.get(source) != environ[name] for name, source in PROJECTS_OF_GITLAB.items())


def _of_github(environ: Mapping[str, str]) -> bool:
    name = environ.get("GITHUB_EVENT_NAME", "")
    keys = EVENTS.get(name)
    if environ.get("GITHUB_ACTIONS") != "true" or (keys is None and name != COMMENT):
        return False
    try:
        event = read_json(Path(environ.get("GITHUB_EVENT_PATH", "")).read_bytes())
    except (OSError, ValueError):
        return True
    if keys is None:  # the payload does not say whose the pull request is that the comment stands below
        issue = event.get("issue") if isinstance(event, dict) else None
        return not isinstance(issue, dict) or "pull_request" in issue
    source, target = (_at(event, path) for path in keys)  # the source is null once the fork was deleted
    return source is None or source != target


def _at(event: Any, path: tuple[str, ...]) -> object:
    """The number of the repository under a path of keys; None where there is none."""
    for key in (*path, "id"):
        event = event.get(key) if isinstance(event, dict) else None
    return event
