"""A merge request of GitLab to ChangeRequest: title and description for certain, the rest as far as a token reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from deliverygate.change import Approval, ChangedFile, ChangeRequest
from deliverygate.errors import ReportError, ToolError, TransportError
from deliverygate.platforms.gitlab.approvals import approvals, date, pushed_at
from deliverygate.platforms.gitlab.carrier import PER_PAGE, Refused
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.diffs import changed_files, is_cut
from deliverygate.platforms.gitlab.gaps import Gaps
from deliverygate.platforms.gitlab.job import MERGED, Job
from deliverygate.platforms.gitlab.records import Approvals, Diff, Issue, Note, Request, Version
from deliverygate.platforms.local_git import LocalGit

DEEPER = "check out with the whole history (GIT_DEPTH: 0) and it is git's"

_DRAFT = re.compile(r"\s*(?:draft:|\[draft\]|\(draft\))", re.IGNORECASE)


class Learner:
    """Asks about one merge request."""

    def __init__(self, client: Client, git: LocalGit, job: Job, gaps: Gaps, *, project: str, number: int) -> None:
        self._client = client
        self._git = git
        self._job = job
        self._gaps = gaps
        self._project = project
        self._number = number
        self._handle = client.request(project, number)

    def change(self) -> ChangeRequest:
        """The change. Raises ReportError when title and description cannot be known."""
        ask = self._client.project(self._project).mergerequests
        try:
            request = self._client.one(lambda: ask.get(self._number), Request)
        except TransportError as error:
            return self._as_told(error)
        return self._as_asked(request)

    def _as_told(self, error: TransportError) -> ChangeRequest:
        """What the environment says, where GitLab will not say more and the text is whole."""
        told = self._job.told
        if self._job.number is None or not told.title or not isinstance(error, Refused) or not error.is_about_rights:
            raise self._unknown(error)
        if told.description is None:
            raise self._unknown(error, "; $CI_MERGE_REQUEST_DESCRIPTION does not hold the whole of it")
        self._gaps.miss(f"merge request !{self._number} as it is now, its approvals and issues", error)
        self._gaps.say(
            "Title and description are those of the time when the pipeline was made, edits since then are not."
        )
        compared = self._compare(self._job.base)
        return replace(
            self._bare(told.title, told.description, "$CI_MERGE_REQUEST_DESCRIPTION"),
            target=self._job.target_branch,
            labels=told.labels,
            draft=bool(_DRAFT.match(told.title)),
            base=compared.base if compared else self._job.base,
            is_fork=self._job.is_fork,
            files=self._files(compared, None),
            notes=self._gaps.notes,
        )

    def _unknown(self, error: TransportError, more: str = "") -> ReportError:
        return ReportError(
            f"title and description could not be asked for ({self._gaps.reason(error)}){more}",
            where=f"merge request !{self._number}",
            mend="run the job again when GitLab answers; edits of the description are seen then too",
        )

    def _as_asked(self, request: Request) -> ChangeRequest:
        compared = self._compare(*self._bases(request))
        refs = request.diff_refs
        head = self._job.head or request.sha
        if self._job.is_ci and request.sha not in (None, head):
            self._gaps.say(f"The merge request has moved on to {request.sha[:10]}; this run is about {str(head)[:10]}.")
        files = self._files(compared, request)
        versions = self._versions()
        return replace(
            self._bare(request.title, request.description or "", request.web_url),
            url=request.web_url,
            target=request.target_branch,
            branch=request.source_branch,
            base=compared.base if compared else self._job.base or (refs.base_sha if refs else None),
            head=head,
            is_fork=request.source_project_id != request.target_project_id,
            author=request.author.username if request.author else None,
            draft=request.draft if request.draft is not None else request.work_in_progress,
            labels=request.labels,
            approvals=self._approvals(versions),
            pushed_at=None if versions is None else pushed_at(head, versions),
            issues=self._issues(request),
            files=files,
            notes=self._gaps.notes,
        )

    def _bare(self, title: str, description: str, source: str) -> ChangeRequest:
        return ChangeRequest(
            title=title,
            description=description,
            source=source,
            platform="gitlab",
            number=self._number,
            head=self._job.head,
            tested=self._tested(),
        )

    def _tested(self) -> str | None:
        try:
            return self._git.head
        except (ReportError, ToolError):
            return self._job.commit

    def _bases(self, request: Request) -> tuple[str | None, ...]:
        """What the checkout may be compared with: what the job says; on a laptop the target branch as fetched."""
        of_diff = request.diff_refs.base_sha if request.diff_refs else None
        if self._job.is_ci:
            return (self._job.base, None if self._job.event in MERGED else of_diff)
        return (f"refs/remotes/origin/{request.target_branch}", of_diff)

    def _compare(self, *candidates: str | None) -> LocalGit | None:
        """The checkout, compared with the first of ``candidates`` that the clone has; None when it has none."""
        for name in filter(None, candidates):
            compared = self._git.against(name)
            try:
                _ = compared.base
            except (ReportError, ToolError):
                continue
            return compared
        return None

    def _files(self, compared: LocalGit | None, request: Request | None) -> tuple[ChangedFile, ...] | None:
        if compared:
            return self._gaps.fill("the changed files", compared.files)
        return self._gaps.fill("the changed files", lambda: tuple(self._files_of_gitlab(request)))

    def _files_of_gitlab(self, request: Request | None) -> Iterator[ChangedFile]:
        if request is not None and is_cut(request.changes_count):
            raise ReportError(f"GitLab lists only {request.changes_count} of them", mend=DEEPER)
        path = f"{self._handle.manager.path}/{self._handle.encoded_id}/diffs"
        diffs = self._client.each(lambda: self._client.gitlab.http_list(path, iterator=True, per_page=30), Diff)
        found = tuple(changed_files(diffs, prefix=self._git.prefix))
        self._gaps.say(f"The changed files are GitLab's, since the clone does not reach back far enough; {DEEPER}.")
        if unknown := sum(file.lines is None for file in found):
            self._gaps.say(f"GitLab does not show the changed lines of {unknown} of {len(found)} files.")
        yield from found

    def _versions(self) -> tuple[Version, ...] | None:
        ask = self._handle.diffs
        return self._gaps.fill(
            "the times of pushes", lambda: tuple(self._client.each(lambda: ask.list(iterator=True), Version))
        )

    def _approvals(self, versions: tuple[Version, ...] | None) -> tuple[Approval, ...] | None:
        found = self._gaps.fill("approvals", lambda: self._client.one(self._handle.approvals.get, Approvals))
        if found is None:
            return None
        ask = self._handle.notes
        notes = self._client.each(lambda: ask.list(iterator=True, order_by="created_at", sort="desc"), Note)
        dates = self._gaps.fill("the times of approvals", lambda: date(found.approved_by, notes))
        return approvals(found.approved_by, date(found.approved_by, None) if dates is None else dates, versions)

    def _issues(self, request: Request) -> tuple[str, ...] | None:
        ask = self._handle.closes_issues
        found = self._gaps.fill(
            "linked issues", lambda: tuple(self._client.each(lambda: ask(per_page=PER_PAGE), Issue))
        )
        if found is None:
            return None
        if not found and self._job.default_branch not in (None, request.target_branch):
            self._gaps.say("GitLab tells which issues a change closes only where it goes to the default branch.")
            return None
        return tuple(_written(issue, request.target_project_id) for issue in found)


def _written(issue: Issue, project: int | None) -> str:
    """An issue as one writes it in this project; one of another tracker has nothing but its id."""
    if issue.iid is None:
        return str(issue.id)
    if issue.project_id != project and issue.references:
        return issue.references.full
    return f"#{issue.iid}"
