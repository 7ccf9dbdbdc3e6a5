"""GitHub's API on the loopback interface, as far as it is asked: its state, its pages, its limits and its refusals.

Each behaviour names the page of docs.github.com that tells of it. Every exchange is held to GitHub's own description of
its API; what departs from it is in ``faults``.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.platforms.contract import DESCRIPTIONS, Exchange, contract

Json = dict[str, Any]

TOKEN = "ghs_0123456789abcdefghij"
#: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
USUAL_RIGHTS = frozenset({"metadata: read", "contents: read", "pull-requests: write", "issues: read"})
LONGEST_BODY = 65_536


@dataclass(frozen=True)
class Answer:
    """What the server says."""

    status: int
    body: Any = None  #: bytes go as they are, all else as JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: bool = False  #: until the test is over


class GitHub:
    """One repository, its pull requests, and who may do what."""

    def __init__(self) -> None:
        self.repository = "acme/shop"
        self.token = TOKEN
        self.rights = set(USUAL_RIGHTS)
        self.login: str | None = None  #: of the token's user; None: it is the token of a job
        self.pulls: dict[int, Json] = {}
        self.reviews: dict[int, list[Json]] = {}
        self.files: dict[int, list[Json]] = {}
        self.comments: dict[int, list[Json]] = {}
        self.closes: dict[int, list[tuple[str, int]]] = {}  #: repository and number of the issues
        self.permissions: dict[str, str] = {}
        self.teams: dict[str, list[str]] = {}
        self.contents: dict[tuple[str, str], bytes] = {}  #: (branch, path)
        self.check_runs: list[Json] = []
        self.statuses: list[Json] = []
        self.asked: list[tuple[str, str]] = []  #: method and target of every request, in order
        self.headers: list[dict[str, str]] = []  #: of every request
        self.faults: list[str] = []
        self.url = ""
        self._misdeeds: list[tuple[str, Answer]] = []

    def misbehave(self, pattern: str, *answers: Answer) -> None:
        """Give these answers, one each, to the next requests whose ``METHOD target`` has the pattern in it."""
        self._misdeeds += [(pattern, answer) for answer in answers]

    def add_pull(self, number: int = 12, *, fork: str | None = None, **given: Any) -> Json:
        base = given.pop("base", {"ref": "main", "sha": "b" * 40})
        head = given.pop("head", {"ref": "feature", "sha": "a" * 40})
        fields = {
            "number": number,
            "title": "Add a basket",
            "body": "- [x] tests",
            "state": "open",
            "draft": False,
            "user": user("ada"),
            "html_url": f"https://github.com/{self.repository}/pull/{number}",
            "labels": [],
            "changed_files": len(self.files.get(number, ())),
            **given,
        }
        made = made_of("pull-request", **fields)
        repo = {**made["base"]["repo"], "full_name": self.repository}
        made["base"] = {**made["base"], **base, "repo": repo}
        made["head"] = {**made["head"], "repo": {**repo, **({"id": 2, "full_name": fork} if fork else {})}, **head}
        self.pulls[number] = made
        return made

    def add_review(self, number: int, by: str, state: str, *, commit: str = "a" * 40, **given: Any) -> None:
        fields = {"user": user(by), "state": state, "commit_id": commit, "submitted_at": "2026-01-02T03:04:05Z"}
        self.reviews.setdefault(number, []).append(made_of("pull-request-review", **{**fields, **given}))

    def add_comment(self, number: int, by: str, body: str, *, kind: str = "User") -> Json:
        ids = [comment["id"] for comments in self.comments.values() for comment in comments]
        made = made_of("issue-comment", id=max(ids, default=0) + 1, user=user(by, kind), body=body)
        self.comments.setdefault(number, []).append(made)
        return made

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What GitHub says to a request."""
        for index, (pattern, misdeed) in enumerate(self._misdeeds):
            if re.search(pattern, f"{method} {target}"):
                del self._misdeeds[index]
                return misdeed
        given = headers.get("authorization")
        if given and given != f"Bearer {self.token}":
            # rest/authentication/authenticating-to-the-rest-api: "401 Unauthorized"
            return Answer(401, said("Bad credentials", 401))
        parts = urlsplit(target)
        path = re.sub(r"^/repositories/1(?=/|$)", f"/repos/{self.repository}", unquote(parts.path))
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        for kind, pattern, right, act in ROUTES:
            found = re.fullmatch(pattern.replace("{repo}", f"/repos/{re.escape(self.repository)}"), path)
            if found and kind == method:
                return self._allowed(right, bool(given)) or act(self, Ask(found.groups(), query, body, parts.path))
        return Answer(404, said("Not Found", 404))

    def _allowed(self, right: str, known: bool) -> Answer | None:
        needed, _, level = right.partition(": ")
        if not right or right in self.rights or (level == "read" and f"{needed}: write" in self.rights):
            return None
        if not known:
            # rest/using-the-rest-api/troubleshooting-the-rest-api: 404 for private things
            return Answer(404, said("Not Found", 404))
        # The same page, "Resource not accessible": the header names the right.
        names = {"x-accepted-github-permissions": f"{needed.replace('-', '_')}={level}"}
        return Answer(403, said("Resource not accessible by integration", 403), names)

    def page(self, records: list[Json], ask: Ask) -> Answer:
        """30 records, at most 100, and links to the other pages, which may go by the repository's number.

        rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size, number = min(int(ask.query.get("per_page", 30)), 100), int(ask.query.get("page", 1))
        last = max(-(-len(records) // size), 1)
        path = ask.path.replace(f"/repos/{self.repository}", "/repositories/1")
        others = {key: value for key, value in ask.query.items() if key != "page"}

        def link(page: int, rel: str) -> str:
            query = "&".join(f"{key}={value}" for key, value in {**others, "page": page}.items())
            return f'<{self.url}{path}?{query}>; rel="{rel}"'

        links = [link(number - 1, "prev"), link(1, "first")] if number > 1 else []
        links += [link(number + 1, "next"), link(last, "last")] if number < last else []
        shown = records[(number - 1) * size : number * size]
        return Answer(200, shown, {"link": ", ".join(links)} if links else {})


@dataclass(frozen=True)
class Ask:
    """A request as a route sees it."""

    parts: tuple[str, ...]  #: what the groups of the route's pattern hold
    query: dict[str, str]
    body: bytes
    path: str

    @property
    def number(self) -> int:
        return int(self.parts[0])

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found


def said(message: str, status: int) -> Json:
    """rest/using-the-rest-api/troubleshooting-the-rest-api"""
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}


NOT_FOUND = Answer(404, said("Not Found", 404))


def _pulls(hub: GitHub, ask: Ask) -> Answer:
    """rest/pulls/pulls#list-pull-requests: ``head`` is ``owner:branch``; another form is not looked at."""
    found = [pull for pull in hub.pulls.values() if ask.query.get("state", "open") in ("all", pull["state"])]
    owner, colon, branch = ask.query.get("head", "").partition(":")
    if colon:
        wanted = (owner, branch)
        found = [
            each for each in found if (each["head"]["repo"]["full_name"].split("/")[0], each["head"]["ref"]) == wanted
        ]
    return hub.page([_simple(pull) for pull in found], ask)


def _simple(pull: Json) -> Json:
    """In lists a pull request has fewer fields."""
    return {key: value for key, value in pull.items() if key not in {"changed_files", "commits", "merged", "mergeable"}}


def _pull(hub: GitHub, ask: Ask) -> Answer:
    return Answer(200, hub.pulls[ask.number]) if ask.number in hub.pulls else NOT_FOUND


def _pulls_of_commit(hub: GitHub, ask: Ask) -> Answer:
    """rest/commits/commits#list-pull-requests-associated-with-a-commit"""
    return hub.page([_simple(pull) for pull in hub.pulls.values() if pull["head"]["sha"] == ask.parts[0]], ask)


def _files(hub: GitHub, ask: Ask) -> Answer:
    """rest/pulls/pulls#list-pull-requests-files: at most 3,000 files."""
    return hub.page(hub.files.get(ask.number, [])[:3000], ask)


def _reviews(hub: GitHub, ask: Ask) -> Answer:
    """rest/pulls/reviews: "The list of reviews returns in chronological order.\""""
    return hub.page(hub.reviews.get(ask.number, []), ask)


def _comments(hub: GitHub, ask: Ask) -> Answer:
    """rest/issues/comments: "ordered by ascending ID.\""""
    return hub.page(hub.comments.get(ask.number, []), ask)


def _too_long(body: str) -> Answer | None:
    """Seen in https://github.com/orgs/community/discussions/27190."""
    if len(body) <= LONGEST_BODY:
        return None
    fault = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "body is too long"}
    return Answer(422, {**said("Validation Failed", 422), "errors": [fault]})


def _create_comment(hub: GitHub, ask: Ask) -> Answer:
    text = ask.json["body"]
    login, kind = (hub.login, "User") if hub.login else ("github-actions[bot]", "Bot")
    return _too_long(text) or Answer(201, hub.add_comment(ask.number, login, text, kind=kind))


def _update_comment(hub: GitHub, ask: Ask) -> Answer:
    text = ask.json["body"]
    for comments in hub.comments.values():
        for comment in comments:
            if comment["id"] == ask.number:
                # rest/issues/comments: who may write to the repository may update anybody's
                refused = _too_long(text)
                comment["body"] = comment["body"] if refused else text
                return refused or Answer(200, comment)
    return NOT_FOUND


def _permission(hub: GitHub, ask: Ask) -> Answer:
    """rest/collaborators/collaborators: maintain is told as write, triage as read; anybody may read what is public."""
    level = hub.permissions.get(ask.parts[0], "read")
    return Answer(200, made_of("repository-collaborator-permission", permission=level, role_name=level))


def _run(hub: GitHub, ask: Ask) -> Answer:
    """rest/actions/workflow-runs: the second attempt of a run that was made three hours before."""
    times = {"created_at": "2026-01-02T00:04:05Z", "run_started_at": "2026-01-02T03:04:05Z"}
    return Answer(200, made_of("workflow-run", id=ask.number, run_attempt=2, **times))


def _user(hub: GitHub, _: Ask) -> Answer:
    """rest/users/users: not for the tokens of installations, among them those of jobs."""
    if hub.login is None:
        return Answer(403, said("Resource not accessible by integration", 403))
    return Answer(200, made_of("public-user", login=hub.login))


def _members(hub: GitHub, ask: Ask) -> Answer:
    """rest/teams/members: 404 for a team that is not there, or may not be seen. Child teams are in it."""
    team = hub.teams.get("/".join(ask.parts))
    return NOT_FOUND if team is None else hub.page([made_of("team-member", **user(login)) for login in team], ask)


def _contents(hub: GitHub, ask: Ask) -> Answer:
    """rest/repos/contents: above 1 MB the content is empty and the encoding "none"."""
    path = ask.parts[0]
    data = hub.contents.get((ask.query["ref"], path))
    if data is None:
        return NOT_FOUND
    fits = len(data) <= 1_048_576
    given = {"content": b64encode(data).decode() if fits else "", "encoding": "base64" if fits else "none"}
    return Answer(200, made_of("content-file", type="file", path=path, size=len(data), **given))


def _branch(hub: GitHub, ask: Ask) -> Answer:
    known = {pull["base"]["ref"] for pull in hub.pulls.values()}
    return Answer(200, made_of("branch-with-protection", name=ask.parts[0])) if ask.parts[0] in known else NOT_FOUND


def _create_check(hub: GitHub, ask: Ask) -> Answer:
    hub.check_runs.append({**ask.json, "id": len(hub.check_runs) + 1})
    return _take_annotations(hub, ask, hub.check_runs[-1], 201)


def _update_check(hub: GitHub, ask: Ask) -> Answer:
    """rest/checks/runs: annotations are added to those that are there, 50 a request."""
    return _take_annotations(hub, ask, hub.check_runs[ask.number - 1], 200)


def _take_annotations(hub: GitHub, ask: Ask, run: Json, status: int) -> Answer:
    added = ask.json["output"].get("annotations", [])
    if len(added) > 50:
        return Answer(422, said("Invalid request. No more than 50 items are allowed", 422))
    run["annotations"] = run.get("annotations", []) + added
    return Answer(status, made_of("check-run", id=run["id"], name=run["name"], head_sha=run["head_sha"]))


def _create_status(hub: GitHub, ask: Ask) -> Answer:
    hub.statuses.append({"sha": ask.parts[0], **ask.json})
    return Answer(201, made_of("status", **ask.json))


def _graphql(hub: GitHub, ask: Ask) -> Answer:
    """graphql/reference/objects#pullrequest: ``closingIssuesReferences``; faults come with status 200."""
    if "issues: read" not in hub.rights:
        return Answer(200, {"data": None, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]})
    number = ask.json["variables"]["number"]
    nodes = [{"number": issue, "repository": {"nameWithOwner": where}} for where, issue in hub.closes.get(number, [])]
    return Answer(200, {"data": {"repository": {"pullRequest": {"closingIssuesReferences": {"nodes": nodes}}}}})


Act = Callable[[GitHub, Ask], Answer]

#: method, path, the right that it takes, what it does
ROUTES: tuple[tuple[str, str, str, Act], ...] = (
    ("GET", r"{repo}/pulls", "pull-requests: read", _pulls),
    ("GET", r"{repo}/pulls/(\d+)", "pull-requests: read", _pull),
    ("GET", r"{repo}/commits/(\w+)/pulls", "pull-requests: read", _pulls_of_commit),
    ("GET", r"{repo}/pulls/(\d+)/files", "pull-requests: read", _files),
    ("GET", r"{repo}/pulls/(\d+)/reviews", "pull-requests: read", _reviews),
    ("GET", r"{repo}/issues/(\d+)/comments", "pull-requests: read", _comments),
    ("POST", r"{repo}/issues/(\d+)/comments", "pull-requests: write", _create_comment),
    ("PATCH", r"{repo}/issues/comments/(\d+)", "pull-requests: write", _update_comment),
    ("GET", r"{repo}/collaborators/([^/]+)/permission", "metadata: read", _permission),
    ("GET", r"{repo}/actions/runs/(\d+)", "actions: read", _run),
    ("GET", r"{repo}/contents/(.+)", "contents: read", _contents),
    ("GET", r"{repo}/branches/(.+)", "contents: read", _branch),
    ("POST", r"{repo}/check-runs", "checks: write", _create_check),
    ("PATCH", r"{repo}/check-runs/(\d+)", "checks: write", _update_check),
    ("POST", r"{repo}/statuses/(\w+)", "statuses: write", _create_status),
    ("GET", r"/user", "", _user),
    ("GET", r"/orgs/([^/]+)/teams/([^/]+)/members", "members: read", _members),
    ("POST", r"/graphql", "", _graphql),
)


def limited(*, reset: float) -> Answer:
    """rest/using-the-rest-api/rate-limits-for-the-rest-api: the primary limit, with the second in which it ends."""
    headers = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{reset:.0f}"}
    return Answer(403, said("API rate limit exceeded for installation ID 1.", 403), headers)


def slowed(status: int = 403, **headers: str) -> Answer:
    """The same page: the secondary limit, with or without ``retry-after``."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Answer(status, said(message, status), {key.replace("_", "-"): value for key, value in headers.items()})


BROKEN = Answer(502, b"<html><h1>Bad Gateway</h1></html>")
SILENT = Answer(200, wait=True)


def user(login: str, kind: str = "User") -> Json:
    return made_of("simple-user", login=login, type=kind)


def label(name: str) -> Json:
    made: Json = _made(_schemas()["pull-request"]["properties"]["labels"]["items"])
    return {**made, "name": name}


@cache
def _schemas() -> Json:
    found: Json = json.loads((DESCRIPTIONS / "github.json").read_text())["components"]["schemas"]
    return found


def made_of(schema: str, **given: Any) -> Json:
    """An object with all that GitHub's description of it demands; ``given`` is what the test is about."""
    made: Json = _made(_schemas()[schema])
    return {**made, **given}


TEXTS = {"uri": "https://github.com/acme/shop", "date-time": "2026-01-02T03:04:05Z"}


def _made(schema: Json) -> Any:
    if reference := schema.get("$ref"):
        return _made(_schemas()[reference.rsplit("/", 1)[1]])
    if schema.get("nullable") and "oneOf" not in schema:
        return None
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return _made(schema[choice][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _made(properties[name]) for name in schema.get("required", ()) if name in properties}
    plain: Json = {"string": TEXTS.get(schema.get("format", ""), "text"), "array": [], "boolean": False}
    return plain.get(kind, 1)


@contextmanager
def serving(hub: GitHub) -> Iterator[GitHub]:
    """``hub`` behind an address, ``hub.url``, until the test is over."""
    stop = Event()
    check = contract("github.json")

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            hub.asked.append((self.command, self.path))
            hub.headers.append(headers)
            answer = hub.answer(self.command, self.path, headers, body)
            if answer.wait:
                stop.wait(30)
                return
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            html = isinstance(answer.body, bytes)
            kind = "text/html" if html else "application/json; charset=utf-8"
            sent = {"content-type": kind, "content-length": str(len(data)), **answer.headers}
            # Paths by number and GraphQL stand in no description.
            target = self.path.replace("/repositories/1/", f"/repos/{hub.repository}/")
            # So does 404 for what may not be seen: any operation may answer it, like 403.
            status = 403 if answer.status == 404 else answer.status
            exchange = Exchange(self.command, target, headers, body, status, sent, data)
            if self.path != "/graphql" and (fault := check(exchange)):
                hub.faults.append(fault)
            self.send_response(answer.status)
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815  as http.server calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        stop.set()
        server.shutdown()
        thread.join(5)
        server.server_close()
