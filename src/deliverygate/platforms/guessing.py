"""On a laptop: which platform has the change request of a branch, by the remote and the tokens that are set."""

from __future__ import annotations

from collections.abc import Mapping

from deliverygate.errors import ReportError
from deliverygate.platforms.local_git import LocalGit

#: Without one of these nothing is imported and nobody is asked.
VARIABLES = {
    "github": ("DELIVERYGATE_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("DELIVERYGATE_GITLAB_TOKEN", "GITLAB_TOKEN"),
}


def guess(environ: Mapping[str, str], git: LocalGit) -> str | None:
    """The platform that holds the remote ``origin`` and that a token is set for; None for none."""
    having = [name for name, variables in VARIABLES.items() if any(environ.get(each) for each in variables)]
    return next((name for name in having if _HOLDS[name](environ, git)), None)


def _is_on_github(environ: Mapping[str, str], git: LocalGit) -> bool:
    from deliverygate.platforms.github.place import repository_of

    try:
        return repository_of(git, environ) is not None
    except ReportError:  # it is on another server
        return False


def _is_on_gitlab(environ: Mapping[str, str], git: LocalGit) -> bool:
    from deliverygate.platforms.gitlab.job import read_job
    from deliverygate.platforms.gitlab.place import place_of_remote

    return place_of_remote(read_job(environ), git.remote()) is not None


_HOLDS = {"github": _is_on_github, "gitlab": _is_on_gitlab}
