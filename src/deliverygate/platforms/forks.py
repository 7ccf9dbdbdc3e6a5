"""Whether a change request is judged, and whether of somebody else's copy of the repository, as the CI system says it.

Asked before any API, and of the environment whatever ``--platform`` says. What cannot be known counts as a fork.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

#: Events of GitHub whose payload names the two repositories: where it is, and the keys that lead to each.
EVENTS = {
    "pull_request": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_target": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_review": (("pull_request", "head", "repo"), ("repository",)),
    "pull_request_review_comment": (("pull_request", "head", "repo"), ("repository",)),
    "workflow_run": (("workflow_run", "head_repository"), ("repository",)),
}


def is_fork(environ: Mapping[str, str]) -> bool:
    """Whether the pipeline runs for a change of a fork; False where no change request is judged."""
    return _of_gitlab(environ) or _of_github(environ)


def is_change_request(environ: Mapping[str, str]) -> bool:
    """Whether the CI system says that it runs for a merge or pull request."""
    gitlab = environ.get("GITLAB_CI") == "true" and "CI_MERGE_REQUEST_IID" in environ
    github = environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request")
    return gitlab or github


def _of_gitlab(environ: Mapping[str, str]) -> bool:
    target = environ.get("CI_MERGE_REQUEST_PROJECT_ID")
    return target is not None and environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != target


def _of_github(environ: Mapping[str, str]) -> bool:
    keys = EVENTS.get(environ.get("GITHUB_EVENT_NAME", ""))
    if environ.get("GITHUB_ACTIONS") != "true" or keys is None:
        return False
    try:
        event = msgspec.json.decode(Path(environ.get("GITHUB_EVENT_PATH", "")).read_bytes())
    except (OSError, ValueError, msgspec.DecodeError):
        return True
    source, target = (_at(event, path) for path in keys)  # the source is null once the fork was deleted
    return source is None or source != target


def _at(event: Any, path: tuple[str, ...]) -> object:
    """The number of the repository under a path of keys; None where there is none."""
    for key in (*path, "id"):
        event = event.get(key) if isinstance(event, dict) else None
    return event
