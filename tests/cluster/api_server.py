"""An API server of Kubernetes on loopback, as far as ours is asked: objects, lists in pages, selectors, who may do what.

It keeps to https://kubernetes.io/docs/reference/using-api/api-concepts/; the same tests run against the real one.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "s3cret-token-of-the-cluster"
PATH = re.compile(
    r"/(?:api|apis/(?P<group>[a-z0-9.]+))/v1/namespaces/(?P<namespace>[^/]+)/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?"
)

Object = dict[str, Any]
Place = tuple[str, str]  #: plural and namespace


class ApiServer(ThreadingHTTPServer):
    """What it holds and how it behaves may be changed while it runs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.objects: dict[Place, dict[str, Object]] = {}
        self.tokens = {TOKEN: "tester"}
        self.forbidden: set[tuple[str, str]] = set()  #: verb and plural
        self.faults: list[tuple[int, dict[str, str]]] = []  #: status and headers of the next answers
        self.most_items: int | None = None  #: of a page, however many are asked for
        self.expires = 0  #: how many further pages are refused, since their place is forgotten
        self.asked: list[str] = []

    def put(self, plural: str, written: Object, *, namespace: str = "default") -> None:
        written.setdefault("metadata", {})["namespace"] = namespace
        self.objects.setdefault((plural, namespace), {})[written["metadata"]["name"]] = written

    def delete(self, plural: str, name: str, *, namespace: str = "default") -> None:
        del self.objects[plural, namespace][name]

    def answer(self, target: str, authorization: str) -> tuple[int, Object, dict[str, str]]:
        self.asked.append(target)
        if self.faults:
            status, headers = self.faults.pop(0)
            return status, failure(status, "TooManyRequests", "the server is busy"), headers
        user = self.tokens.get(authorization.removeprefix("Bearer "))
        if not user:
            return 401, failure(401, "Unauthorized", "Unauthorized"), {}
        found = PATH.fullmatch(urlsplit(target).path)
        if not found:
            return 404, failure(404, "NotFound", "the server could not find the requested resource"), {}
        plural, namespace, name = found["plural"], found["namespace"], found["name"]
        of_group = f"{plural}.{found['group']}" if found["group"] else plural
        verb = "get" if name else "list"
        if (verb, plural) in self.forbidden:
            group = f'in API group "{found["group"] or ""}" in the namespace "{namespace}"'
            what = f'{of_group}{f" {name!r}" if name else ""} is forbidden: User "{user}" cannot {verb} resource "{plural}" {group}'
            return 403, failure(403, "Forbidden", what), {}
        held = self.objects.get((plural, namespace), {})
        if name:
            if name not in held:
                return 404, failure(404, "NotFound", f'{of_group} "{name}" not found'), {}
            return 200, held[name], {}
        return self._list(held, dict(parse_qsl(urlsplit(target).query)))

    def _list(self, held: dict[str, Object], query: dict[str, str]) -> tuple[int, Object, dict[str, str]]:
        place = int(query.get("continue", "0"))
        if place and self.expires:
            self.expires -= 1
            what = "The provided continue parameter is too old to display a consistent list result."
            return 410, failure(410, "Expired", what), {}
        try:
            fitting = [held[name] for name in sorted(held) if fits(held[name], query.get("labelSelector", ""))]
        except ValueError as error:
            return 400, failure(400, "BadRequest", str(error)), {}
        limit = min(int(query.get("limit", "0")) or len(fitting), self.most_items or len(fitting) or 1)
        page = fitting[place : place + limit]
        rest = len(fitting) - place - len(page)
        metadata: Object = {"resourceVersion": "1"}
        if rest > 0:
            metadata |= {"continue": str(place + len(page)), "remainingItemCount": rest}
        return 200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": page}, {}


class Handler(BaseHTTPRequestHandler):
    server: ApiServer

    def do_GET(self) -> None:
        status, body, headers = self.server.answer(self.path, self.headers.get("Authorization", ""))
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def failure(status: int, reason: str, message: str) -> Object:
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": status,
    }  # fmt: skip


def fits(written: Object, selector: str) -> bool:
    """Whether an object's labels fit: ``a=b``, ``a!=b``, ``a in (b,c)``, ``a notin (b,c)``, ``a``, ``!a``."""
    labels = written["metadata"].get("labels", {})
    parts = [part.strip() for part in re.split(r",(?![^(]*\))", selector) if part.strip()]
    return all(_fits_one(labels, part) for part in parts)


def _fits_one(labels: dict[str, str], part: str) -> bool:
    if found := re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", part):
        values = {value.strip() for value in found[3].split(",")}
        return (labels.get(found[1]) in values) == (found[2] == "in")
    if found := re.fullmatch(r"([^!=\s]+)\s*(!=|==?)\s*([^=\s]*)", part):
        return (labels.get(found[1]) == found[3]) == (found[2] != "!=")
    if found := re.fullmatch(r"(!?)([\w./-]+)", part):
        return (found[2] in labels) != bool(found[1])
    raise ValueError(f"unable to parse requirement: {part!r}")


@contextlib.contextmanager
def serve_api() -> Iterator[ApiServer]:
    server = ApiServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
