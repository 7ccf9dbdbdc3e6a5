"""Which pull request is judged: the one that the event names, or the open one of the branch that is checked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deliverygate.errors import ReportError, TransportError
from deliverygate.platforms.github.api import GitHubApi
from deliverygate.platforms.github.change import READ
from deliverygate.platforms.github.event import Event
from deliverygate.platforms.github.place import repository_of
from deliverygate.platforms.github.wire import Pull
from deliverygate.platforms.local_git import LocalGit


class Found(NamedTuple):
    """A pull request, and how it was learned."""

    pull: Pull
    repository: str  #: "acme/shop", which it is to be merged in
    source: str  #: of its description
    notes: tuple[str, ...] = ()


def find_by_number(api: GitHubApi, event: Event, *, repository: str, number: int) -> Found:
    """The pull request as it is now; as it was at the event where GitHub does not answer.

    Raises ReportError or TransportError when neither is of use.
    """
    try:
        pull = api.get(f"repos/{repository}/pulls/{number}", Pull, needs=READ)
    except (ReportError, TransportError) as error:
        return _as_of_event(event, repository, error)
    if event.target is not None and pull.base.ref != event.target:
        raise ReportError(
            f"#{number} is to be merged into {pull.base.ref} by now, and this run was started for {event.target}",
            where="GitHub",
            mend="push, or close and open the pull request again: a re-run keeps the old target",
        )
    return Found(pull, repository, source=pull.html_url or f"#{number}")


def _as_of_event(event: Event, repository: str, error: ReportError | TransportError) -> Found:
    """A re-run brings the payload of the first run, whose text may be what was mended since."""
    if event.pull is None or event.is_rerun:
        raise error
    note = f"Title, description and labels are those of the moment when the run was started: {error}."
    return Found(event.pull, repository, source="GITHUB_EVENT_PATH", notes=(note,))


def find_by_branch(api: GitHubApi, git: LocalGit, environ: Mapping[str, str]) -> Found | None:
    """The open pull request of the branch, or of the commit where no branch is checked out."""
    origin = repository_of(git, environ)
    if origin is None:
        return None
    upstream = repository_of(git, environ, "upstream")
    for repository in filter(None, dict.fromkeys((upstream, origin))):
        found = [pull for pull in _open(api, git, repository, origin) if pull.state == "open"]
        if len(found) > 1:
            names = ", ".join(f"#{pull.number} into {pull.base.ref}" for pull in found)
            raise ReportError(
                f"the branch has several pull requests ({names})", where="GitHub", mend="close the others"
            )
        if found:
            whole = api.get(f"repos/{repository}/pulls/{found[0].number}", Pull, needs=READ)
            return Found(whole, repository, source=whole.html_url or f"#{whole.number}")
    return None


def _open(api: GitHubApi, git: LocalGit, repository: str, origin: str) -> Iterator[Pull]:
    branch = git.branch
    if branch is None:
        yield from api.each(f"repos/{repository}/commits/{git.head}/pulls", Pull, needs=READ)
        return
    owner = origin.partition("/")[0]
    head = f"{owner}:{branch}"
    for pull in api.each(f"repos/{repository}/pulls", Pull, needs=READ, head=head, state="open"):
        if pull.head.ref == branch:  # a filter that GitHub does not understand, it leaves out
            yield pull
