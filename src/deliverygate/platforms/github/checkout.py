"""What is checked out, seen as the change of a pull request: which commit it is, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.errors import ReportError
from deliverygate.platforms.github.event import Event
from deliverygate.platforms.github.wire import Pull
from deliverygate.platforms.local_git import LocalGit

DEEPER = "check out with `fetch-depth: 2` (or 0, for the whole history)"


def head_of(pull: Pull, event: Event) -> str:
    """The last commit of the change that this run is about; the pull request may have moved on since."""
    return event.pull.head.sha if event.pull else pull.head.sha


def merged_into(git: LocalGit, head: str) -> str | None:
    """The tip of the target that GitHub merged ``head`` into, where that merge is checked out."""
    return git.commit("HEAD^1") if git.commit("HEAD^2") == head else None


def compared(git: LocalGit, pull: Pull, event: Event) -> LocalGit:
    """The checkout, compared with the target branch.

    Raises ReportError or ToolError when it is not this change that is checked out, or git does not have its start.
    """
    _refuse_other(git, pull, event)
    fault = ReportError("the target branch is not in the clone", where="git", mend=DEEPER)
    for name in _bases(git, pull, event):
        found = git.commit(name)
        if found is None:
            continue
        against = git.against(found)
        try:
            assert against.base  # noqa: S101  asked for here, so that one that is too shallow is passed over
        except ReportError as error:
            fault = ReportError(error.what, where=error.where, mend=DEEPER)
        else:
            return against
    raise fault


def _refuse_other(git: LocalGit, pull: Pull, event: Event) -> None:
    """Outside of GitHub Actions any commit will do: on a laptop the change goes on."""
    if not event.name:
        return
    head = head_of(pull, event)
    expected = {head} if event.is_privileged else {head, event.tested}
    if git.head not in expected and not merged_into(git, head):
        raise ReportError(
            f"{git.head[:10]} is checked out, which is neither the head of #{pull.number} ({head[:10]})"
            " nor its merge with the target",
            where="git",
            mend="let actions/checkout choose the commit, on the event `pull_request`",
        )


def _bases(git: LocalGit, pull: Pull, event: Event) -> Iterator[str]:
    """What the change may be compared with, the surest first."""
    if event.group:
        yield event.group.base_sha
    elif tip := merged_into(git, head_of(pull, event)):
        yield tip
    yield f"refs/remotes/origin/{pull.base.ref}"
    yield pull.base.sha
