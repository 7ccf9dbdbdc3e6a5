"""The verdict where reviewers look: a thread in the merge request, and a status of the commit where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deliverygate.change import ChangedFile
from deliverygate.errors import DeliveryGateError
from deliverygate.model import Report
from deliverygate.platforms.gitlab.carrier import Refused
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.gaps import WRITE, Gaps, mend
from deliverygate.platforms.gitlab.job import Job
from deliverygate.platforms.gitlab.thread import Thread
from deliverygate.renderers.note import render
from deliverygate.renderers.text import one_line

NOTE_CHARACTERS = 60_000  # GitLab takes a million; nobody reads them


class Showing:
    """Shows one report. What is not possible becomes a gap, never an error."""

    def __init__(self, client: Client, job: Job, gaps: Gaps, *, project: str, redact: Callable[[str], str]) -> None:
        self._client = client
        self._job = job
        self._gaps = gaps
        self._project = project
        self._redact = redact

    def thread(self, report: Report, number: int, *, folder: str, files: Sequence[ChangedFile]) -> None:
        """Write the thread of this stage, as it is seen from ``folder`` of the repository."""
        token = self._job.token
        if token is None or token.is_of_job:
            self._gaps.say(f"No note was written in !{number}: {mend(token, 401, right=WRITE)}.")
            return
        text = render(report, limit=NOTE_CHARACTERS, files=files, whole=_artifacts(self._job))
        thread = Thread(
            self._client,
            self._client.request(self._project, number),
            self._gaps,
            key=f"{folder}{report.policy.path}:{report.stage}",
            pipeline=self._job.pipeline or 0,
        )
        try:
            thread.show(self._redact(text), is_resolved=report.allowed)
        except DeliveryGateError as error:
            self._gaps.say(f"No note was written in !{number}: {self._gaps.reason(error, right=WRITE)}.")

    def status(self, report: Report) -> None:
        """Set the status ``deliverygate/STAGE`` of the commit, in the pipeline of this job."""
        job = self._job
        if job.commit is None or job.own_project is None:
            return
        fields: dict[str, str | int | None] = {
            "state": "success" if report.allowed else "failed",
            "name": f"deliverygate/{one_line(report.stage, 100)}",
            "description": "allowed" if report.allowed else f"blocked: {report.verdict.value}",
            "target_url": job.url,
            "pipeline_id": job.pipeline,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        statuses = self._client.project(job.own_project).commits.get(job.commit, lazy=True).statuses
        try:
            self._client.do(lambda: statuses.create(given))
        except DeliveryGateError as error:
            if not _is_set_already(error):
                self._gaps.say(f"The commit got no status: {self._gaps.reason(error, right=WRITE)}.")


def _is_set_already(error: DeliveryGateError) -> bool:
    """The same status a second time, as after a retry: GitLab calls that a transition that cannot be made."""
    return isinstance(error, Refused) and error.status == 400 and "Cannot transition" in error.message


def _artifacts(job: Job) -> str | None:
    """The page of the job's files, as a link of Markdown."""
    if job.url is None or not job.url.startswith(("https://", "http://")) or set(job.url) & set(" <>()[]\"'`"):
        return None
    return f"[the files of the job]({job.url}/artifacts/browse)"
