"""Requests over connections of our own, by http.client: as cheap as Python has it, and timed phase by phase."""

from __future__ import annotations

import base64
import http.client
import ssl
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

import msgspec
from msgspec.structs import replace

from deliverygate import __version__
from deliverygate.conversions import ascii_name
from deliverygate.errors import TransportError
from deliverygate.http.exchange import Answer
from deliverygate.http.faults import words
from deliverygate.http.redirects import DEFAULT_PORTS, Ask, Trust
from deliverygate.network.line import Line
from deliverygate.network.opening import Route, open_stream
from deliverygate.network.stream import BUFFER_BYTES, Stream

DEFAULT_HEADERS = {"user-agent": f"deliverygate/{__version__}", "accept": "*/*", "accept-encoding": "gzip"}
UNQUOTED = "!#$%&'()*+,/:;=?@[]~"  # what stands in a URL as it is; "%" too, for what is quoted already
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
VERSIONS = {10: "1.0", 11: "1.1"}


class Place(msgspec.Struct, frozen=True):
    """Where a URL points."""

    secured: bool
    host: str  #: in ASCII
    port: int
    target: str  #: path and query
    authorization: str  #: "" without user and password


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
        authorization=_authorization(parts),
    )


def _in_ascii(host: str) -> str:
    found = ascii_name(host)
    if found is None:
        raise TransportError(f"{host!r} is not a host name", kind="config")
    return found


def _authorization(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


class Direct:
    """Sends requests to servers themselves. With ``keep_alive`` the connection to the last one is used again."""

    def __init__(self, route: Route, trust: Trust, *, keep_alive: bool = False) -> None:
        self._route = route
        self._trust = trust
        self._keep_alive = keep_alive
        self._kept: _Connection | None = None

    def send(self, ask: Ask, line: Line) -> Answer:
        """The head of the answer. Raises TransportError and what http.client raises."""
        if self._kept and (kept := self._reuse(ask, line)):
            return kept
        place = read_url(ask.url)
        # A redirect to another origin leads to other addresses.
        route = replace(self._route, address=None) if ask.is_elsewhere else self._route
        context = self._trust(is_elsewhere=ask.is_elsewhere) if place.secured else None
        stream = open_stream(place.host, place.port, line, route, context=context)
        try:
            connection = _Connection(place, stream)
        except BaseException:
            stream.end()
            raise
        return self._exchange(connection, ask, line)

    def _reuse(self, ask: Ask, line: Line) -> Answer | None:
        """The answer over the kept connection; None when the server had closed it, as it may at any time."""
        connection, self._kept = self._kept, None
        assert connection is not None  # noqa: S101  asked before
        connection.stream.line = line
        line.address = connection.stream.address
        try:
            return self._exchange(connection, ask, line)
        except (ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError):
            if ask.method not in REPEATABLE:
                raise
            return None

    def _exchange(self, connection: _Connection, ask: Ask, line: Line) -> Answer:
        line.enter("answer")
        try:
            connection.ask(ask, keep_alive=self._keep_alive)
            answer = connection.getresponse()
        except BaseException:
            connection.stream.end()
            raise
        headers: dict[str, str] = {}
        for name, value in answer.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        return Answer(
            status=answer.status,
            headers=headers,
            pieces=_pieces(answer),
            version=VERSIONS.get(answer.version, ""),
            address=connection.stream.address,
            close=lambda: self._close(connection, answer),
        )

    def _close(self, connection: _Connection, answer: http.client.HTTPResponse) -> None:
        is_read = answer.isclosed() or answer.length == 0
        answer.close()
        if self._keep_alive and is_read and not answer.will_close:
            self._kept = connection
        else:
            connection.stream.end()

    def end(self) -> None:
        """Close the kept connection."""
        if self._kept:
            self._kept.stream.end()
            self._kept = None


class _Connection(http.client.HTTPConnection):
    """http.client's, over a stream that is connected already."""

    auto_open = 0

    def __init__(self, place: Place, stream: Stream) -> None:
        super().__init__(place.host, place.port)
        self.default_port = DEFAULT_PORTS["https" if place.secured else "http"]
        self.stream = stream
        self.sock = stream
        self._authorization = {"authorization": place.authorization} if place.authorization else {}

    def ask(self, ask: Ask, *, keep_alive: bool) -> None:
        """Send a request."""
        self.sock = self.stream  # http.client drops it after an answer that ends the connection
        place = read_url(ask.url)
        length = {"content-length": str(len(ask.body))} if ask.body is not None else {}
        ending = {} if keep_alive else {"connection": "close"}
        headers = {**DEFAULT_HEADERS, **self._authorization, **ask.headers, **length, **ending}
        try:
            self.request(ask.method, place.target, body=ask.body, headers=headers)
        except ValueError as error:  # a line break in a header, or a letter beyond Latin-1
            raise TransportError(f"cannot be asked ({words(error)})", kind="config") from error


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := answer.read1(BUFFER_BYTES):
        yield piece
    if answer.length:
        raise TransportError("the answer broke off", kind="reset_mid_response")
