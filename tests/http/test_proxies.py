"""Requests through a proxy of the environment: as strict, as timed and as discreet as without one."""

from __future__ import annotations

import gzip
import time
from threading import Event, Timer

import pytest

from deliverygate import __version__
from deliverygate.clock import SystemClock
from deliverygate.errors import Interrupted, TransportError
from deliverygate.http import RequestsHttp
from tests import servers
from tests.http.test_strictness import NOT_HTTP, OK, floods
from tests.servers import Authority, Client, Script, Server, answer, answers, serve, tunnels

AGENT = f"user-agent: deliverygate/{__version__}"


def fault(http: RequestsHttp, url: str, **options: object) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        http.request("GET", url, **{"timeout_seconds": 2, **options})  # type: ignore[arg-type]
    return caught.value.kind, caught.value.what


def lines(request: str) -> list[str]:
    return request.split("\r\n")[:-2]


def test_proxy_makes_a_tunnel_to_an_https_server(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serve(answers(answer("ok")), tls=authority.server("DNS:shop.invalid")) as server,
        serve(tunnels(server.port)) as proxy,
    ):
        monkeypatch.setenv("https_proxy", f"http://ada:pw@127.0.0.1:{proxy.port}")
        where = f"shop.invalid:{server.port}"
        got = http.request("GET", f"https://{where}/a?b", verify=authority.bundle)

    assert (got.status, got.body, got.address, got.url) == (200, b"ok", "", f"https://{where}/a?b")
    assert [lines(each) for each in proxy.requests] == [
        [f"CONNECT {where} HTTP/1.1", f"Host: {where}", AGENT, "proxy-authorization: Basic YWRhOnB3"]
    ]
    assert [lines(each) for each in server.requests] == [
        ["GET /a?b HTTP/1.1", f"Host: {where}", AGENT, "accept: */*", "accept-encoding: gzip", "connection: close"]
    ]


def test_proxy_is_given_the_whole_address_of_an_http_server(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(answers(answer("ok"))) as proxy:
        monkeypatch.setenv("http_proxy", f"ada:pw@127.0.0.1:{proxy.port}")
        got = http.request("GET", "http://shop.invalid:8080/a?b")

    assert got.body == b"ok"
    assert lines(proxy.requests[0]) == [
        "GET http://shop.invalid:8080/a?b HTTP/1.1",
        "Host: shop.invalid:8080",
        AGENT,
        "accept: */*",
        "accept-encoding: gzip",
        "connection: close",
        "proxy-authorization: Basic YWRhOnB3",
    ]


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_proxy_may_itself_be_asked_over_tls(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.bundle)
    both = authority.server("IP:127.0.0.1,DNS:shop.invalid")
    body = b"x" * size

    def echoes(client: Client) -> None:
        client.send(answer(client.request.partition(b"\r\n\r\n")[2]))

    with serve(echoes, tls=both) as server, serve(tunnels(server.port), tls=both) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        got = http.request("POST", f"https://shop.invalid:{server.port}/", body=body)
    with serve(answers(answer(body)), tls=both) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        plain = http.request("GET", "http://shop.invalid/")

    assert (got.body, plain.body) == (body, body)


@pytest.mark.parametrize("sent", [sent for sent, _ in NOT_HTTP.values()], ids=NOT_HTTP)
def test_answer_that_breaks_the_rules_is_refused_through_a_proxy_too(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    with serve(answers(sent)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert fault(http, "http://shop.invalid/")[0] == "http_protocol"


def test_answer_is_read_whole_through_a_tunnel(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = gzip.compress(b"ok, ") + gzip.compress(b"DOWN")
    sent = b"HTTP/1.1 103 Early Hints\r\n\r\n" + answer(body, content_encoding="gzip")
    with (
        serve(answers(sent), tls=authority.server("DNS:shop.invalid")) as server,
        serve(tunnels(server.port)) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        got = http.request("GET", "https://shop.invalid/", verify=authority.bundle)

    assert (got.status, got.body) == (200, b"ok, DOWN")


def test_certificate_of_the_server_is_judged_through_a_tunnel(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serve(answers(answer()), tls=authority.server("DNS:shop.invalid")) as server,
        serve(tunnels(server.port)) as proxy,
    ):
        monkeypatch.setenv("https_proxy", proxy.url)
        stranger = fault(http, "https://shop.invalid/")[0]
        other = fault(http, "https://other.invalid/", verify=authority.bundle)[0]

    assert (stranger, other) == ("tls_untrusted", "tls_hostname")


REFUSING: dict[str, tuple[Script, str, str]] = {
    "wants a password": (answers(answer(status="407 Who")), "proxy_auth", "the proxy refuses the way (CONNECT is answered with status 407)"),
    "forbids": (answers(answer(status="403 No")), "proxy_refused", "the proxy refuses the way (CONNECT is answered with status 403)"),
    "redirects": (answers(answer(status="302 Found", location="/login")), "proxy_refused", "the proxy refuses the way (CONNECT is answered with status 302)"),
    "says more": (answers(OK + b"\r\nhello"), "proxy_refused", "the proxy refuses the way (CONNECT is answered with status 200)"),
    "closes": (servers.closes, "proxy_refused", "the proxy: the connection was closed before an answer came"),
    "breaks off": (answers(b"HTTP/1.1 200 Conn"), "proxy_refused", "the proxy: the answer broke off"),
    "is none": (answers(b"SSH-2.0\r\n"), "proxy_refused", "the proxy: the answer is not HTTP (it begins with b'SSH-2.0\\r\\n')"),
    "breaks the rules": (answers(OK + b"nonsense\r\n\r\n"), "proxy_refused", "the proxy: the answer is not HTTP (illegal header line)"),
    "hangs": (servers.hangs, "proxy_refused", "the proxy: no connection in 0.5 s"),
    "never ends": (floods(OK, b"x: y\r\n" * 9_000), "proxy_refused", "the proxy: the answer is not HTTP (more than 64 KiB beside its body)"),
    "says 100 for ever": (floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 9_000), "proxy_refused", "the proxy: the answer is not HTTP (more than 32 interim answers)"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "kind", "what"), REFUSING.values(), ids=REFUSING)
def test_proxy_that_makes_no_tunnel_is_told_apart_from_the_server(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, script: Script, kind: str, what: str
) -> None:
    with serve(script) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert fault(http, "https://shop.invalid/", timeout_seconds=0.5) == (kind, what)


@pytest.mark.parametrize(
    ("proxy", "what"),
    [
        ("socks5h://ada:pw@127.0.0.1:1080", "the proxy socks5h://127.0.0.1:1080 is asked by socks5h, which is not spoken here"),
        ("http://127.0.0.1:notaport", "the proxy's address is none"),
    ],
    ids=["SOCKS", "no port"],
)  # fmt: skip
def test_proxy_that_cannot_be_asked_is_told(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, proxy: str, what: str
) -> None:
    monkeypatch.setenv("all_proxy", proxy)

    assert fault(http, "http://shop.invalid/") == ("proxy_refused", what)


def test_proxy_whose_certificate_is_wrong_is_told_apart_from_the_server(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(answers(answer()), tls=authority.server()) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        kind, what = fault(http, "https://shop.invalid/", verify=authority.bundle)

    assert (kind, what.startswith("the proxy: the certificate is not accepted: ")) == ("proxy_refused", True)


@pytest.mark.parametrize("script", [servers.hangs, servers.drips_body], ids=["hangs", "drips"])
def test_time_is_kept_through_a_proxy(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
    started = time.monotonic()
    with serve(script) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        kind, _ = fault(http, "http://shop.invalid/", timeout_seconds=0.3)

    assert (kind, time.monotonic() - started < 1.5) == ("read_timeout", True)


def test_stop_of_the_run_is_noticed_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Event()
    http = RequestsHttp(SystemClock(timeout_seconds=20, stop=stop), allow_private=True)
    timer = Timer(0.1, stop.set)
    timer.start()
    started = time.monotonic()

    with serve(servers.hangs) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(Interrupted):
            http.request("GET", "https://shop.invalid/")

    assert time.monotonic() - started < 1


def test_password_of_the_proxy_reaches_no_server(http: RequestsHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each redirect is sent by the proxy that is named for where it leads, or by none."""
    with serve(answers(answer("there"))) as server, serve(redirects_to(server)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://ada:pw@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        got = http.request("GET", "http://shop.invalid/", follow_redirects=1)

    assert (got.body, got.address, "YWRhOnB3" in proxy.requests[0]) == (b"there", "127.0.0.1", True)
    assert "authorization" not in server.requests[0]


def redirects_to(server: Server) -> Script:
    return answers(answer(status="302 Found", location=f"{server.url}/there"))
