"""Servers that do not speak HTTP/1.1: they cannot be asked, which is no proof against them."""

from __future__ import annotations

import ssl
import struct

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Schedule
from deliverygate.http import RequestsHttp
from tests.servers import Authority, Client, answer, answers, serve


def frame(kind: int, flags: int = 0, data: bytes = b"", stream: int = 0) -> bytes:
    return struct.pack(">I", len(data))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + data


SETTINGS = frame(4, data=struct.pack(">HI", 3, 128))
GOAWAY = frame(7, data=struct.pack(">II", 0, 1) + b"Unexpected HTTP/1.x request: GET / HTTP/1.1")
SPOKEN = "the server speaks HTTP/2 alone, which is not spoken here"


def fault(http: RequestsHttp, url: str, **options: object) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        http.request("GET", url, **{"timeout_seconds": 2, **options})  # type: ignore[arg-type]
    return caught.value.kind, caught.value.what


@pytest.mark.parametrize(
    "sent",
    [[SETTINGS], [frame(4)], [SETTINGS + GOAWAY], [GOAWAY], [SETTINGS[:1], SETTINGS[1:5], SETTINGS[5:]]],
    ids=["settings", "empty settings", "goaway behind", "goaway alone", "byte by byte"],
)
def test_server_that_begins_with_frames_of_http2_is_told_apart(http: RequestsHttp, sent: list[bytes]) -> None:
    def script(client: Client) -> None:
        for piece in sent:
            client.send(piece)
            client.wait(0.02)

    with serve(script) as server:
        assert fault(http, server.url) == ("http_version", SPOKEN)


@pytest.mark.parametrize(
    "sent",
    [frame(0, data=b"ok", stream=1), frame(4, stream=1), b"\0" * 99, b"\0", frame(4, flags=0xFF), b"\0\0\0\x04"],
    ids=["data first", "settings of a stream", "zeros", "one zero", "unknown flags", "half a frame"],
)
def test_bytes_that_only_look_like_http2_are_no_excuse(http: RequestsHttp, sent: bytes) -> None:
    with serve(answers(sent)) as server:
        assert fault(http, server.url)[0] in ("http_protocol", "reset_mid_response")


@pytest.fixture
def http2(authority: Authority) -> ssl.SSLContext:
    """The TLS side of a server that agrees to HTTP/2 alone."""
    context = authority.server()
    context.set_alpn_protocols(["h2"])
    return context


def test_server_that_goes_on_without_an_agreement_is_told_apart(
    http: RequestsHttp, authority: Authority, http2: ssl.SSLContext
) -> None:
    with serve(answers(SETTINGS + GOAWAY), tls=http2) as server:
        assert fault(http, server.url, verify=authority.bundle) == ("http_version", SPOKEN)


def test_server_that_hangs_up_without_an_agreement_is_told_apart(
    http: RequestsHttp, authority: Authority, http2: ssl.SSLContext
) -> None:
    with serve(answers(b""), tls=http2) as server:
        assert fault(http, server.url, verify=authority.bundle) == ("http_version", SPOKEN)


def test_server_that_hangs_up_although_it_agreed_to_http1_is_ill(http: RequestsHttp, authority: Authority) -> None:
    context = authority.server()
    context.set_alpn_protocols(["h2", "http/1.1"])

    with serve(answers(b""), tls=context) as server:
        assert fault(http, server.url, verify=authority.bundle)[0] == "connect_reset"


def test_server_that_hangs_up_and_knows_no_alpn_is_ill(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(b""), tls=authority.server()) as server:
        assert fault(http, server.url, verify=authority.bundle)[0] == "connect_reset"


def test_http1_is_offered_and_nothing_else(http: RequestsHttp, authority: Authority) -> None:
    context = authority.server()
    context.set_alpn_protocols(["h2", "http/1.1"])

    with serve(answers(answer("ok")), tls=context) as server:
        got = http.request("GET", server.url, verify=authority.bundle)

    assert (got.body, got.http_version) == (b"ok", "1.1")


def test_alert_that_no_protocol_is_shared_is_told_apart() -> None:
    from deliverygate.network.faults import tls_fault

    alert = ssl.SSLError(1, "[SSL: TLSV1_ALERT_NO_APPLICATION_PROTOCOL] tlsv1 alert no application protocol (_ssl.c:1)")
    alert.reason = "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"

    assert tls_fault(alert).kind == "http_version"


def test_shots_at_a_server_of_http2_alone_are_of_that_kind(http: RequestsHttp) -> None:
    with serve(answers(SETTINGS)) as server:
        sample = http.sample("GET", server.url, schedule=Schedule(2, 0.02))

    assert [shot.fault for shot in sample.shots] == ["http_version"] * 2


def test_body_without_a_length_must_be_ended_by_tls(http: RequestsHttp, authority: Authority) -> None:
    """Whoever cuts the connection of a server cannot end TLS in its name."""
    with serve(answers(b"HTTP/1.1 200 OK\r\n\r\nok, not DO"), tls=authority.server()) as server:
        cut = fault(http, server.url, verify=authority.bundle)

    def ends(client: Client) -> None:
        client.send(b"HTTP/1.1 200 OK\r\n\r\nok")
        client.end_tls()

    with serve(ends, tls=authority.server()) as server:
        whole = http.request("GET", server.url, verify=authority.bundle)

    assert (cut, whole.body) == (("reset_mid_response", "the answer broke off"), b"ok")
