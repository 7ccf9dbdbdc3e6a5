"""One comment on the pull request for each stage, created once and kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from deliverygate.change import ChangedFile
from deliverygate.model import Report
from deliverygate.platforms.github.api import GitHubApi, Refused
from deliverygate.platforms.github.wire import Comment, User
from deliverygate.renderers import note

READ = "pull-requests: read"
WRITE = "pull-requests: write"

LIMIT = 60_000  # GitHub takes 65,536 characters


def body(report: Report, *, run: str | None, files: Sequence[ChangedFile] = ()) -> str:
    """The text. It begins with a marker that nobody sees, by which it is found again."""
    whole = f"[the job]({run})" if run else None
    return f"{marker(report)}\n{note.render(report, limit=LIMIT, files=files, whole=whole)}"


def marker(report: Report) -> str:
    """Two stages, and two policies of one repository, have comments of their own."""
    return f"<!-- deliverygate {quote(report.stage, safe='')} {quote(report.policy.path, safe='')} -->"


def put(api: GitHubApi, repository: str, number: int, text: str, *, is_fork: bool = False) -> None:
    """Bring our own comment up to date, or write the first one. Raises ReportError or TransportError."""
    try:
        _put(api, repository, number, text)
    except Refused as error:
        if is_fork and error.status in {403, 404}:
            error.mend = "in a run of a fork the token may only read: see the summary of the job"
        raise


def _put(api: GitHubApi, repository: str, number: int, text: str) -> None:
    mark = text.partition("\n")[0]
    login = _login(api)
    path = f"repos/{repository}/issues/{number}/comments"
    for comment in api.each(path, Comment, needs=READ):
        if not _is_ours(comment, mark, login):
            continue
        if comment.body == text or _update(api, repository, comment.id, text):
            return
    api.write("POST", path, {"body": text}, Comment, needs=WRITE)


def _login(api: GitHubApi) -> str | None:
    """Who we are; None for the token of a job or an app, which may not ask for it."""
    try:
        return api.get("user", User, needs="a user's token").login
    except Refused as error:
        if error.status not in {403, 404}:
            raise
        return None


def _is_ours(comment: Comment, mark: str, login: str | None) -> bool:
    """Whoever may write to a repository may change other people's comments too: theirs are left alone.

    Where we do not know our own name, another app's comment may have been written by it; no person's was.
    """
    if comment.user is None or not (comment.body or "").startswith(mark):
        return False
    return comment.user.type == "Bot" if login is None else comment.user.login == login


def _update(api: GitHubApi, repository: str, comment_id: int, text: str) -> bool:
    """False: it is not ours after all, or was deleted meanwhile."""
    try:
        api.write("PATCH", f"repos/{repository}/issues/comments/{comment_id}", {"body": text}, Comment, needs=WRITE)
    except Refused as error:
        if error.status not in {403, 404}:
            raise
        return False
    return True
