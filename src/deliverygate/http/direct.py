"""Requests to servers themselves, over connections of our own that are timed phase by phase."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

import msgspec
from msgspec.structs import replace

from deliverygate import __version__
from deliverygate.conversions import ascii_name
from deliverygate.errors import TransportError
from deliverygate.http.connection import Connection
from deliverygate.http.exchange import Answer
from deliverygate.http.redirects import DEFAULT_PORTS, HTTP2, Ask, Trust
from deliverygate.network.faults import http2_fault
from deliverygate.network.line import Line
from deliverygate.network.opening import Route, open_stream

DEFAULT_HEADERS = {"user-agent": f"deliverygate/{__version__}", "accept": "*/*", "accept-encoding": "gzip"}
UNQUOTED = "!#$%&'()*+,/:;=?@[]~"  # what stands in a URL as it is; "%" too, for what is quoted already
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
WITH_CONTENT = frozenset({"PATCH", "POST", "PUT"})  # they say that they have none, RFC 9110 section 8.6


class Place(msgspec.Struct, frozen=True):
    """Where a URL points."""

    secured: bool
    host: str  #: in ASCII
    port: int
    target: str  #: path and query
    authorization: str  #: "" without user and password

    @property
    def authority(self) -> str:
        """Host and port, as a URL and the header ``Host`` have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS["https" if self.secured else "http"] else f"{host}:{self.port}"


@lru_cache(maxsize=4096)
def read_url(url: str) -> Place:
    """Take a URL apart. Raises TransportError."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise TransportError(f"cannot be asked ({error})", kind="config") from error
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise TransportError("cannot be asked (it is no http(s) address)", kind="config")
    return Place(
        secured=parts.scheme == "https",
        host=_in_ascii(host),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        target=quote(parts.path or "/", safe=UNQUOTED)
        + (f"?{quote(parts.query, safe=UNQUOTED)}" if parts.query else ""),
        authorization=authorization(parts),
    )


def _in_ascii(host: str) -> str:
    found = ascii_name(host)
    if found is None:
        raise TransportError(f"{host!r} is not a host name", kind="config")
    return found


def authorization(parts: SplitResult) -> str:
    """User and password of a URL, as a header has them; "" without."""
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def headers_of(ask: Ask, *, keep_alive: bool = False) -> dict[str, str]:
    """The headers of a request, those that the caller gives before ours."""
    place = read_url(ask.url)
    headers = {"Host": place.authority, **DEFAULT_HEADERS}
    if place.authorization:
        headers["authorization"] = place.authorization
    headers |= ask.headers
    if "host" in ask.headers:
        del headers["Host"]
    if (ask.body is not None or ask.method in WITH_CONTENT) and "transfer-encoding" not in ask.headers:
        headers["content-length"] = str(len(ask.body or b""))
    if not keep_alive and "upgrade" not in ask.headers:
        headers["connection"] = "close"
    return headers


class Direct:
    """Sends requests to servers themselves. With ``keep_alive`` the connection to the last one is used again."""

    def __init__(self, route: Route, trust: Trust, *, keep_alive: bool = False) -> None:
        self._route = route
        self._trust = trust
        self._keep_alive = keep_alive
        self._kept: Connection | None = None

    def send(self, ask: Ask, line: Line) -> Answer:
        """The head of the answer. Raises TransportError, OSError."""
        if self._kept and (kept := self._reuse(ask, line)):
            return kept
        place = read_url(ask.url)
        # A redirect to another origin leads to other addresses.
        route = replace(self._route, address=None) if ask.is_elsewhere else self._route
        context = self._trust(is_elsewhere=ask.is_elsewhere) if place.secured else None
        connection = Connection(open_stream(place.host, place.port, line, route, context=context))
        try:
            return self._exchange(connection, ask, line)
        except (ConnectionError, ssl.SSLEOFError) as error:
            is_silent = place.secured and not connection.has_begun and not connection.stream.protocol
            if is_silent and self._takes_http2(ask, line, replace(route, address=line.address)):
                raise http2_fault() from error
            raise

    def _takes_http2(self, ask: Ask, line: Line, route: Route) -> bool:
        """Whether the server agrees to speak HTTP/2: one that speaks nothing else may hang up without a word."""
        place, context = read_url(ask.url), self._trust(is_elsewhere=ask.is_elsewhere, protocols=HTTP2)
        try:
            stream = open_stream(place.host, place.port, line, route, context=context)
        except TransportError:
            return False
        stream.end()
        return stream.protocol in HTTP2

    def _reuse(self, ask: Ask, line: Line) -> Answer | None:
        """The answer over the kept connection; None when the server had closed it, as it may at any time."""
        connection, self._kept = self._kept, None
        assert connection is not None  # noqa: S101  asked before
        connection.stream.line = line
        line.address = connection.stream.address
        if not connection.renew():
            connection.stream.end()
            return None
        try:
            return self._exchange(connection, ask, line)
        except (ConnectionError, ssl.SSLEOFError):
            if connection.has_begun or ask.method not in REPEATABLE:
                raise
            return None

    def _exchange(self, connection: Connection, ask: Ask, line: Line) -> Answer:
        target, headers = read_url(ask.url).target, headers_of(ask, keep_alive=self._keep_alive)
        return exchange(connection, ask, line, target, headers, close=self._close)

    def _close(self, connection: Connection) -> None:
        if self._keep_alive and connection.is_reusable:
            self._kept = connection
        else:
            connection.stream.end()

    def end(self) -> None:
        """Close the kept connection."""
        if self._kept:
            self._kept.stream.end()
            self._kept = None


def exchange(
    connection: Connection,
    ask: Ask,
    line: Line,
    target: str,
    headers: dict[str, str],
    *,
    close: Callable[[Connection], None],
) -> Answer:
    """The head of the answer; ``close`` gets the connection when its body is read, or not wanted."""
    line.enter("answer")
    try:
        connection.send(ask.method, target, headers, ask.body)
        head = connection.head()
    except BaseException:
        connection.stream.end()
        raise
    return Answer(head, connection.pieces(), connection.stream.address, lambda: close(connection))
