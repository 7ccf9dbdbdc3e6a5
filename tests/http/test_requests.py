"""One request to a real server, most of which misbehave."""

from __future__ import annotations

import gzip
import ssl
import time
from pathlib import Path
from threading import Event, Timer

import pytest

from deliverygate import __version__
from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded, Interrupted, TransportError
from deliverygate.gate import Response
from deliverygate.http import RequestsHttp
from tests import servers
from tests.servers import Authority, Script, answer, answers, serve


def fault(http: RequestsHttp, url: str, **options: object) -> TransportError:
    with pytest.raises(TransportError) as caught:
        http.request("GET", url, **options)  # type: ignore[arg-type]
    return caught.value


def test_whole_answer_comes_back(http: RequestsHttp) -> None:
    with serve(answers(answer('{"a": 1}', content_type="application/json", X_Build="7"))) as server:
        got = http.request("GET", f"{server.url}/health?verbose")

    headers = {"content-length": "8", "content-type": "application/json", "x-build": "7"}
    url = f"{server.url}/health?verbose"
    expected = Response(
        200, headers, b'{"a": 1}', got.seconds, url, phases=got.phases, address="127.0.0.1", http_version="1.1"
    )
    assert got == expected
    assert 0 < got.seconds < 2


def test_request_says_who_asks_and_sends_what_it_is_given(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server:
        http.request("POST", f"{server.url}/a", headers={"X-One": "1", "ACCEPT": "application/json"}, body=b"{}")

    (request,) = server.requests
    assert request.splitlines() == [
        "POST /a HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"user-agent: deliverygate/{__version__}",
        "accept: application/json",
        "accept-encoding: gzip",
        "x-one: 1",
        "content-length: 2",
        "connection: close",
        "",
        "{}",
    ]


def test_user_and_password_are_sent_and_never_shown(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server:
        got = http.request("GET", f"http://ada:pw@127.0.0.1:{server.port}/")

    assert "authorization: Basic YWRhOnB3" in server.requests[0]
    assert got.url == f"{server.url}/"


def test_netrc_is_not_read(http: RequestsHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password pw\n")
    monkeypatch.setenv("NETRC", str(netrc))

    with serve(answers(answer())) as server:
        http.request("GET", server.url)

    assert "authorization" not in server.requests[0].lower()


def test_each_request_has_its_own_connection(http: RequestsHttp) -> None:
    def twice(client: servers.Client) -> None:
        client.send(answer("a", connection="keep-alive"))
        client.wait(0.1)
        client.send(answer("b"))

    with serve(twice) as server:
        bodies = [http.request("GET", server.url).body for _ in range(2)]

    assert bodies == [b"a", b"a"]


@pytest.mark.parametrize(
    ("script", "kind", "what"),
    [
        (servers.hangs, "read_timeout", "no answer in 0.3 s"),
        (servers.hangs_in_body, "read_timeout", "the answer did not end in 0.3 s"),
        (servers.drips, "read_timeout", "no answer in 0.3 s"),
        (servers.drips_body, "read_timeout", "the answer did not end in 0.3 s"),
        (servers.resets, "connect_reset", "the connection was closed before an answer came"),
        (servers.closes, "connect_reset", "the connection was closed before an answer came"),
        (servers.resets_in_body, "reset_mid_response", "the connection was closed in the middle of the answer"),
        (servers.breaks_off, "reset_mid_response", None),
        (servers.breaks_off_chunked, "reset_mid_response", "the answer broke off"),
        (answers(b"SSH-2.0-OpenSSH_9.2\r\n"), "http_protocol", None),
        (answers(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"), "http_protocol", None),
        (answers(b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n"), "http_protocol", None),
        (answers(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), "http_protocol", None),
        (answers(answer("x", content_encoding="gzip")), "body_decode", None),
        (
            answers(answer(gzip.compress(b"x" * 99)[:-9], content_encoding="gzip")),
            "body_decode",
            "the gzip of the body breaks off",
        ),
        (
            answers(answer("x", content_encoding="br")),
            "body_decode",
            "the body is encoded as 'br', which was not asked for",
        ),
    ],
    ids=[
        "hangs",
        "hangs in the body",
        "a byte at a time",
        "body a byte at a time",
        "reset",
        "closed",
        "reset in the body",
        "too short",
        "chunks break off",
        "not HTTP",
        "too many headers",
        "header too long",
        "no chunk length",
        "no gzip",
        "half a gzip",
        "unasked encoding",
    ],
)
def test_every_fault_has_its_kind(http: RequestsHttp, script: Script, kind: str, what: str | None) -> None:
    started = time.monotonic()

    with serve(script) as server:
        caught = fault(http, f"{server.url}/a", timeout_seconds=0.3)

    assert (caught.kind, caught.what, caught.where) == (kind, what or caught.what, f"GET {server.url}/a")
    assert time.monotonic() - started < 1


def test_refused_connection(http: RequestsHttp) -> None:
    caught = fault(http, f"http://ada:pw@127.0.0.1:{(port := servers.free_port())}/")

    assert (caught.kind, str(caught)) == ("connect_refused", f"GET http://127.0.0.1:{port}/: connection refused")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://no-such-host.invalid/", ("dns_nxdomain", "dns_servfail")),
        ("http://" + "a" * 64 + ".example/", ("config",)),
        ("http://[::1/", ("config",)),
        ("http:///nothing", ("config",)),
        ("ftp://127.0.0.1/", ("config",)),
        ("http://127.0.0.1:99999/", ("config",)),
        ("127.0.0.1:80", ("config",)),
    ],
    ids=["no such host", "label too long", "half a bracket", "no host", "ftp", "no such port", "no scheme"],
)
def test_address_that_leads_nowhere_is_a_fault_with_a_kind(http: RequestsHttp, url: str, kind: tuple[str, ...]) -> None:
    assert fault(http, url, timeout_seconds=5).kind in kind


@pytest.mark.parametrize("value", ["b\r\nc: d", "\u20ac"], ids=["line break", "not Latin-1"])
def test_header_that_cannot_be_sent_is_refused(http: RequestsHttp, value: str) -> None:
    with serve(answers(answer())) as server:
        assert fault(http, server.url, headers={"a": value}).kind == "config"


def test_fault_of_a_header_does_not_show_its_value(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server:
        caught = fault(http, server.url, headers={"Authorization": "Bearer s3cret\n"})

    assert (caught.kind, caught.what) == ("config", "cannot be asked (Illegal header value)")


def test_body_is_cut_at_its_limit(http: RequestsHttp) -> None:
    with serve(answers(answer("0123456789"))) as server:
        got = [http.request("GET", server.url, max_bytes=limit) for limit in (9, 10)]

    assert [(each.body, each.truncated) for each in got] == [(b"012345678", True), (b"0123456789", False)]


def test_gzip_is_unzipped(http: RequestsHttp) -> None:
    with serve(answers(answer(gzip.compress(b"healthy" * 9_000), content_encoding="gzip"))) as server:
        got = http.request("GET", server.url)

    assert (got.body, got.truncated) == (b"healthy" * 9_000, False)


def test_gzip_bomb_is_cut_before_it_fills_the_memory(http: RequestsHttp) -> None:
    with serve(servers.gzip_bomb) as server:
        got = http.request("GET", server.url, max_bytes=1000)

    assert (got.body, got.truncated) == (b"\0" * 1000, True)


def test_redirect_is_an_ordinary_answer(http: RequestsHttp) -> None:
    with serve(answers(answer("moved", status="302 Found", location="http://nowhere.invalid/login"))) as server:
        got = http.request("GET", f"{server.url}/health")

    assert (got.status, got.headers["location"], got.body) == (302, "http://nowhere.invalid/login", b"moved")


def test_redirects_are_followed_when_asked(http: RequestsHttp) -> None:
    moved = answer(status="302 Found", location="/there")
    with serve(answers(moved, answer("arrived"))) as server:
        got = http.request("GET", f"{server.url}/here", follow_redirects=1, headers={"Authorization": "Bearer t"})

    assert (got.status, got.body, got.url) == (200, b"arrived", f"{server.url}/there")
    assert "authorization: Bearer t" in server.requests[1]


def test_redirect_in_a_loop_is_a_fault(http: RequestsHttp) -> None:
    with serve(answers(answer(status="301 Moved", location="/"))) as server:
        caught = fault(http, server.url, follow_redirects=3)

    assert (caught.kind, caught.what, len(server.requests)) == ("redirect_loop", "is redirected more than 3 times", 4)


def test_secrets_do_not_follow_to_another_origin(http: RequestsHttp) -> None:
    headers = {"Authorization": "Bearer t", "Cookie": "c", "X-Api-Key": "k", "Accept": "application/json"}
    with serve(answers(answer())) as other:
        moved = answer(status="307 Temporary Redirect", location=f"{other.url}/there")
        with serve(answers(moved)) as server:
            http.request("GET", f"http://ada:pw@127.0.0.1:{server.port}/", follow_redirects=1, headers=headers)

    names = [line.split(":")[0].lower() for line in other.requests[0].split("\r\n")[1:-2]]
    assert names == ["host", "user-agent", "accept", "accept-encoding", "connection"]


@pytest.mark.parametrize(
    ("status", "method", "second"),
    [
        ("301 Moved", "POST", "GET / HTTP/1.1"),
        ("302 Found", "PUT", "PUT / HTTP/1.1"),
        ("303 See Other", "PUT", "GET / HTTP/1.1"),
        ("307 Temporary", "POST", "POST / HTTP/1.1"),
        ("308 Permanent", "HEAD", "HEAD / HTTP/1.1"),
    ],
)
def test_redirect_keeps_the_method_as_browsers_do(http: RequestsHttp, status: str, method: str, second: str) -> None:
    with serve(answers(answer(status=status, location="/"), answer())) as server:
        http.request(method, f"{server.url}/a", body=b"x" if method != "HEAD" else None, follow_redirects=1)

    assert server.requests[1].splitlines()[0] == second


@pytest.mark.parametrize(
    ("location", "what"),
    [
        ("ftp://127.0.0.1/", "is redirected to ftp:, which is not http(s)"),
        ("file:///etc/passwd", "is redirected to file:, which is not http(s)"),
        ("http://127.0.0.1:1x/", "is redirected to an address that is none"),
        ("http://127.0.0.1:1/", "is redirected to another origin, which must not get the body"),
    ],
    ids=["ftp", "file", "bad port", "body"],
)
def test_redirect_that_must_not_be_followed_is_blocked(http: RequestsHttp, location: str, what: str) -> None:
    with (
        serve(answers(answer(status="307 Temporary", location=location))) as server,
        pytest.raises(TransportError) as got,
    ):
        http.request("PUT", server.url, body=b"x", follow_redirects=5)

    assert (got.value.kind, got.value.what) == ("redirect_blocked", what)


def test_redirect_from_https_to_http_is_blocked(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer(status="302 Found", location="http://127.0.0.1:1/")), tls=authority.server()) as server:
        caught = fault(http, server.url, follow_redirects=5, verify=authority.bundle)

    assert (caught.kind, caught.what) == ("redirect_blocked", "is redirected from https to http")


def test_huge_body_of_a_redirect_is_not_read(http: RequestsHttp) -> None:
    def endless(client: servers.Client) -> None:
        client.send(b"HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n")
        while True:
            client.send(b"x" * 65_536)

    with serve(endless) as server:
        got = http.request("GET", server.url, max_bytes=10, timeout_seconds=2)

    assert (got.status, got.body, got.truncated) == (302, b"x" * 10, True)


def test_certificate_of_the_right_authority_is_trusted(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer("ok")), tls=authority.server()) as server:
        assert http.request("GET", server.url, verify=authority.bundle).body == b"ok"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_ca_bundle_of_the_environment_is_used(
    http: RequestsHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, authority.bundle)

    with serve(answers(answer("ok")), tls=authority.server()) as server:
        assert http.request("GET", server.url).body == b"ok"


@pytest.mark.parametrize(
    ("names", "valid", "kind"),
    [
        ("IP:127.0.0.1", "20200101000000Z-20210101000000Z", "tls_expired"),
        ("IP:127.0.0.1", "20500101000000Z-20510101000000Z", "tls_not_yet_valid"),
        ("IP:127.0.0.2", "20200101000000Z-20600101000000Z", "tls_hostname"),
        ("DNS:shop.example", "20200101000000Z-20600101000000Z", "tls_hostname"),
    ],
    ids=["expired", "not yet valid", "other address", "other name"],
)
def test_wrong_certificate_has_its_kind(
    http: RequestsHttp, authority: Authority, names: str, valid: str, kind: str
) -> None:
    with serve(answers(answer()), tls=authority.server(names, valid=valid)) as server:
        caught = fault(http, server.url, verify=authority.bundle)

    assert caught.kind == kind
    assert caught.what.startswith("the certificate is not accepted: ")


def test_certificate_of_an_unknown_authority_is_not_trusted(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer()), tls=authority.server()) as server:
        assert fault(http, server.url).kind == "tls_untrusted"


def test_anybody_is_trusted_only_when_asked(http: RequestsHttp, authority: Authority) -> None:
    with serve(answers(answer("ok")), tls=authority.server("DNS:shop.example")) as server:
        assert http.request("GET", server.url, verify=False).body == b"ok"


def test_server_that_wants_a_client_certificate_is_told_apart(http: RequestsHttp, authority: Authority) -> None:
    context = authority.server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.bundle)

    with serve(answers(answer()), tls=context) as server:
        assert fault(http, server.url, verify=authority.bundle).kind == "tls_client_cert_required"


def test_plain_server_at_an_https_address_is_no_tls(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server:
        assert fault(http, server.url.replace("http:", "https:")).kind == "tls_protocol"


def test_server_that_hangs_in_the_handshake_is_cut_in_time(http: RequestsHttp) -> None:
    with serve(servers.hangs) as server:
        caught = fault(http, server.url.replace("http:", "https:"), timeout_seconds=0.2)

    assert (caught.kind, caught.what) == ("connect_timeout", "no TLS connection in 0.2 s")


def test_missing_ca_bundle_is_a_fault_of_the_configuration(http: RequestsHttp) -> None:
    caught = fault(http, "https://127.0.0.1:1/", verify="/none.pem")

    assert (caught.kind, caught.what) == (
        "config",
        "the CA bundle /none.pem cannot be used (No such file or directory)",
    )


@pytest.mark.parametrize(
    ("script", "scheme", "kind"),
    [
        (answers(answer("from the proxy")), "http", None),
        (answers(answer(status="407 Proxy Authentication Required")), "https", "proxy_auth"),
        (answers(answer(status="403 Forbidden")), "https", "proxy_refused"),
    ],
    ids=["plain", "wants a password", "forbids"],
)
def test_proxy_of_the_environment_is_used(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch, script: Script, scheme: str, kind: str | None
) -> None:
    with serve(script) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        if kind:
            assert fault(http, f"{scheme}://shop.example/a").kind == kind
        else:
            assert http.request("GET", f"{scheme}://shop.example/a").body == b"from the proxy"


def test_proxy_that_is_not_there_is_told_apart_from_the_server(
    http: RequestsHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{servers.free_port()}")

    caught = fault(http, "https://shop.example/a")

    assert (caught.kind, caught.what) == ("proxy_refused", "the proxy: connection refused")


def test_stop_of_the_run_is_noticed_while_waiting() -> None:
    stop = Event()
    http = RequestsHttp(SystemClock(timeout_seconds=20, stop=stop), allow_private=True)
    timer = Timer(0.1, stop.set)
    timer.start()
    started = time.monotonic()

    with serve(servers.hangs) as server, pytest.raises(Interrupted):
        http.request("GET", server.url)

    assert time.monotonic() - started < 0.6


def test_time_of_the_gate_is_noticed_while_waiting() -> None:
    http = RequestsHttp(SystemClock(timeout_seconds=0.2), allow_private=True)

    with serve(servers.hangs) as server, pytest.raises(DeadlineExceeded):
        http.request("GET", server.url, timeout_seconds=10)
