"""SonarQube's web API, asked patiently: what passes by itself is waited for, all else is said in words of its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote, urlencode

from deliverygate.conversions import read_json, whole
from deliverygate.errors import ConfigError, DeadlineExceeded, ReportError, TransportError
from deliverygate.gate import Clock, GateContext, Http, Response
from deliverygate_gates.sonarqube.answers import FaultsAnswer, SystemStatus
from deliverygate_gates.sonarqube.settings import Settings

T = TypeVar("T")

POLL_SECONDS = 2.0
REQUEST_SECONDS = 30.0
ENDURED_SECONDS = 60.0  #: how long in a row a server may be out of reach
LARGEST_ANSWER = 8 << 20  # bytes
LONGEST_WORDS = 500  #: characters of the server's own words that are shown

PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
LASTING_FAULTS = frozenset(
    {"config", "dns_nxdomain", "http_protocol", "http_version", "proxy_auth", "redirect_blocked"}
)
COMING_UP = frozenset({"STARTING", "RESTARTING", "DB_MIGRATION_RUNNING"})
FIRST_WITH_BEARER = 10  #: the major version; 9.9 answers 401 to it

UNREACHABLE = "see that `url` is the address of SonarQube, that it runs, and that this machine may reach it"
ANOTHER_ANSWERS = (
    "a login page, a proxy or another path answers: correct `url`, with SonarQube's context path if it has one"
)
REDIRECTED = "redirects are not followed, since they may end at a login page: write the address that answers itself"
STATUS_MENDS = {
    407: "give the proxy its password in HTTPS_PROXY, or name the host in NO_PROXY",
    429: "ask less often, or later",
    503: "wait until SonarQube is up, or raise `wait`",
}


class ForbiddenError(ReportError):
    """The token's owner lacks a permission."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server with whatever is needed to ask it."""

    settings: Settings
    http: Http
    clock: Clock
    until: float  #: ``clock.monotonic()`` at which waiting ends
    progress: Callable[[str], None]
    clear: Callable[[str], str]  #: blots out secrets
    headers: Mapping[str, str]
    version: str = ""

    def ask(self, path: str, kind: type[T], *, right: str = "", mend: str = "", **parameters: str) -> T:
        """The answer of ``GET api/path``. Raises ReportError and TransportError.

        ``right`` is what the token's owner needs, ``mend`` the cure where the server knows nothing of that name.
        """
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        response = self._fetch(f"{self.settings.base}/api/{path}{query}")
        if response.status != 200:
            raise self._refusal(path, response, right=right, mend=mend)
        try:
            if response.truncated:
                raise ValueError("it is too long")
            return read_json(response.body, kind)
        except ValueError as error:
            raise ReportError(_no_answer(response, error), where=self._where(path), mend=ANOTHER_ANSWERS) from error

    def pause(self, what: str) -> None:
        """Wait a little for what is not ready yet. Raises DeadlineExceeded when ``wait`` would be over."""
        if self.clock.monotonic() + POLL_SECONDS > self.until:
            waited = self.settings.wait
            raise DeadlineExceeded(f"{what} (waited {waited})", mend="look at the server's load, or raise `wait`")
        self.progress(what)
        self.clock.sleep(POLL_SECONDS)

    def _where(self, path: str) -> str:
        return f"{self.settings.base}/api/{path}"

    def _fetch(self, address: str) -> Response:
        """A whole answer; faults that pass are endured for a while, but no longer than ``until``."""
        end = min(self.until, self.clock.monotonic() + ENDURED_SECONDS)
        while True:
            answer = self._fetch_once(address)
            if isinstance(answer, Response) and answer.status not in PASSING_STATUSES:
                return answer
            if self.clock.monotonic() + POLL_SECONDS > end:
                if isinstance(answer, Response):
                    return answer
                raise answer
            said = f"status {answer.status}" if isinstance(answer, Response) else answer.what
            self.progress(f"{self.settings.base}: {said}")
            self.clock.sleep(POLL_SECONDS)

    def _fetch_once(self, address: str) -> Response | TransportError:
        try:
            return self.http.request(
                "GET",
                address,
                headers=self.headers,
                timeout_seconds=REQUEST_SECONDS,
                max_bytes=LARGEST_ANSWER,
                allow_private=True,  # most stand in the company's own network
            )
        except TransportError as error:
            said = self.clear(f"{error.what} ({error.kind})")
            fault = TransportError(said, kind=error.kind, where=self.settings.base, mend=error.mend or UNREACHABLE)
            if error.kind in LASTING_FAULTS or error.kind.startswith("tls_"):
                raise fault from error
            return fault

    def _refusal(self, path: str, response: Response, *, right: str, mend: str) -> ReportError:
        """A status that is no answer, in words of its own."""
        status, words, variable = response.status, self._words(response), self.settings.token_env
        if status == 403:
            what = f"the token in {variable} may not ask this (status 403{words})"
            mend = f"give its owner the permission {right}" if right else "give its owner more permissions"
            return ForbiddenError(what, where=self._where(path), mend=mend)
        if status == 401:
            what = f"does not accept the token in {variable} (status 401)"
            mend = f"it is wrong, revoked or expired: make a new one in SonarQube and keep it in {variable}"
        elif 300 <= status < 400:
            target = response.headers.get("location", "").partition("?")[0]
            what = f"leads to {self.clear(target) or 'another address'} (status {status})"
            mend = REDIRECTED
        elif status == 404 and "Unknown url" in words:
            what, mend = f"is not known there (status 404{words})", mend or ANOTHER_ANSWERS
        else:
            what = f"was refused (status {status}{words})"
            mend = STATUS_MENDS.get(status) or (mend if status < 500 else "") or "look at SonarQube's logs/web.log"
        return ReportError(what, where=self._where(path), mend=mend)

    def _words(self, response: Response) -> str:
        """The server's own words, to follow the status; none where it has none."""
        try:
            said = "; ".join(fault.msg for fault in read_json(response.body, FaultsAnswer).errors)
        except ValueError:
            return ""
        return f": {self.clear(said)[:LONGEST_WORDS]}" if said else ""


def _no_answer(response: Response, error: Exception) -> str:
    start = response.body[:200].lstrip().lower()
    if "html" in response.headers.get("content-type", "") or start.startswith((b"<!doctype html", b"<html")):
        return "answers with a page (HTML) in place of JSON"
    return f"answers with what is not SonarQube's JSON ({error})" if response.body else "answers with an empty body"


def open_server(settings: Settings, context: GateContext) -> Server:
    """The server once it is up. Raises ConfigError without a token, DeadlineExceeded when that takes too long."""
    token = _find_token(settings, context)
    basic = b64encode(f"{token}:".encode()).decode()
    anonymous = Server(
        settings=settings,
        http=context.http,
        clock=context.clock,
        until=context.clock.monotonic() + settings.wait,
        progress=context.progress,
        clear=lambda text: context.redact(text.replace(token, "***").replace(basic, "***")),
        headers={"Accept": "application/json"},
    )
    version = _await_up(anonymous)
    takes_bearer = settings.organization or _major(version) >= FIRST_WITH_BEARER
    scheme = f"Bearer {token}" if takes_bearer else f"Basic {basic}"
    return replace(anonymous, headers={**anonymous.headers, "Authorization": scheme}, version=version)


def _find_token(settings: Settings, context: GateContext) -> str:
    name = settings.token_env
    token = context.environ.get(name, "").strip()
    if not token:
        mend = f"keep a token of SonarQube in {name}, or name another variable with `token_env`"
        raise ConfigError(f"{name} is not set", mend=mend)
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ConfigError(f"{name} holds what cannot be a token", mend="copy the token again, nothing else")
    return token


def _major(version: str) -> int:
    """The first number of a version; 0 for what is none."""
    return whole(version.partition(".")[0], most=9999) or 0


def _await_up(server: Server) -> str:
    """The version. Asked without the token, since this needs none."""
    while (found := server.ask("system/status", SystemStatus)).status in COMING_UP:
        server.pause(f"SonarQube is not up yet: {found.status}")
    where = server.settings.base
    if found.status != "UP":
        raise ReportError(f"SonarQube is not up: {found.status[:40]}", where=where, mend="see to the server first")
    if not _major(found.version):
        raise ReportError(f"{found.version[:40]!r} is no version of SonarQube", where=where, mend=ANOTHER_ANSWERS)
    return found.version
