"""The verdict where people look: summary and annotations of the job, its outputs, a comment, a status on the commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from deliverygate.change import ChangedFile
from deliverygate.errors import DeliveryGateError, ReportError, ToolError
from deliverygate.model import Report
from deliverygate.platforms.github.commands import PER_STEP, annotate, command, outputs
from deliverygate.platforms.github.event import Event
from deliverygate.platforms.github.place import find_token
from deliverygate.platforms.local_git import LocalGit
from deliverygate.redaction import outlet
from deliverygate.renderers import output_files
from deliverygate.renderers.annotations import pick

if TYPE_CHECKING:
    from deliverygate.platforms.github.api import GitHubApi
    from deliverygate.platforms.github.finding import Found

#: Of all that one step writes; the runner uploads nothing of a longer file.
SUMMARY_BYTES = 1_000_000
SMALLEST_SUMMARY = 2_000  # bytes; in less there is no room for a verdict

EXPECTED = (DeliveryGateError, OSError, ValueError)  # ValueError: a stream that cannot encode a character


@dataclass(frozen=True)
class Sources:
    """What there is to be asked; nothing of it is before it is needed."""

    api: Callable[[], GitHubApi]
    event: Callable[[], Event]
    pull: Callable[[], Found | None]
    git: LocalGit


class Publisher:
    """Shows one report; ``notes`` are what was not possible. ``files`` are those of the change, if they are known."""

    def __init__(
        self,
        report: Report,
        folder: Path,
        *,
        environ: Mapping[str, str],
        sources: Sources,
        files: Sequence[ChangedFile],
        redact: Callable[[str], str],
    ) -> None:
        self.notes: list[str] = []
        self._report = report
        self._folder = folder
        self._environ = environ
        self._ask = sources
        self._files = files
        self._redact = redact

    def write_locally(self, output: TextIO) -> None:
        """What the runner takes from the job itself, whatever the token may do; nothing outside of GitHub Actions."""
        if self._environ.get("GITHUB_ACTIONS") != "true":
            return
        self._attempt("The outputs of the step were not written", self._write_outputs)
        self._attempt("The summary of the job was not written", self._write_summary)
        self._attempt("The annotations were not written", lambda: self._annotate(output))

    def write_remotely(self) -> None:
        """What is written by the API, with the rights of the token."""
        self._attempt("No comment was written", self._comment)
        self._attempt("No status was set", self._set_status)

    def _attempt(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except EXPECTED as error:
            self.notes.append(f"{what}: {str(error).removesuffix('.')}.")

    def _write_outputs(self) -> None:
        path = self._environ.get("GITHUB_OUTPUT")
        if path:
            values = {
                "verdict": self._report.verdict.value,
                "exit-code": str(self._report.exit_code),
                "report": str(self._folder / "report.json"),
            }
            _append(path, outputs(values.items()).encode())

    def _write_summary(self) -> None:
        path = self._environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        from deliverygate.renderers.markdown import MAX_BYTES, page

        taken = Path(path).stat().st_size if Path(path).exists() else 0
        room = min(MAX_BYTES, SUMMARY_BYTES - taken)
        if room < SMALLEST_SUMMARY:
            raise ReportError("this step has written a whole summary before", where="GITHUB_STEP_SUMMARY")
        text = self._redact(page(self._report, max_bytes=room))
        _append(path, ("\n\n" if taken else "").encode() + text.encode())

    def _annotate(self, output: TextIO) -> None:
        picked = [pick(self._report, PER_STEP, blocks=blocks, files=self._files) for blocks in (True, False)]
        prefix = _prefix(self._ask.git)
        lines = [annotate(each, prefix=prefix) for found in picked for each in found.shown]
        if left_out := sum(found.left_out for found in picked):
            text = f"{left_out:,} more are in the summary of the job and in the reports ({', '.join(output_files())})"
            lines.append(command("notice", text, {"title": f"deliverygate: {self._report.stage}"}))
        encoding = output.encoding or "utf-8"
        output.write(self._redact("".join(lines)).encode(encoding, "replace").decode(encoding))
        output.flush()

    def _comment(self) -> None:
        event = self._ask.event()
        if not find_token(self._environ):
            if event.number is not None:
                mend = "pass `GITHUB_TOKEN: ${{ github.token }}`"
                raise ReportError("no token is set", where="GITHUB_TOKEN", mend=mend)
            return
        place = self._place(event)
        if place is not None:
            from deliverygate.platforms.github.comment import body, put

            text = self._redact(body(self._report, run=self._run_address, files=self._files))
            put(self._ask.api(), *place, text, is_fork=_is_fork(event))

    def _place(self, event: Event) -> tuple[str, int] | None:
        """Repository and number of the pull request; the event tells them even where GitHub does not answer."""
        if event.name:
            return (event.repository or "", event.number) if event.number is not None else None
        found = self._ask.pull()
        return (found.repository, found.pull.number) if found else None

    def _set_status(self) -> None:
        from deliverygate.platforms.github.status import Commit, setter

        put = setter(self._environ)
        if put is None:
            return
        repository, sha = self._judged(self._ask.event())
        commit = Commit(repository, sha, run=self._run_address, prefix=_prefix(self._ask.git))
        put(self._ask.api(), commit, self._report, self._redact)

    def _judged(self, event: Event) -> tuple[str, str]:
        """Repository and commit that the verdict is about; of a pull request its head, which rules look at."""
        if event.repository and event.pull:
            return event.repository, event.pull.head.sha
        if event.repository and event.tested:
            return event.repository, event.tested
        found = self._ask.pull()
        if found is None:
            raise ReportError("no commit on GitHub is judged", where="git", mend="run it for a pull request")
        return found.repository, found.pull.head.sha

    @property
    def _run_address(self) -> str | None:
        """The page of this run."""
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
        server, repository, run = (self._environ.get(name) for name in names)
        return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else None


def _is_fork(event: Event) -> bool:
    from deliverygate.platforms.github.change import is_fork

    return event.pull is not None and is_fork(event.pull)


def _prefix(git: LocalGit) -> str:
    try:
        return git.prefix
    except (ReportError, ToolError):  # no repository: then nobody knows better
        return ""


def _append(path: str, data: bytes) -> None:
    with Path(path).open("ab") as file:
        file.write(outlet.redact_bytes(data))
