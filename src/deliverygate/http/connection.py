"""Requests and answers over one connection, by h11, which refuses what is not HTTP/1.1 in place of guessing. RFC 9112.

What h11 lets pass and a gate must not is refused here: a header in two lines (obs-fold), which some recipients read as
two; ``Content-Length`` beside ``Transfer-Encoding``; interim answers without end; and bytes behind the answer's end.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import h11
import msgspec

from deliverygate.errors import TransportError
from deliverygate.http.faults import broken_off, not_http, words
from deliverygate.network.faults import http2_fault
from deliverygate.network.stream import BUFFER_BYTES, Stream

MOST_HEAD_BYTES = 65_536  #: interim answers among them
MOST_HEADERS = 100
MOST_INTERIM = 32  #: answers 1xx before the one that counts

TOO_LONG = f"more than {MOST_HEAD_BYTES >> 10} KiB beside its body"
#: what h11 says, where it would say nothing to a reader
WORDS = {"Receive buffer too long": TOO_LONG, "_SWITCH_UPGRADE": "101, which was not asked for"}
BEGINNING = b"HTTP/1."
QUOTED = re.compile(r"\s*\bb['\"].*", re.DOTALL)
OBS_FOLD = re.compile(rb"\n[ \t]")
#: how an HTTP/2 server begins (RFC 9113): with SETTINGS, or with GOAWAY where it read our request before
HTTP2 = re.compile(rb"\0[\0-\x3f].(?:\x04[\0\1]|\x07\0)\0\0\0\0", re.DOTALL)
HTTP2_BYTES = 9
END = h11.EndOfMessage()
BODILESS = frozenset({101, 204, 304})


class Head(msgspec.Struct, frozen=True):
    """All of an answer but its body."""

    status: int
    headers: dict[str, str]  #: names in lower case
    locations: tuple[str, ...]  #: where it leads; more than one contradict each other
    version: str  #: e.g. "1.1"
    has_body: bool  #: none to HEAD, none of 204 and 304, whatever the headers say


class Connection:
    """A connection to a server or a proxy, on which one exchange may follow another."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD_BYTES)
        self._method = ""
        self._received = bytearray()  # the head, and what came along with it
        self._handed_in = 0  # how much of that h11 has
        self._is_in_body = False
        self._has_ended = False  # nothing more will come
        self._has_surplus = False

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> None:
        """Send a request. Raises TransportError, of kind ``config`` for one that cannot be written, and OSError."""
        self._method = method
        try:
            parts = [self._protocol.send(_request(method, target, tuple(headers.items())))]
            if body:
                parts.append(self._protocol.send(h11.Data(data=body)))
            parts.append(self._protocol.send(END))
        except h11.LocalProtocolError as error:  # its words show the value, which may be secret
            raise TransportError(f"cannot be asked ({QUOTED.sub('', str(error))})", kind="config") from error
        except UnicodeError as error:
            raise TransportError(f"cannot be asked ({words(error)})", kind="config") from error
        try:
            self.stream.sendall(b"".join(parts))
        except (ConnectionError, ssl.SSLEOFError):
            self._receive()  # why it hung up it may have said before; raises where it did not

    def head(self) -> Head:
        """The head of the final answer. Raises TransportError, and ConnectionError where nothing came."""
        if not self._received:
            self._receive()
        for _ in range(MOST_INTERIM + 1):
            event = self._event()
            if isinstance(event, h11.Response):
                return self._final(event)
            if isinstance(event, h11.InformationalResponse) and event.status_code == 101:  # h11: it was asked for
                return self._final(event)
        raise not_http(f"more than {MOST_INTERIM} interim answers")

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. Raises TransportError where it is not whole, or where more comes than belongs to it."""
        while isinstance(event := self._event(), h11.Data):
            yield bytes(event.data)
        self._look_behind()

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer came."""
        return bool(self._received)

    @property
    def is_reusable(self) -> bool:
        """Whether the answer is read to its end and the server keeps the connection."""
        is_done = self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE
        return is_done and not self._has_ended and not self._has_surplus

    def renew(self) -> bool:
        """Get ready for the next exchange; False where the server closed the connection, or said more unasked."""
        if self.stream.peek() is not None:
            return False
        self._protocol.start_next_cycle()
        self._received.clear()
        self._handed_in = 0
        self._is_in_body = False
        return True

    @property
    def surplus(self) -> bytes:
        """What came and is not read yet: behind the head its body, behind the body nothing, if all is well."""
        return self._protocol.trailing_data[0]

    def _event(self) -> object:
        while True:
            try:
                event = self._protocol.next_event()
            except h11.RemoteProtocolError as error:
                # All that came before the end was understood: it is the end that is wrong.
                raise (broken_off() if self._has_ended else not_http(_why(error))) from error
            if event is not h11.NEED_DATA:
                return event
            self._receive()

    def _receive(self) -> None:
        try:
            data = self.stream.recv(BUFFER_BYTES)
        except ssl.SSLEOFError as error:
            # An end that TLS did not announce: somebody cut the connection, perhaps in the middle of a body without
            # a length (RFC 9112, section 9.8).
            raise (broken_off() if self.has_begun else ConnectionResetError()) from error
        self._has_ended = not data
        if not self._is_in_body:
            if self._has_ended:
                raise broken_off() if self.has_begun else ConnectionResetError()
            self._received += data
            if _may_be_http2(self._received):
                return
            data = bytes(self._received[self._handed_in :])
            self._handed_in = len(self._received)
        self._protocol.receive_data(data)

    def _final(self, event: h11.Response | h11.InformationalResponse) -> Head:
        self._is_in_body = True
        end = len(self._received) - len(self.surplus)
        if end > MOST_HEAD_BYTES:
            raise not_http(TOO_LONG)
        if OBS_FOLD.search(self._received, 0, end):
            raise not_http("a header goes on in a second line")
        if len(event.headers) > MOST_HEADERS:
            raise not_http(f"more than {MOST_HEADERS} headers")
        headers: dict[str, str] = {}
        locations: dict[str, None] = {}
        for raw_name, raw in event.headers.raw_items():
            name, value = raw_name.decode("ascii").lower(), _text(raw)
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
            if name == "location":
                locations[_reference(raw)] = None
        if "transfer-encoding" in headers and ("content-length" in headers or event.http_version < b"1.1"):
            raise not_http("Transfer-Encoding beside Content-Length, or in HTTP/1.0")
        return Head(
            status=event.status_code,
            headers=headers,
            locations=tuple(locations),
            version=event.http_version.decode("ascii"),
            has_body=self._method != "HEAD" and event.status_code not in BODILESS,
        )

    def _look_behind(self) -> None:
        """Refuse an answer that is shorter than what came: which of the two is meant nobody can say."""
        if self._protocol.their_state is h11.SWITCHED_PROTOCOL:
            return
        more = self.surplus
        if not more and not self._has_ended:
            seen = self.stream.peek()
            self._has_ended, more = seen == b"", seen or b""
        self._has_surplus = bool(more)
        if more and self._method != "HEAD":  # whose answer tells nothing but its head, and often has a body by mistake
            raise not_http("more came than the answer's own length")


# h11 is thorough, a sample asks the same a thousand times, and most requests of a run have the same headers.
@lru_cache(maxsize=64)
def _request(method: str, target: str, headers: tuple[tuple[str, str], ...]) -> h11.Request:
    return h11.Request(method=method, target=target, headers=_headers(headers))


@lru_cache(maxsize=256)
def _headers(given: tuple[tuple[str, str], ...]) -> Any:
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given]
    return h11.Request(method="GET", target="/", headers=lines).headers


def _may_be_http2(received: bytearray) -> bool:
    """Whether too little has come to tell. Raises TransportError as soon as it is no answer of HTTP/1."""
    if BEGINNING.startswith(received[: len(BEGINNING)]):
        return False
    if HTTP2.match(received):
        raise http2_fault()
    if received[0] == 0 and len(received) < HTTP2_BYTES:
        return True
    raise not_http(f"it begins with {bytes(received[:20])!r}")


def _why(error: h11.RemoteProtocolError) -> str:
    """What h11 says, without what the server sent, which may be meant for nobody else."""
    why = str(error).partition(":")[0]
    return next((ours for theirs, ours in WORDS.items() if theirs in why), why)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _reference(value: bytes) -> str:
    """A URL, perhaps relative, whose bytes stay what they were sent as once it is percent-encoded as UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)
