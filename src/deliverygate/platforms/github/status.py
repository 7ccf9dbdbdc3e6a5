"""The verdict on the commit itself, where a repository asks for it: a check run or a commit status.

Within GitHub Actions the job is a check already, so none is made unless ``DELIVERYGATE_GITHUB_STATUS`` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from deliverygate.errors import UsageError
from deliverygate.model import Report, Verdict
from deliverygate.platforms.github.api import GitHubApi
from deliverygate.platforms.github.wire import CheckRun
from deliverygate.renderers import note
from deliverygate.renderers.annotations import Annotation, pick
from deliverygate.renderers.text import cut, one_line
from deliverygate.renderers.wording import meaning

VARIABLE = "DELIVERYGATE_GITHUB_STATUS"
PER_REQUEST = 50  # annotations; each further request adds its own
ANNOTATIONS = 100  # of a level
SUMMARY = 60_000  # of 65,535 characters
DESCRIPTION = 140


@dataclass(frozen=True)
class Commit:
    """Where the verdict is to stand."""

    repository: str
    sha: str
    run: str | None  #: the page of the run
    prefix: str = ""  #: the folder that the paths of findings are relative to, e.g. "services/shop/"


def setter(environ: Mapping[str, str]) -> Callable[[GitHubApi, Commit, Report, Callable[[str], str]], None] | None:
    """What sets the wanted kind of status; None: none is wanted. Raises UsageError for a word that is none of ours."""
    word = environ.get(VARIABLE, "").strip() or "none"
    if word not in SETTERS and word != "none":
        mend = f"write {', '.join(SETTERS)} or none"
        raise UsageError(f"{word!r} is not a kind of status", where=VARIABLE, mend=mend)
    return SETTERS.get(word)


def set_status(api: GitHubApi, commit: Commit, report: Report, redact: Callable[[str], str]) -> None:
    """A commit status. Raises ReportError or TransportError."""
    # "error" and "failure" both block; only "success" lets through.
    failed = "failure" if report.verdict is Verdict.FAILED else "error"
    body = {
        "state": "success" if report.allowed else failed,
        "context": f"deliverygate/{report.stage}",
        "description": cut(redact(one_line(meaning(report))), DESCRIPTION),
    }
    link = {"target_url": commit.run} if commit.run else {}
    path = f"repos/{commit.repository}/statuses/{commit.sha}"
    api.write("POST", path, body | link, msgspec.Raw, needs="statuses: write")


def set_check(api: GitHubApi, commit: Commit, report: Report, redact: Callable[[str], str]) -> None:
    """A check run with annotations. Raises ReportError or TransportError."""
    output = {
        "title": redact(one_line(meaning(report))),
        "summary": redact(note.render(report, limit=SUMMARY)),
    }
    annotations = [_annotation(each, commit.prefix, redact) for each in _picked(report)]
    body: dict[str, Any] = {
        "name": f"deliverygate/{report.stage}",
        "head_sha": commit.sha,
        "status": "completed",
        # Never "neutral" or "skipped": for a branch rule both count as passed.
        "conclusion": "success" if report.allowed else "failure",
        "output": {**output, "annotations": annotations[:PER_REQUEST]},
    }
    body |= {"details_url": commit.run} if commit.run else {}
    path = f"repos/{commit.repository}/check-runs"
    made = api.write("POST", path, body, CheckRun, needs="checks: write")
    for start in range(PER_REQUEST, len(annotations), PER_REQUEST):
        further = {"output": {**output, "annotations": annotations[start : start + PER_REQUEST]}}
        api.write("PATCH", f"{path}/{made.id}", further, CheckRun, needs="checks: write")


SETTERS = {"check-run": set_check, "commit-status": set_status}


def _picked(report: Report) -> Iterator[Annotation]:
    for blocks in (True, False):
        yield from (each for each in pick(report, ANNOTATIONS, blocks=blocks).shown if each.place)


def _annotation(annotation: Annotation, prefix: str, redact: Callable[[str], str]) -> dict[str, Any]:
    place = annotation.place
    assert place is not None  # noqa: S101  those without are left out above
    line = place.line or 1
    return {
        "path": prefix + place.path,
        "start_line": line,
        "end_line": max(place.end_line or line, line),
        "annotation_level": "failure" if annotation.blocks else "warning",
        "title": redact(annotation.title),
        "message": redact(annotation.message),
    }
