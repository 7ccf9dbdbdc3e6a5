"""What started the run, as GitHub Actions tells it: variables of the runner, and the payload of the event.

The variables ``GITHUB_*`` are set anew for each step and cannot be overwritten by a step; the payload is a file that an
earlier step may have written to. So what both tell is taken from the variables, and must agree.
https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from deliverygate.conversions import read_json, whole
from deliverygate.errors import ReportError
from deliverygate.platforms.github.wire import MergeGroup, Payload, Pull
from deliverygate.workspace import read_file

REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_PULL_REF = re.compile(r"refs/pull/([1-9]\d*)/(?:merge|head)", re.ASCII)
_QUEUE_REF = re.compile(r"refs/heads/gh-readonly-queue/(.+)/pr-([1-9]\d*)-[0-9a-f]+", re.ASCII)

#: Whose payload is a pull request's: ``pull_request``, ``pull_request_target``, ``pull_request_review`` and more.
_OF_PULLS = "pull_request"
_OF_QUEUES = "merge_group"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What started the run."""

    name: str = ""  #: e.g. "pull_request" or "push"; "" outside of GitHub Actions
    repository: str | None = None  #: "acme/shop", the one that the run belongs to
    number: int | None = None  #: of the pull request
    target: str | None = None  #: name of the branch that it is to be merged into
    tested: str | None = None  #: the commit that the run is for: the pull request's merge with its target
    is_rerun: bool = False  #: whether the payload is that of an earlier attempt
    payload: Payload = Payload()

    @property
    def pull(self) -> Pull | None:
        """The pull request as it was at that time."""
        return self.payload.pull_request

    @property
    def group(self) -> MergeGroup | None:
        """The group of pull requests that a merge queue tests together."""
        return self.payload.merge_group

    @property
    def is_privileged(self) -> bool:
        """Whether it runs with the rights of the target branch, and has checked out that branch."""
        return self.name == "pull_request_target"

    @property
    def pushed_at(self) -> datetime | None:
        """When the head of the pull request came; None when this event does not tell."""
        if self.pull is None or self.name not in {"pull_request", "pull_request_target"}:
            return None
        times = {"opened": self.pull.created_at, "synchronize": self.pull.updated_at}
        return times.get(self.payload.action)


def read_event(environ: Mapping[str, str]) -> Event:
    """The event of this run; an empty one outside of GitHub Actions. Raises ReportError when it cannot be trusted."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return Event()
    name, ref = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", "")
    wanted = name.startswith(_OF_PULLS) or name == _OF_QUEUES
    payload = _read_payload(environ.get("GITHUB_EVENT_PATH", ""), wanted=wanted)
    pull = payload.pull_request if name.startswith(_OF_PULLS) else None
    group = payload.merge_group if name == _OF_QUEUES else None
    queue = _QUEUE_REF.fullmatch(ref) if name == _OF_QUEUES else None
    target = environ.get("GITHUB_BASE_REF") or (queue[1] if queue else pull.base.ref if pull else _branch(group))
    _refuse_if_different("base.ref", pull and pull.base.ref, target)
    _refuse_if_different("base_ref", _branch(group), target)
    number = whole(queue[2]) if queue else _number(ref, pull)
    _refuse_if_different("number", pull and pull.number, number)
    return Event(
        name=name,
        repository=_repository(environ.get("GITHUB_REPOSITORY", "")),
        number=number,
        target=target,
        tested=environ.get("GITHUB_SHA"),
        is_rerun=environ.get("GITHUB_RUN_ATTEMPT", "1") != "1",
        payload=msgspec.structs.replace(payload, pull_request=pull, merge_group=group),
    )


def _read_payload(path: str, *, wanted: bool) -> Payload:
    where = "GITHUB_EVENT_PATH"
    if not path:
        if wanted:
            raise ReportError("is not set", where=where, mend="pass the job's environment on, into containers too")
        return Payload()
    try:
        return read_json(read_file(Path(path)), Payload)
    except OSError as error:
        raise ReportError(
            f"cannot be read ({error.strerror})", where=where, mend="mount the folder of this file into the container"
        ) from error
    except ValueError as error:
        raise ReportError(f"is no event of GitHub ({error})", where=where, mend="leave the file as it is") from error


def _repository(name: str) -> str:
    if not REPOSITORY.fullmatch(name):
        raise ReportError(f"{name!r} is no repository", where="GITHUB_REPOSITORY", mend="write it as owner/name")
    return name


def _branch(group: MergeGroup | None) -> str | None:
    return group.base_ref.removeprefix("refs/heads/") if group else None


def _number(ref: str, pull: Pull | None) -> int | None:
    """From the ref, where that names a pull request: ``refs/pull/12/merge``."""
    found = _PULL_REF.fullmatch(ref)
    return whole(found[1]) if found else pull.number if pull else None


def _refuse_if_different(field: str, of_payload: object, of_runner: object) -> None:
    if of_payload not in (None, of_runner):
        raise ReportError(
            f"says {field} {of_payload!r}, and the runner says {of_runner!r}",
            where="GITHUB_EVENT_PATH",
            mend="let no step write to this file",
        )
