"""The merge request that a run is about where the job does not name it: the open one of the branch at hand."""

from __future__ import annotations

from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.gaps import Gaps
from deliverygate.platforms.gitlab.job import TOKENS, Job
from deliverygate.platforms.gitlab.records import Request
from deliverygate.platforms.local_git import LocalGit
from deliverygate.renderers.text import one_line


def number_of_job(job: Job) -> int | None:
    """Of the merge request of the pipeline, or of the newest open one of its branch."""
    return job.number or max(job.open_requests, default=None)


def number_of_branch(job: Job, git: LocalGit, gaps: Gaps, *, client: Client | None, project: str) -> int | None:
    """On a laptop: of the newest open merge request of the branch that is checked out. ``gaps`` learn why none is.

    ``client`` is None where the remote is on no server that the token may be sent to.
    """
    branch = git.branch
    if branch is None:
        return None
    shown = one_line(branch, 100)
    if job.token is None or client is None:
        gaps.say(f"No merge request of {shown} was looked for: {_lacking(job)}.")
        return None
    found = gaps.fill(f"the merge request of {shown}", lambda: _open_ones(client, project, branch))
    if found == ():
        gaps.say(f"{shown} has no open merge request; title and description are those of its commits.")
    if found and len(found) > 1:
        gaps.say(f"{shown} has {len(found)} open merge requests; the newest of them, !{max(found)}, is looked at.")
    return max(found or (), default=None)


def _lacking(job: Job) -> str:
    if job.token is None:
        return f"set {TOKENS[0]} to a token with the scope read_api"
    return "the remote origin is on no server that the token may be sent to; set GITLAB_HOST to its host"


def _open_ones(client: Client, project: str, branch: str) -> tuple[int, ...]:
    """Numbers. A branch of a fork may bear the same name: it is another one."""
    ask = client.project(project).mergerequests
    found = client.each(lambda: ask.list(iterator=True, state="opened", source_branch=branch), Request)
    return tuple(each.iid for each in found if each.source_project_id == each.target_project_id)
