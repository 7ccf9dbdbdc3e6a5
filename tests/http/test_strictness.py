"""Answers that break the rules of HTTP are refused, whatever could be guessed from them; RFC 9110, RFC 9112."""

from __future__ import annotations

import itertools
import time
from threading import Event, Timer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.clock import SystemClock
from deliverygate.errors import Interrupted, TransportError
from deliverygate.http import RequestsHttp
from deliverygate.http.connection import Connection
from tests.servers import Client, Script, answer, answers, serve

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"content-type: application/json\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
CHUNKS = b"2\r\nok\r\n0\r\n\r\n"


def said(http: RequestsHttp, script: Script, method: str = "GET", **options: object) -> tuple[str, str]:
    with serve(script) as server, pytest.raises(TransportError) as caught:
        http.request(method, server.url, **{"timeout_seconds": 2, **options})  # type: ignore[arg-type]
    return caught.value.kind, caught.value.what


NOT_HTTP = {
    "header without a colon": (OK + b"X-Trace: abc\r\ndef\r\n" + JSON + CHUNKED + b"\r\n" + CHUNKS, "illegal header line"),
    "header in two lines": (OK + b"x: a\r\n b\r\ncontent-length: 2\r\n\r\nok", "a header goes on in a second line"),
    "first header is a second line": (OK + b" x: a\r\ncontent-length: 2\r\n\r\nok", None),
    "space before the colon": (OK + b"content-length : 2\r\n\r\nok", "illegal header line"),
    "header without a name": (OK + b": a\r\ncontent-length: 2\r\n\r\nok", "illegal header line"),
    "zero in a header": (OK + b"x: a\0b\r\ncontent-length: 2\r\n\r\nok", "illegal header line"),
    "carriage return in a header": (OK + b"x: a\rcontent-length: 3\r\ncontent-length: 2\r\n\r\nok", None),
    "two lengths": (OK + b"content-length: 2\r\ncontent-length: 9\r\n\r\nok, DOWN!", "conflicting Content-Length headers"),
    "two lengths in one": (OK + b"content-length: 2, 9\r\n\r\nok, DOWN!", "conflicting Content-Length headers"),
    "length with a sign": (OK + b"content-length: +2\r\n\r\nok", "bad Content-Length"),
    "length below zero": (OK + b"content-length: -2\r\n\r\nok", "bad Content-Length"),
    "length in hexadecimal": (OK + b"content-length: 0x2\r\n\r\nok", "bad Content-Length"),
    "length that is empty": (OK + b"content-length:\r\n\r\nok", "bad Content-Length"),
    "length without end": (OK + b"content-length: " + b"9" * 30 + b"\r\n\r\nok", "bad Content-Length"),
    "length and chunks": (OK + CHUNKED + b"content-length: 2\r\n\r\n" + CHUNKS, "Transfer-Encoding beside Content-Length, or in HTTP/1.0"),
    "chunks in HTTP/1.0": (b"HTTP/1.0 200 OK\r\n" + CHUNKED + b"\r\n" + CHUNKS, "Transfer-Encoding beside Content-Length, or in HTTP/1.0"),
    "chunked twice": (OK + CHUNKED + CHUNKED + b"\r\n" + CHUNKS, "multiple Transfer-Encoding headers"),
    "another transfer coding": (OK + b"transfer-encoding: gzip, chunked\r\n\r\n" + CHUNKS, "Only Transfer-Encoding"),
    "misspelt transfer coding": (OK + b"transfer-encoding: xchunked\r\n\r\n" + CHUNKS, "Only Transfer-Encoding"),
    "chunk without a size": (OK + CHUNKED + b"\r\nzz\r\nok\r\n0\r\n\r\n", "illegal chunk header"),
    "chunk with a sign": (OK + CHUNKED + b"\r\n+2\r\nok\r\n0\r\n\r\n", "illegal chunk header"),
    "chunk with a prefix": (OK + CHUNKED + b"\r\n0x2\r\nok\r\n0\r\n\r\n", "illegal chunk header"),
    "chunk of ages": (OK + CHUNKED + b"\r\n" + b"f" * 30 + b"\r\nok\r\n0\r\n\r\n", "illegal chunk header"),
    "chunk longer than its size": (OK + CHUNKED + b"\r\n1\r\nok\r\n0\r\n\r\n", "malformed chunk footer"),
    "trailer without a colon": (OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\nnonsense\r\n\r\n", "illegal header line"),
    "more than its length": (OK + b"content-length: 2\r\n\r\nok, or rather DOWN", "more came than the answer's own length"),
    "more than its chunks": (OK + CHUNKED + b"\r\n" + CHUNKS + b"DOWN", "more came than the answer's own length"),
    "body of a 204": (b"HTTP/1.1 204 No Content\r\n\r\nDOWN", "more came than the answer's own length"),
    "two answers": (answer("ok") + answer("DOWN"), "more came than the answer's own length"),
    "101 that nobody asked for": (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", "101, which was not asked for"),
    "status of two digits": (b"HTTP/1.1 20 OK\r\n\r\n", "illegal status line"),
    "status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", "illegal status line"),
    "status below 100": (b"HTTP/1.1 099 OK\r\n\r\n", None),
    "no status": (b"HTTP/1.1\r\n\r\n", "illegal status line"),
    "two spaces": (b"HTTP/1.1  200 OK\r\n\r\n", "illegal status line"),
    "HTTP/2 in words": (b"HTTP/2.0 200 OK\r\n\r\n", "it begins with b'HTTP/2.0 200 OK"),
    "HTTP/0.9": (b"<html>ok</html>", "it begins with b'<html>ok</html>'"),
    "lower case": (b"http/1.1 200 OK\r\n\r\n", "it begins with"),
    "empty line first": (b"\r\n" + answer("ok"), "it begins with"),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", "it begins with"),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x0a", "it begins with"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "why"), NOT_HTTP.values(), ids=NOT_HTTP)
def test_answer_that_breaks_the_rules_is_refused(http: RequestsHttp, sent: bytes, why: str | None) -> None:
    kind, what = said(http, answers(sent))

    assert (kind, what.startswith(f"the answer is not HTTP ({why or ''}")) == ("http_protocol", True)


BROKEN_OFF = {
    "head": OK + b"content-le",
    "head after an interim answer": b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK,
    "interim answer alone": b"HTTP/1.1 100 Continue\r\n\r\n",
    "body": OK + b"content-length: 9\r\n\r\nok",
    "chunk": OK + CHUNKED + b"\r\n9\r\nok",
    "size of a chunk": OK + CHUNKED + b"\r\n2\r\nok\r\n1",
    "last chunk": OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\n",
    "trailer": OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\nx: a\r\n",
}


@pytest.mark.parametrize("sent", BROKEN_OFF.values(), ids=BROKEN_OFF)
def test_answer_that_ends_before_its_end_is_refused(http: RequestsHttp, sent: bytes) -> None:
    assert said(http, answers(sent)) == ("reset_mid_response", "the answer broke off")


HTTP = {
    "same length twice": OK + b"content-length: 2\r\nContent-Length: 2\r\n\r\nok",
    "no reason": b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok",
    "no length": OK + b"\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nok",
    "chunks with extensions and trailers": OK + CHUNKED + b"\r\n1;a=b\r\no\r\n1\r\nk\r\n000\r\nx: a\r\n\r\n",
    "chunks in capitals": OK + b"Transfer-Encoding: Chunked\r\n\r\n" + CHUNKS,
    "spaces around a value": OK + b"content-length: \t 2 \t\r\n\r\nok",
    "empty header": OK + b"x:\r\ncontent-length: 2\r\n\r\nok",
    "103 first": b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + answer("ok"),
    "some 102 and 100 first": b"HTTP/1.1 102 Processing\r\n\r\n" * 9 + b"HTTP/1.1 100 Continue\r\n\r\n" + answer("ok"),
}


@pytest.mark.parametrize("sent", HTTP.values(), ids=HTTP)
def test_answer_that_keeps_the_rules_is_read(http: RequestsHttp, sent: bytes) -> None:
    with serve(answers(sent)) as server:
        got = http.request("GET", server.url)

    assert (got.status, got.body) == (200, b"ok")


@pytest.mark.parametrize("status", ["200 OK", "304 Not Modified", "204 No Content"])
@pytest.mark.parametrize("encoding", ["br", "gzip", "gzip, gzip", "nonsense"])
def test_answer_without_a_body_has_nothing_to_decode(http: RequestsHttp, status: str, encoding: str) -> None:
    method = "HEAD" if status.startswith("200") else "GET"
    head = f"HTTP/1.1 {status}\r\ncontent-length: 99\r\ncontent-encoding: {encoding}\r\n\r\n".encode()

    with serve(answers(head)) as server:
        got = http.request(method, server.url)

    assert (got.status, got.body, got.truncated) == (int(status[:3]), b"", False)


def test_body_that_comes_to_head_by_mistake_is_not_read(http: RequestsHttp) -> None:
    with serve(answers(answer("DOWN", content_encoding="br"))) as server:
        got = http.request("HEAD", server.url)

    assert (got.status, got.body) == (200, b"")


def test_upgrade_that_was_asked_for_is_an_answer(http: RequestsHttp) -> None:
    switch = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x02ok"
    with serve(answers(switch)) as server:
        got = http.request("GET", server.url, headers={"Upgrade": "websocket", "Connection": "Upgrade"})

    assert (got.status, got.headers, got.body) == (101, {"upgrade": "websocket", "connection": "upgrade"}, b"")


def hangs_up_early(sent: bytes) -> Script:
    """Answers before it has read the request, and resets the connection."""

    def script(client: Client) -> None:
        client.send(sent)
        client.wait(0.1)
        client.reset()

    return script


def test_answer_of_a_server_that_does_not_read_the_request_is_heard(http: RequestsHttp) -> None:
    with serve(hangs_up_early(answer(status="413 Too Large")), reads=False) as server:
        got = http.request("POST", server.url, body=b"x" * 20_000_000, timeout_seconds=5)

    assert got.status == 413


def test_server_that_hangs_up_without_an_answer_while_we_send_is_told_as_such(http: RequestsHttp) -> None:
    with serve(hangs_up_early(b""), reads=False) as server, pytest.raises(TransportError) as caught:
        http.request("POST", server.url, body=b"x" * 20_000_000, timeout_seconds=5)

    assert caught.value.kind == "connect_reset"


def floods(start: bytes, block: bytes) -> Script:
    """Never pauses, so that whoever reads it never waits."""

    def script(client: Client) -> None:
        client.send(start)
        while True:
            client.send(block)

    return script


STORED = b"\0\0\0\xff\xff"  # a deflate block that holds nothing
GZIP_BEGIN = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
FLOODS = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 9_000, "http_protocol"),
    "long interim answers": (b"", b"HTTP/1.1 103 Hi\r\nx: " + b"a" * 9_000 + b"\r\n\r\n", "http_protocol"),
    "headers": (OK, b"x: y\r\n" * 40_000, "http_protocol"),
    "one header": (OK + b"x: ", b"y" * 200_000, "http_protocol"),
    "status line": (b"HTTP/1.1 200 ", b"y" * 200_000, "http_protocol"),
    "trailers": (OK + CHUNKED + b"\r\n2\r\nok\r\n0\r\n", b"x: y\r\n" * 40_000, "http_protocol"),
    "chunk extension": (OK + CHUNKED + b"\r\n2;", b"y" * 200_000, "http_protocol"),
    "gzip that holds nothing": (OK + b"content-encoding: gzip\r\n\r\n" + GZIP_BEGIN, STORED * 40_000, "read_timeout"),
    "empty gzips": (
        OK + b"content-encoding: gzip\r\n\r\n",
        (GZIP_BEGIN + b"\x03\0" + b"\0" * 8) * 9_000,
        "read_timeout",
    ),
}


@pytest.mark.parametrize(("start", "block", "kind"), FLOODS.values(), ids=FLOODS)
def test_server_that_sends_without_pause_is_cut_in_time(
    http: RequestsHttp, start: bytes, block: bytes, kind: str
) -> None:
    started = time.monotonic()

    caught, _ = said(http, floods(start, block), timeout_seconds=0.5)

    assert (caught, time.monotonic() - started < 2) == (kind, True)


@pytest.mark.parametrize("name", ["gzip that holds nothing", "empty gzips"])
def test_stop_of_the_run_is_noticed_while_a_server_sends_without_pause(name: str) -> None:
    start, block, _ = FLOODS[name]
    stop = Event()
    http = RequestsHttp(SystemClock(timeout_seconds=20, stop=stop), allow_private=True)
    timer = Timer(0.2, stop.set)
    timer.start()
    started = time.monotonic()

    with serve(floods(start, block)) as server, pytest.raises(Interrupted):
        http.request("GET", server.url, timeout_seconds=15)

    assert time.monotonic() - started < 2


def test_endless_body_is_cut_and_said_to_be(http: RequestsHttp) -> None:
    with serve(floods(OK + CHUNKED + b"\r\n", b"1\r\nx\r\n" * 9_000)) as server:
        got = http.request("GET", server.url, max_bytes=30_000)

    assert (got.body, got.truncated) == (b"x" * 30_000, True)


class Said:
    """A stream that has ``pieces`` to say, and then ends."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def sendall(self, data: bytes) -> None:
        """Nobody listens."""

    def recv(self, count: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def peek(self) -> bytes:
        return self.recv(1)


def heard(*pieces: bytes) -> tuple[int, bytes]:
    """Status and body. Raises what ``Connection`` raises."""
    connection = Connection(Said(list(pieces)))  # type: ignore[arg-type]
    connection.send("GET", "/", {"Host": "shop"})
    status = connection.head().status
    return status, b"".join(connection.pieces())


def cut_at(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


bodies = st.binary(max_size=200)
places = st.lists(st.integers(0, 5_000), max_size=8)


def framed(body: bytes, *, chunk: int) -> bytes:
    """``body`` in an answer with its length, or in chunks."""
    if not chunk:
        return OK + f"content-length: {len(body)}\r\n\r\n".encode() + body
    parts = [body[start : start + chunk] for start in range(0, len(body), chunk)]
    return OK + CHUNKED + b"\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@given(body=bodies, chunk=st.integers(0, 50), places=places)
def test_whole_body_is_read_however_it_comes(body: bytes, chunk: int, places: list[int]) -> None:
    assert heard(*cut_at(framed(body, chunk=chunk), places)) == (200, body)


@given(body=bodies, chunk=st.integers(0, 50), places=places, kept=st.floats(0, 1, exclude_max=True))
def test_no_part_of_an_answer_is_taken_for_all_of_it(body: bytes, chunk: int, places: list[int], kept: float) -> None:
    whole = framed(body, chunk=chunk)

    with pytest.raises((TransportError, ConnectionError)):
        heard(*cut_at(whole[: int(len(whole) * kept)], places))


@given(body=bodies, chunk=st.integers(0, 50), places=places, more=st.binary(min_size=1, max_size=50))
def test_nothing_may_follow_an_answer(body: bytes, chunk: int, places: list[int], more: bytes) -> None:
    with pytest.raises(TransportError) as caught:
        heard(*cut_at(framed(body, chunk=chunk) + more, places))

    assert caught.value.kind == "http_protocol"


@given(
    before=st.integers(0, 5), line=st.binary(min_size=1, max_size=20).filter(lambda line: not set(line) & set(b":\r\n"))
)
def test_no_line_of_a_head_may_lack_its_colon(before: int, line: bytes) -> None:
    lines = [b"x-%d: a" % number for number in range(5)] + [b"content-length: 2"]
    lines.insert(before, line)

    with pytest.raises(TransportError) as caught:
        heard(OK + b"\r\n".join(lines) + b"\r\n\r\nok")

    assert caught.value.kind == "http_protocol"
