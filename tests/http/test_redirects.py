"""Where a ``Location`` leads, read as browsers read it."""

from __future__ import annotations

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Hop
from deliverygate.http import RequestsHttp
from tests.servers import Client, answer, serve

MOVED = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n"


def led(http: RequestsHttp, location: bytes, *, user: str = "") -> tuple[str, str]:
    """The path that is asked second, and its Authorization."""

    def script(client: Client) -> None:
        first = client.request.split()[1] == b"/a/b"
        client.send(
            MOVED + location.replace(b"PORT", str(server.port).encode()) + b"\r\n" if first else answer("there")
        )

    with serve(script) as server:
        got = http.request("GET", f"http://{user}127.0.0.1:{server.port}/a/b", follow_redirects=1)
    assert (got.body, "@" in got.url, [hop.status for hop in got.hops]) == (b"there", False, [302])
    head = server.requests[1].split("\r\n")
    return head[0].split()[1], next((line.partition(": ")[2] for line in head if "authorization" in line), "")


LOCATIONS = {
    "UTF-8": ("/état".encode(), "/%C3%A9tat"),
    "Latin-1": (b"/\xe9tat", "/%E9tat"),
    "query in UTF-8": ("/?q=ü&r=%C3%BC".encode(), "/?q=%C3%BC&r=%C3%BC"),
    "quoted": (b"/%C3%A9tat%2F", "/%C3%A9tat%2F"),
    "space": (b"/a b", "/a%20b"),
    "beside": (b"c", "/a/c"),
    "above": (b"../../c", "/c"),
    "query alone": (b"?d", "/a/b?d"),
    "fragment": ("/c#é".encode(), "/c"),
    "whole": ("http://127.0.0.1:PORT/é".encode(), "/%C3%A9"),
    "without a scheme": (b"//127.0.0.1:PORT/c", "/c"),
}


@pytest.mark.parametrize(("location", "path"), LOCATIONS.values(), ids=LOCATIONS)
def test_redirect_is_followed_as_browsers_do(http: RequestsHttp, location: bytes, path: str) -> None:
    assert led(http, b"location: " + location + b"\r\n") == (path, "")


def test_same_location_twice_is_one(http: RequestsHttp) -> None:
    assert led(http, b"location: /c\r\nLocation: /c\r\n") == ("/c", "")


@pytest.mark.parametrize(
    ("location", "authorization"),
    [
        (b"/c", "Basic YWRhOnB3"),
        (b"http://127.0.0.1:PORT/c", "Basic YWRhOnB3"),
        (b"http://eve:x@127.0.0.1:PORT/c", "Basic ZXZlOng="),
    ],
    ids=["path", "whole address", "another user"],
)
def test_user_and_password_stay_within_their_origin(http: RequestsHttp, location: bytes, authorization: str) -> None:
    assert led(http, b"location: " + location + b"\r\n", user="ada:pw@") == ("/c", authorization)


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        (b"location: /a\r\nlocation: /b\r\n", "is redirected to several addresses at once"),
        (b"location: http://[::1\r\n", "is redirected to an address that is none"),
        (b"location: http://127.0.0.1:99999999/\r\n", "is redirected to an address that is none"),
        (b"location: javascript:alert(1)\r\n", "is redirected to javascript:, which is not http(s)"),
        (b"location: http://\xe9\xff.invalid/\r\n", None),
        (b"location: http:///c\r\n", None),
    ],
    ids=["two", "half a bracket", "no such port", "script", "host that is no text", "no host"],
)
def test_redirect_that_leads_nowhere_is_blocked(http: RequestsHttp, headers: bytes, what: str | None) -> None:
    def script(client: Client) -> None:
        client.send(MOVED + headers + b"\r\n")

    with serve(script) as server, pytest.raises(TransportError) as caught:
        http.request("GET", server.url, follow_redirects=3)

    assert (caught.value.kind in ("redirect_blocked", "dns_nxdomain", "dns_servfail"), len(server.requests)) == (
        True,
        1,
    )
    assert caught.value.what == (what or caught.value.what)


def test_broken_answer_that_redirects_is_not_followed(http: RequestsHttp) -> None:
    def script(client: Client) -> None:
        client.send(MOVED + b"nonsense\r\nlocation: /c\r\n\r\n")

    with serve(script) as server, pytest.raises(TransportError) as caught:
        http.request("GET", server.url, follow_redirects=3)

    assert (caught.value.kind, len(server.requests)) == ("http_protocol", 1)


def test_header_in_utf8_is_read_as_such_and_any_other_as_latin_1(http: RequestsHttp) -> None:
    def script(client: Client) -> None:
        client.send("HTTP/1.1 200 OK\r\nx-name: café\r\ncontent-length: 0\r\n".encode() + b"x-old: caf\xe9\r\n\r\n")

    with serve(script) as server:
        headers = http.request("GET", server.url).headers

    assert headers == {"x-name": "café", "content-length": "0", "x-old": "café"}


def test_hop_tells_the_location_as_it_was_written(http: RequestsHttp) -> None:
    def script(client: Client) -> None:
        client.send(MOVED + "location: /état\r\n\r\n".encode() if client.request.startswith(b"GET /a") else answer())

    with serve(script) as server:
        got = http.request("GET", f"{server.url}/a", follow_redirects=1)

    assert got.hops == (Hop(302, f"{server.url}/a", "/état"),)
