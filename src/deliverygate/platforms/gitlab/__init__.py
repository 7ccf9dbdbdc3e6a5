"""GitLab: the change is a merge request, the verdict a thread in it. The only part that imports python-gitlab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.errors import DeliveryGateError, ReportError, ToolError
from deliverygate.gate import Clock, Http
from deliverygate.model import Report
from deliverygate.platforms import Target
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.gaps import Gaps
from deliverygate.platforms.gitlab.job import read_job
from deliverygate.platforms.gitlab.learning import Learner
from deliverygate.platforms.gitlab.place import Place, place_of_job, place_of_remote
from deliverygate.platforms.gitlab.records import Member
from deliverygate.platforms.gitlab.searching import number_of_branch, number_of_job
from deliverygate.platforms.gitlab.showing import Showing
from deliverygate.platforms.gitlab.texts import text_at
from deliverygate.platforms.local_git import LocalGit, in_repository
from deliverygate.renderers.text import one_line

__all__ = ["GitLabPlatform"]

STATUS = "DELIVERYGATE_GITLAB_STATUS"  #: set to "true": the verdict becomes a status of the commit too


class GitLabPlatform:
    """A job of GitLab CI, or a clone of a GitLab project on a laptop."""

    name = "gitlab"

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        clock: Clock,
        git: LocalGit,
        redact: Callable[[str], str] = str,
        http: Http | None = None,
    ) -> None:
        """``http`` is None for the real door. Nothing is asked yet."""
        self._clock = clock
        self._git = git
        self._redact = redact
        self._http = http
        self._job = read_job(environ)
        self._wants_status = environ.get(STATUS, "").lower() == "true"
        self._known: ChangeRequest | None = None
        self._teams: dict[str, frozenset[str] | None] = {}
        self._gaps = Gaps(self._job.token, redact)  # all but those of the change, which tells its own

    def change(self) -> ChangeRequest:
        """The merge request; where there is none, the commits of the branch."""
        if self._known is None:
            self._known = self._learn()
        return self._known

    def base_text(self, path: str) -> str | None:
        """From the clone where it reaches back to the base, else from GitLab."""
        base = self._job.base or self.change().base
        git = self._git.against(base) if base else self._git
        if base is None or self._client is None or _reaches_back(git):
            return git.base_text(path)
        return text_at(self._client, self._project, in_repository(path, git.prefix), base, self._gaps)

    def target(self) -> Target | None:
        """None outside of pipelines of merge requests, and on a laptop for a branch that has none."""
        job = self._job
        if not job.is_ci:
            known = self.change()
            return Target(branch=known.target) if known.number is not None and known.target else None
        if job.number is None or job.target_branch is None:
            return None
        # What a merge train's pipeline is merged with holds the changes before it in the train: they are no law yet.
        commit = job.target_head if job.event == "merged_result" else None
        return Target(branch=job.target_branch, commit=commit, fetch_from=job.target_url or "origin")

    def pipeline_started_at(self) -> datetime | None:
        return None  # the environment tells

    def team(self, name: str) -> frozenset[str] | None:
        """The active members of a group, those of the groups above it included; None also for a user's name."""
        if name.casefold() in self._users:  # a name is a user's or a group's, never both
            return None
        if name not in self._teams:
            doubt = "" if "/" in name else ", if that is a group"
            told = f"who is in @{one_line(name, 100)}{doubt}"
            self._teams[name] = self._gaps.fill(told, lambda: self._members(name))
        return self._teams[name]

    def publish(self, report: Report, folder: Path) -> tuple[str, ...]:
        """A thread in the merge request and, where it is asked for, a status of the commit."""
        if self._job.is_ci and self._client is not None:
            showing = Showing(self._client, self._job, self._gaps, project=self._project, redact=self._redact)
            if self._job.number is not None:
                files = self._known.tracked_files if self._known else ()
                showing.thread(report, self._job.number, folder=self._folder, files=files)
            if self._wants_status:
                showing.status(report)
        return self._gaps.notes

    def fold(self, title: str) -> tuple[str, str]:
        """A section of the job's log. https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections"""
        shown = one_line(title, 200)
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in shown)
        section = f"{int(self._clock.now().timestamp())}:deliverygate_{plain[:60]}"
        return (
            f"\x1b[0Ksection_start:{section}[collapsed=true]\r\x1b[0K{shown}",
            f"\x1b[0Ksection_end:{section}\r\x1b[0K",
        )

    def _learn(self) -> ChangeRequest:
        gaps = Gaps(self._job.token, self._redact)
        number = number_of_job(self._job)
        if number is None and not self._job.is_ci:
            number = number_of_branch(self._job, self._git, gaps, client=self._client, project=self._project)
        if number is None:
            change = self._git.change()
            return replace(change, notes=(*change.notes, *gaps.notes))
        if self._client is None:
            raise ReportError(
                "GitLab CI does not say on which server it is",
                where=f"merge request !{number}",
                mend="do not unset CI_API_V4_URL and CI_MERGE_REQUEST_PROJECT_ID, which every such job is given",
            )
        return Learner(self._client, self._git, self._job, gaps, project=self._project, number=number).change()

    def _members(self, name: str) -> frozenset[str] | None:
        if self._client is None:
            return None
        group = self._client.gitlab.groups.get(name, lazy=True)
        members = self._client.each(lambda: group.members_all.list(iterator=True), Member)
        return frozenset(each.username for each in members if each.is_active)

    @property
    def _users(self) -> set[str]:
        """Names that are known to be of users."""
        known = self._known
        people = [known.author, *(each.by for each in known.approvals or ())] if known else []
        return {name.casefold() for name in people if name}

    @cached_property
    def _place(self) -> Place | None:
        return place_of_job(self._job) if self._job.is_ci else place_of_remote(self._job, self._git.remote())

    @property
    def _project(self) -> str:
        return self._place.project if self._place else ""

    @property
    def _folder(self) -> str:
        """Where in the repository we are: services of one repository may have a policy each."""
        try:
            return self._git.prefix
        except DeliveryGateError:
            return ""

    @cached_property
    def _client(self) -> Client | None:
        """None where nobody says which server to ask."""
        if self._place is None:
            return None
        if self._http is None:
            from deliverygate.http import RequestsHttp

            self._http = RequestsHttp(self._clock)
        job = self._job
        return Client(self._place.server, token=job.token, http=self._http, clock=self._clock, verify=job.ca)


def _reaches_back(git: LocalGit) -> bool:
    """Whether the clone holds the base."""
    try:
        return bool(git.base)
    except (ReportError, ToolError):
        return False
