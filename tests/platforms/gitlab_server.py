"""A small GitLab on the loopback interface: it keeps what it is told, and to the API as https://docs.gitlab.com documents it.

Each exchange is held to GitLab's own description of its API, see ``contract.py``. What it cannot do is answered with 404.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.platforms.contract import Exchange, contract

PROJECT, FORK = 42, 43
PATH = "acme/shop"
START = "2026-01-02T03:04:05.000Z"
Record = dict[str, Any]


def user(name: str, number: int = 7) -> Record:
    return {"id": number, "username": name, "name": name.title(), "state": "active", "web_url": f"https://x/{name}"}


ADA, BOB, ROBOT = user("ada", 1), user("bob", 2), user("project_42_bot", 9)


@dataclass(frozen=True)
class Access:
    """What a token may do. https://docs.gitlab.com/security/tokens/, https://docs.gitlab.com/user/permissions/"""

    user: Record
    scope: str = "api"  #: "api" or "read_api"
    role: str = "Developer"  #: a Reporter comments, but resolves no thread of others
    is_job: bool = False


@dataclass
class Trouble:
    """An answer out of turn, a number of times, for requests that fit."""

    method: str
    path: re.Pattern[str]
    status: int
    body: bytes
    headers: dict[str, str]
    times: int
    is_slow: bool = False


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class GitLabServer:
    """The state of one server, and the threads that answer from it."""

    def __init__(self) -> None:
        self.tokens = {
            "glpat-robot": Access(ROBOT),
            "glpat-reads": Access(ROBOT, scope="read_api"),
            "glpat-reporter": Access(ROBOT, role="Reporter"),
            "job-token": Access(ADA, is_job=True),
        }
        self.request: Record = merge_request()
        self.others: list[Record] = []  #: further merge requests, for lists
        self.approved_by: list[Record] = []
        self.versions: list[Record] = [version("b" * 40, START)]
        self.notes: list[Record] = []  #: newest last
        self.discussions: list[Record] = []
        self.closes: list[Record] = []
        self.diffs: list[Record] = []
        self.members: dict[str, list[Record]] = {}  #: by the group's path
        self.files: dict[tuple[str, str], bytes] = {}  #: by path and commit
        self.statuses: list[Record] = []
        self.job_denial = 401  #: 403 and 404 are seen as well
        self.asked: list[str] = []  #: "GET /user" and so on, without query
        self.tokens_seen: set[str] = set()
        self.faults: list[str] = []  #: what was not as documented
        self.external_url: str | None = None  #: how the server names itself in links
        self._troubles: list[Trouble] = []
        self._lock = Lock()
        self._stop = Event()
        self._check = contract("gitlab.json")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=lambda: self._server.serve_forever(poll_interval=0.02))
        self._thread.start()

    def trouble(
        self, path: str, status: int = 500, *, method: str = "GET", body: bytes | Record | None = None, times: int = 99,
        is_slow: bool = False, **headers: str,
    ) -> None:  # fmt: skip
        """Answer requests whose path ends like ``path`` otherwise; ``retry_after="1"`` becomes a header."""
        said = body if isinstance(body, bytes) else json.dumps(body or {"message": f"{status} Trouble"}).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self._troubles.append(
            Trouble(method, re.compile(rf".*{path}"), status, said, names, times=times, is_slow=is_slow)
        )

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def answer(self, method: str, target: str, headers: Message, body: bytes) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            path = urlsplit(target).path.removeprefix("/api/v4")
            self.asked.append(f"{method} {path}")
            trouble = next((each for each in self._troubles if _fits(each, method, path)), None)
            if trouble:
                trouble.times -= 1
        if trouble:
            if trouble.is_slow:
                self._stop.wait(30)
            return trouble.status, {"content-type": "application/json"} | trouble.headers, trouble.body
        with self._lock:
            answer = self._route(method, target, headers, body)
        is_file = isinstance(answer.body, bytes)
        data = answer.body if is_file else json.dumps(answer.body).encode()
        known = {"content-type": "application/octet-stream" if is_file else "application/json"} | answer.headers
        fault = self._check(Exchange(method, target, dict(headers.items()), body, answer.status, known, data))
        self.faults += [fault] if fault else []
        return answer.status, known, data

    def _route(self, method: str, target: str, headers: Message, body: bytes) -> Answer:
        parts = urlsplit(target)
        token = headers.get("private-token") or headers.get("job-token") or ""
        self.tokens_seen |= {token} - {""}
        access = self.tokens.get(token)
        if access is None or access.is_job is not ("job-token" in headers):
            return Answer(401, {"message": "401 Unauthorized"})
        for verb, pattern, act, for_jobs in ROUTES:
            found = re.fullmatch(pattern, parts.path.removeprefix("/api/v4"))
            if verb != method or not found:
                continue
            if access.is_job and not for_jobs:  # doc/ci/jobs/ci_job_token.md
                return Answer(self.job_denial, {"message": f"{self.job_denial} Denied"})
            if method != "GET" and access.scope != "api":  # doc/api/rest/troubleshooting.md
                return Answer(403, {"error": "insufficient_scope", "error_description": "needs more", "scope": "api"})
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            named = {name: unquote(value) for name, value in found.groupdict().items()}
            if named.get("project") not in (None, str(PROJECT), PATH, str(FORK)):
                return Answer(404, {"message": "404 Project Not Found"})
            answer = act(self, access, named, query, json.loads(body) if body else {})
            return self._page(answer, target, query) if isinstance(answer, list) else answer
        return Answer(404, {"error": "404 Not Found"})

    def _page(self, records: list[Record], target: str, query: dict[str, str]) -> Answer:
        """A page of a list, and where the next one is. doc/api/rest/_index.md#pagination"""
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 20)), 100)
        last = max(-(-len(records) // size), 1)
        headers = {"x-page": str(page), "x-per-page": str(size), "x-total": str(len(records)), "x-next-page": ""}
        if page < last:
            more = urlencode({**query, "page": page + 1, "per_page": size})
            headers["x-next-page"] = str(page + 1)
            headers["Link"] = f'<{self.external_url or self.url}{urlsplit(target).path}?{more}>; rel="next"'
        return Answer(200, records[(page - 1) * size : page * size], headers)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gitlab = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, headers, data = gitlab.answer(self.command, self.path, self.headers, body)
                with contextlib.suppress(OSError):  # whoever asked has gone
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  names of the standard library

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        return Handler


def _fits(trouble: Trouble, method: str, path: str) -> bool:
    return trouble.times > 0 and trouble.method == method and bool(trouble.path.fullmatch(path))


def _me(server: GitLabServer, access: Access, *_: object) -> Answer:
    """doc/api/users.md"""
    return Answer(200, access.user | {"created_at": START})


def _one(server: GitLabServer, _: Access, named: Record, *__: object) -> Answer:
    """doc/api/merge_requests.md"""
    if int(named["iid"]) != server.request["iid"]:
        return Answer(404, {"message": "404 Not found"})
    return Answer(200, server.request)


def _list(server: GitLabServer, _: Access, __: Record, query: Record, ___: Record) -> list[Record]:
    """doc/api/merge_requests.md"""
    known = [server.request, *server.others]
    return [
        each
        for each in known
        if query.get("source_branch") in (None, each["source_branch"]) and query.get("state") in (None, each["state"])
    ]


def _approvals(server: GitLabServer, *_: object) -> Answer:
    """doc/api/merge_request_approvals.md: on the free tier ``approved`` says nothing of a number."""
    said = {"user_has_approved": False, "user_can_approve": True, "approved": True, "approved_by": server.approved_by}
    return Answer(200, said)


def _notes(server: GitLabServer, _: Access, __: Record, query: Record, ___: Record) -> list[Record]:
    """doc/api/notes.md: newest first unless asked otherwise."""
    return server.notes if query.get("sort") == "asc" else server.notes[::-1]


def _raw(server: GitLabServer, _: Access, named: Record, query: Record, __: Record) -> Answer:
    """doc/api/repository_files.md"""
    found = server.files.get((named["file"], query.get("ref", "HEAD")))
    return Answer(200, found) if found is not None else Answer(404, {"message": "404 File Not Found"})


def _members(server: GitLabServer, _: Access, named: Record, *__: object) -> Answer | list[Record]:
    """doc/api/group_members.md: a group that one may not see does not exist."""
    found = server.members.get(named["group"])
    return Answer(404, {"message": "404 Group Not Found"}) if found is None else found


def _discuss(server: GitLabServer, access: Access, _: Record, __: Record, body: Record) -> Answer:
    """doc/api/discussions.md"""
    number = len(server.discussions) + 1
    made = {
        "id": f"{number:040x}",
        "individual_note": False,
        "notes": [note(body["body"], access.user, number=100 + number, resolvable=True)],
    }
    server.discussions.append(made)
    return Answer(201, made)


def _rewrite(server: GitLabServer, access: Access, named: Record, _: Record, body: Record) -> Answer:
    """doc/api/discussions.md: a note is changed by its author, or by a Maintainer."""
    thread = next(each for each in server.discussions if each["id"] == named["thread"])
    found = next(each for each in thread["notes"] if each["id"] == int(named["note"]))
    if found["author"]["id"] != access.user["id"]:
        return Answer(403, {"message": "403 Forbidden"})
    found |= body
    return Answer(200, found)


def _resolve(server: GitLabServer, access: Access, named: Record, _: Record, body: Record) -> Answer:
    """doc/api/discussions.md: needs the role Developer, or being the author of the change."""
    if access.role == "Reporter":
        return Answer(403, {"message": "403 Forbidden"})
    thread = next(each for each in server.discussions if each["id"] == named["thread"])
    for each in thread["notes"]:
        each["resolved"] = body["resolved"]
    return Answer(200, thread)


def _status(server: GitLabServer, access: Access, named: Record, _: Record, body: Record) -> Answer:
    """doc/api/commits.md; the same status a second time: spec/requests/api/commit_statuses_spec.rb"""
    if any((each["name"], each["status"]) == (body["name"], body["state"]) for each in server.statuses):
        said = f"Cannot transition status via :enqueue from :{body['state']}"
        return Answer(400, {"message": said})
    made = {
        "id": 900 + len(server.statuses), "sha": named["sha"], "ref": "change", "status": body["state"],
        "name": body["name"], "target_url": body.get("target_url"), "description": body.get("description"),
        "created_at": START, "allow_failure": False, "author": access.user, "pipeline_id": body.get("pipeline_id"),
    }  # fmt: skip
    server.statuses.append(made)
    return Answer(201, made)


def _held(name: str) -> Callable[..., list[Record]]:
    return lambda server, *_: getattr(server, name)


_P = r"/projects/(?P<project>[^/]+)"
_M = rf"{_P}/merge_requests/(?P<iid>\d+)"

#: method, path, what it does, whether a job's token may ask it (doc/ci/jobs/ci_job_token.md)
ROUTES: tuple[tuple[str, str, Callable[..., Answer | list[Record]], bool], ...] = (
    ("GET", "/user", _me, False),
    ("GET", rf"{_P}/merge_requests", _list, True),
    ("GET", _M, _one, True),
    ("GET", rf"{_M}/approvals", _approvals, False),
    ("GET", rf"{_M}/versions", _held("versions"), False),
    ("GET", rf"{_M}/notes", _notes, True),
    ("GET", rf"{_M}/closes_issues", _held("closes"), False),
    ("GET", rf"{_M}/diffs", _held("diffs"), False),
    ("GET", rf"{_M}/discussions", _held("discussions"), False),
    ("POST", rf"{_M}/discussions", _discuss, False),
    ("PUT", rf"{_M}/discussions/(?P<thread>\w+)", _resolve, False),
    ("PUT", rf"{_M}/discussions/(?P<thread>\w+)/notes/(?P<note>\d+)", _rewrite, False),
    ("GET", rf"{_P}/repository/files/(?P<file>[^/]+)/raw", _raw, True),
    ("POST", rf"{_P}/statuses/(?P<sha>\w+)", _status, False),
    ("GET", r"/groups/(?P<group>[^/]+)/members/all", _members, False),
)


def merge_request(**fields: Any) -> Record:
    """As ``GET /projects/:id/merge_requests/:iid`` gives it."""
    known: Record = {
        "id": 1001, "iid": 12, "project_id": PROJECT, "title": "Add a basket", "description": "- [x] tests",
        "state": "opened", "created_at": START, "updated_at": START, "merged_at": None, "target_branch": "main",
        "source_branch": "basket", "source_project_id": PROJECT, "target_project_id": PROJECT, "author": ADA,
        "labels": ["shop", "size::S"], "draft": False, "sha": "b" * 40, "changes_count": "1",
        "web_url": f"https://gitlab.example.com/{PATH}/-/merge_requests/12",
        "diff_refs": {"base_sha": "a" * 40, "head_sha": "b" * 40, "start_sha": "a" * 40},
    }  # fmt: skip
    return known | fields


def version(head: str, at: str, number: int = 500) -> Record:
    """As ``GET .../versions`` gives it: one for each push."""
    return {
        "id": number, "head_commit_sha": head, "base_commit_sha": "a" * 40, "start_commit_sha": "a" * 40,
        "created_at": at, "merge_request_id": 1001, "state": "collected", "real_size": "1",
    }  # fmt: skip


def note(body: str, author: Record, *, at: str = START, number: int = 1, **fields: Any) -> Record:
    """As ``GET .../notes`` gives it."""
    known: Record = {
        "id": number, "type": None, "body": body, "author": author, "created_at": at, "updated_at": at,
        "system": False, "noteable_id": 1001, "noteable_type": "MergeRequest", "noteable_iid": 12, "resolvable": False,
        "project_id": PROJECT,
    }  # fmt: skip
    return known | ({"resolved": False} if fields.get("resolvable") else {}) | fields


def issue(iid: int, project: int = PROJECT, path: str = PATH) -> Record:
    """As ``GET .../closes_issues`` gives it."""
    return {
        "id": 7000 + iid, "iid": iid, "project_id": project, "title": "A wish", "description": "", "state": "opened",
        "created_at": START, "updated_at": START, "labels": [], "milestone": None, "author": ADA, "user_notes_count": 0,
        "references": {"short": f"#{iid}", "relative": f"#{iid}", "full": f"{path}#{iid}"},
    }  # fmt: skip


def diff(path: str, text: str = "", **fields: Any) -> Record:
    """As ``GET .../diffs`` gives it."""
    known: Record = {
        "old_path": path, "new_path": path, "a_mode": "100644", "b_mode": "100644", "new_file": False,
        "renamed_file": False, "deleted_file": False, "diff": text, "collapsed": False, "too_large": False,
    }  # fmt: skip
    return known | fields


@contextlib.contextmanager
def gitlab_server() -> Iterator[GitLabServer]:
    """One that fails the test when an exchange was not as GitLab documents it."""
    server = GitLabServer()
    try:
        yield server
    finally:
        server.close()
    assert not server.faults, "\n".join(server.faults)
