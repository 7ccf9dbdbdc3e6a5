"""Requests through a proxy of the environment, by ``requests``, which knows proxies' ways.

It blocks, and nothing else keeps a total deadline: a socket's timeout begins anew with every byte that a slow server
sends. So each exchange runs in a thread; when its time is over the connection is cut, which ends the thread at once.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from threading import Event, Thread

import requests
import requests.exceptions as theirs
import urllib3.exceptions as below
from requests.adapters import HTTPAdapter

from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.http.direct import DEFAULT_HEADERS, VERSIONS, read_url
from deliverygate.http.exchange import Answer, Exchange
from deliverygate.http.faults import classify, words
from deliverygate.http.redirects import Ask, Trust
from deliverygate.http.wire import Adapter, Wire, of_the_proxy
from deliverygate.network.addresses import vet, vet_name
from deliverygate.network.line import Line
from deliverygate.network.look_up import literal

CHUNK_BYTES = 16_384
FAREWELL_SECONDS = 0.2  #: for a cut exchange to close its connection
FAULTS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((below.InvalidChunkLength,), "http_protocol", "the answer is not HTTP"),
    ((below.IncompleteRead,), "reset_mid_response", "the answer broke off"),
    (
        (below.LocationValueError, theirs.InvalidURL, theirs.InvalidHeader, theirs.InvalidProxyURL),
        "config",
        "cannot be asked",
    ),
)


class Proxied:
    """Sends requests through proxies. ``run`` an exchange by it, never by itself."""

    def __init__(self, trust: Trust, *, allow_private: bool) -> None:
        self._trust = trust
        self._allow_private = allow_private
        self._wires: list[Wire] = []

    def send(self, ask: Ask, line: Line, proxies: Mapping[str, str]) -> Answer:
        """The head of the answer. Raises TransportError."""
        _vet_as_written(read_url(ask.url).host, allow_private=self._allow_private)
        wire = Wire(line)
        self._wires.append(wire)
        request = requests.Request(ask.method, ask.url, headers={**DEFAULT_HEADERS, **ask.headers}, data=ask.body)
        try:
            context = self._trust(is_elsewhere=ask.is_elsewhere) if ask.url.startswith("https:") else None
            adapter = Adapter(wire, context)
            # No session: it would take passwords from ~/.netrc, keep cookies, and read a redirect's body to its end.
            answer = adapter.send(
                request.prepare(), stream=True, timeout=line.timeout_seconds + 1, proxies=dict(proxies)
            )
        except THEIR_FAULTS as error:
            raise _fault(error, line.phase) from error
        return Answer(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            pieces=_pieces(answer, line),
            version=VERSIONS.get(answer.raw.version, ""),
            address="",
            close=partial(_close, answer, adapter),
        )

    def run(self, exchange: Exchange, line: Line) -> Response:
        """The whole answer of an exchange that sends by this, in time. Raises what ``exchange.run`` raises."""
        errand = _Errand(exchange.run)
        try:
            while not errand.done.wait(line.tick()):
                pass
        except TransportError as error:  # the time is over
            raise exchange.placed(of_the_proxy(error) if line.phase in ("look-up", "connect") else error) from error
        finally:
            for wire in self._wires:
                wire.cut()
            errand.join(FAREWELL_SECONDS)
        return errand.result()


def _vet_as_written(host: str, *, allow_private: bool) -> None:
    """Where the host leads is for the proxy to find out; what can be seen in it is seen."""
    vet_name(host)
    name = host.rstrip(".").lower()
    try:
        written = socket.inet_ntoa(socket.inet_aton(name))  # 0xa9fea9fe, 2852039166 and their like
    except (OSError, ValueError):
        written = name if literal(name, 0) else ""
    if name == "localhost" or name.endswith(".localhost"):
        written = "127.0.0.1"  # the proxy's own machine, RFC 6761
    if written:
        vet(host, [written], allow_private=allow_private)


def _close(answer: requests.Response, adapter: HTTPAdapter) -> None:
    answer.close()
    adapter.close()


def _pieces(answer: requests.Response, line: Line) -> Iterator[bytes]:
    try:
        yield from answer.raw.stream(CHUNK_BYTES, decode_content=False)
    except THEIR_FAULTS as error:
        raise _fault(error, line.phase) from error


THEIR_FAULTS = (requests.RequestException, below.HTTPError, http.client.HTTPException, OSError, ValueError)


def _fault(error: BaseException, phase: str) -> TransportError:
    """``error`` in our words."""
    chain = tuple(_chain(error))
    for fault in chain:
        if isinstance(fault, TransportError | ssl.SSLError):
            return classify(fault, phase)
        if isinstance(fault, OSError) and "Tunnel connection failed" in str(fault):
            kind = "proxy_auth" if "407" in str(fault) else "proxy_refused"
            return TransportError(f"the proxy refuses the way ({fault})", kind=kind)
        if isinstance(fault, below.ProtocolError) and "prematurely" in str(fault):
            return TransportError("the answer broke off", kind="reset_mid_response")
    for types, kind, meaning in FAULTS:
        if found := next((fault for fault in chain if isinstance(fault, types)), None):
            return TransportError(f"{meaning} ({words(found)})", kind=kind)
    known = ConnectionError | http.client.HTTPException | UnicodeError
    return classify(next((fault for fault in chain if isinstance(fault, known)), error), phase)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps, the innermost first: what happened is more telling than who noticed."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            context = None if item.__suppress_context__ else item.__context__
            waiting += [item.__cause__, context, getattr(item, "reason", None), *item.args]
    yield from reversed(seen)


class _Errand(Thread):
    """A call in a thread of its own; its result or its exception belongs to whoever waits for it."""

    def __init__(self, call: Callable[[], Response]) -> None:
        super().__init__(name="http request", daemon=True)
        self.done = Event()
        self._call = call
        self._response: Response | None = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._response = self._call()
        except BaseException as error:  # noqa: BLE001  handed over, not swallowed: ``result`` raises it
            self._error = error
        finally:
            self.done.set()

    def result(self) -> Response:
        if self._error is not None:
            raise self._error
        assert self._response is not None  # noqa: S101  there is no third way out of ``run``
        return self._response
