"""GitHub as a platform: GitHub Actions, and pull requests seen from a laptop or from another CI system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.errors import ReportError, ToolError, TransportError
from deliverygate.gate import Clock, Http
from deliverygate.model import Report
from deliverygate.platforms import Target
from deliverygate.platforms.github.event import Event, read_event
from deliverygate.platforms.github.place import api_of, find_token, server_of, split_address
from deliverygate.platforms.local_git import LocalGit, in_repository

if TYPE_CHECKING:
    from deliverygate.platforms.github.api import GitHubApi
    from deliverygate.platforms.github.finding import Found

__all__ = ["GitHubPlatform"]

DEFAULTS = ("main", "master")  #: what a default branch is called where the event does not say


class GitHubPlatform:
    """What a run asks of GitHub; nothing is asked before it is needed. See docs/platforms.md."""

    name = "github"

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clock: Clock,
        git: LocalGit,
        redact: Callable[[str], str] = str,
        http: Http | None = None,
        output: TextIO | None = None,
    ) -> None:
        """``output`` is the log of the job, where GitHub's runner looks for commands; None: standard output."""
        self._environ = environ
        self._clock = clock
        self._git = git
        self._redact = redact
        self._http = http
        self._output = output
        self._answer: Found | ReportError | TransportError | str | None = "not asked yet"
        self._notes: list[str] = []  # of what the protocol has no place for

    def change(self) -> ChangeRequest:
        return self._change

    def base_text(self, path: str) -> str | None:
        """As git has it where the change started, else as GitHub has it in the target branch."""
        found = self._pull
        if found is None:
            return self._of_branch.base_text(path)
        from deliverygate.platforms.github.checkout import compared
        from deliverygate.platforms.github.contents import read_text

        try:
            git = compared(self._git, found.pull, self._event)
        except (ReportError, ToolError):
            where = in_repository(path, self._git.prefix)
            return read_text(self._api, found.repository, where, ref=found.pull.base.ref)
        return git.base_text(path)

    def target(self) -> Target | None:
        """The branch that the event names; nothing is asked of GitHub but for a branch on a laptop."""
        event = self._event
        if event.target is not None:
            return Target(branch=event.target, commit=self._known_tip, fetch_from=self._remote)
        if event.name or not find_token(self._environ):
            return None
        return Target(branch=self._pull.pull.base.ref) if self._pull else None

    def pipeline_started_at(self) -> datetime | None:
        """When the run was made. What a job brought in an earlier attempt stays its evidence when others run again."""
        number, repository = self._environ.get("GITHUB_RUN_ID", ""), self._event.repository
        if not number.isdecimal() or repository is None:
            return None
        from deliverygate.platforms.github.wire import WorkflowRun

        path = f"repos/{repository}/actions/runs/{number}"
        return self._api.get(path, WorkflowRun, needs="actions: read").created_at

    def team(self, name: str) -> frozenset[str] | None:
        from deliverygate.platforms.github.contents import read_team

        try:
            return read_team(self._api, name)
        except (ReportError, TransportError) as error:
            self._notes.append(f"The members of {name} are not known: {error}.")
            return None

    def publish(self, report: Report, folder: Path) -> tuple[str, ...]:
        """Nothing is written from a laptop: what is tried out there is no verdict on the pull request."""
        if not (self._environ.get("GITHUB_ACTIONS") or self._environ.get("CI")):
            return tuple(map(self._redact, self._notes))
        from deliverygate.platforms.github.publishing import Publisher, Sources

        sources = Sources(api=lambda: self._api, event=lambda: self._event, pull=lambda: self._pull, git=self._git)
        known: ChangeRequest | None = self.__dict__.get("_change")  # it is not asked for now
        files = known.tracked_files if known else ()
        publisher = Publisher(report, folder, environ=self._environ, sources=sources, files=files, redact=self._redact)
        publisher.write_locally(self._output or sys.stdout)
        publisher.write_remotely()
        return tuple(map(self._redact, (*self._notes, *publisher.notes)))

    def fold(self, title: str) -> tuple[str, str]:
        from deliverygate.platforms.github.commands import group

        return group(title) if self._environ.get("GITHUB_ACTIONS") == "true" else ("", "")

    @cached_property
    def _event(self) -> Event:
        return read_event(self._environ)

    @cached_property
    def _api(self) -> GitHubApi:
        from deliverygate.platforms.github.api import GitHubApi

        http = self._http
        if http is None:
            from deliverygate.http import RequestsHttp

            http = RequestsHttp(self._clock)
        token = find_token(self._environ)
        return GitHubApi(http, self._clock, url=api_of(self._environ), token=token, redact=self._redact)

    @property
    def _pull(self) -> Found | None:
        """The pull request; None when there is none. Raises ReportError or TransportError when that is not known."""
        if isinstance(self._answer, str):
            try:
                self._answer = self._find_pull()
            except (ReportError, TransportError) as error:
                self._answer = error  # whoever asks again would wait as long again
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def _find_pull(self) -> Found | None:
        from deliverygate.platforms.github.finding import find_by_branch, find_by_number

        event = self._event
        if event.number is not None and event.repository is not None:
            return find_by_number(self._api, event, repository=event.repository, number=event.number)
        if event.name or not find_token(self._environ):
            return None
        return find_by_branch(self._api, self._git, self._environ)

    @cached_property
    def _change(self) -> ChangeRequest:
        found = self._pull
        if found is None:
            return self._change_of_branch()
        from deliverygate.platforms.github.change import PullRequest

        pull_request = PullRequest(
            self._api, self._git, self._event, repository=found.repository, pull=found.pull, redact=self._redact
        )
        return pull_request.change(source=found.source, notes=found.notes)

    def _change_of_branch(self) -> ChangeRequest:
        change = self._of_branch.change()
        notes = change.notes
        if not self._event.name:
            why = "there is none for this branch" if find_token(self._environ) else "no token is set (GITHUB_TOKEN)"
            notes = (*notes, f"No pull request was read: {why}.")
        branch = self._environ.get("GITHUB_REF_NAME") if self._event.name else self._git.branch
        return replace(change, platform="github", branch=branch, notes=notes, is_of_target=self._is_push_to_default)

    @property
    def _is_push_to_default(self) -> bool:
        ref, default = self._environ.get("GITHUB_REF", ""), self._event.payload.repository.default_branch
        named = {f"refs/heads/{name}" for name in ((default,) if default else DEFAULTS)}
        return self._event.name == "push" and ref in named

    @cached_property
    def _of_branch(self) -> LocalGit:
        """A push to the default branch is compared with what that was before it.

        Any other branch is compared with the default one: what it brought in an earlier push is its change as well.
        """
        before = self._event.payload.before if self._is_push_to_default else None
        known = before and before.strip("0") and self._git.commit(before)
        return self._git.against(known) if known else self._git

    @property
    def _known_tip(self) -> str | None:
        """What the target was at when the run was started, as far as anybody knows."""
        from deliverygate.platforms.github.checkout import merged_into

        event = self._event
        if event.pull is None:
            return event.group.base_sha if event.group else None
        try:
            return merged_into(self._git, event.pull.head.sha) or event.pull.base.sha
        except (ReportError, ToolError):
            return event.pull.base.sha

    @property
    def _remote(self) -> str:
        """Where the target branch lies: a checkout of a fork has the fork as its origin."""
        repository = self._event.repository or ""
        try:
            host, name = split_address(self._git.remote() or "")
        except (ReportError, ToolError):
            host, name = "", None
        # A folder of this machine is a mirror that somebody set up here, under whatever name.
        if not host or (host == server_of(self._environ) and (name or "").lower() == repository.lower()):
            return "origin"
        return f"{self._environ.get('GITHUB_SERVER_URL') or 'https://' + server_of(self._environ)}/{repository}"
