"""What a connection is made of: its phases, its certificates, and whether it is kept."""

from __future__ import annotations

import ssl

import pytest
from msgspec.structs import astuple

from deliverygate.clock import SystemClock
from deliverygate.errors import TransportError
from deliverygate.http import RequestsHttp
from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority, Client, answer, answers, make_authority, serve


def slow_twice(client: Client) -> None:
    client.wait(0.1)
    client.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na")
    client.wait(0.2)
    client.send(b"b")


def test_time_is_told_phase_by_phase(names: NameServer, authority: Authority) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"]]
    names.delay_seconds = 0.05
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with serve(slow_twice, tls=authority.server("DNS:shop.test")) as server:
        got = http.request("GET", f"https://shop.test:{server.port}/", verify=authority.bundle)

    phases = got.phases
    assert phases is not None
    assert None not in astuple(phases)
    assert phases.dns and phases.connect and phases.tls and phases.first_byte and phases.transfer  # noqa: PT018
    assert (phases.dns >= 0.05, phases.first_byte >= 0.1, phases.transfer >= 0.1) == (True, True, True)
    assert max(phases.connect, phases.tls) < 0.1
    assert sum(astuple(phases)) == pytest.approx(got.seconds, abs=0.02)


def test_phases_that_were_not_needed_are_none(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server:
        phases = http.request("GET", server.url).phases

    assert phases is not None
    assert (phases.dns, phases.tls) == (None, None)


@pytest.mark.parametrize(("version", "told"), [("1.0", "1.0"), ("1.1", "1.1")])
def test_version_of_the_protocol_is_told(http: RequestsHttp, version: str, told: str) -> None:
    with serve(answers(f"HTTP/{version} 200 OK\r\ncontent-length: 0\r\n\r\n".encode())) as server:
        assert http.request("GET", server.url).http_version == told


def test_header_that_comes_twice_is_joined(http: RequestsHttp) -> None:
    with serve(answers(b"HTTP/1.1 200 OK\r\nVia: a\r\nVIA: b\r\ncontent-length: 0\r\n\r\n")) as server:
        assert http.request("GET", server.url).headers["via"] == "a, b"


@pytest.fixture
def choosy(authority: Authority) -> ssl.SSLContext:
    """A server that wants a client certificate."""
    context = authority.server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.bundle)
    return context


def test_client_certificate_is_shown(http: RequestsHttp, authority: Authority, choosy: ssl.SSLContext) -> None:
    pair = str(authority.folder / "server.pem"), str(authority.folder / "server.key")

    with serve(answers(answer("ok")), tls=choosy) as server:
        got = http.request("GET", server.url, verify=authority.bundle, client_certificate=pair)

    assert got.body == b"ok"


def test_client_certificate_of_a_stranger_is_told_apart(
    http: RequestsHttp, authority: Authority, choosy: ssl.SSLContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = make_authority(tmp_path_factory.mktemp("stranger"))
    pair = str(stranger.folder / "ca.pem"), str(stranger.folder / "ca.key")

    with serve(answers(answer("ok")), tls=choosy) as server, pytest.raises(TransportError) as caught:
        http.request("GET", server.url, verify=authority.bundle, client_certificate=pair)

    assert caught.value.kind == "tls_client_cert_required"


def test_client_certificate_that_is_missing_is_a_fault_of_the_configuration(http: RequestsHttp) -> None:
    with serve(answers(answer())) as server, pytest.raises(TransportError) as caught:
        http.request("GET", server.url.replace("http:", "https:"), client_certificate=("/none.pem", "/none.key"))

    assert (caught.value.kind, caught.value.what) == (
        "config",
        "the client certificate /none.pem with the key /none.key cannot be used (No such file or directory)",
    )


def test_old_version_of_tls_is_refused(http: RequestsHttp, authority: Authority) -> None:
    context = authority.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with serve(answers(answer("ok")), tls=context) as server:
        body = http.request("GET", server.url, verify=authority.bundle, minimum_tls="1.2").body
        with pytest.raises(TransportError) as caught:
            http.request("GET", server.url, verify=authority.bundle, minimum_tls="1.3")

    assert (body, caught.value.kind) == (b"ok", "tls_protocol")


def test_client_certificate_is_shown_to_no_other_origin(
    http: RequestsHttp, authority: Authority, choosy: ssl.SSLContext
) -> None:
    pair = str(authority.folder / "server.pem"), str(authority.folder / "server.key")

    with serve(answers(answer("mine")), tls=choosy) as other:
        to_other = answer(status="302 Found", location=other.url)
        with serve(answers(to_other), tls=authority.server()) as server, pytest.raises(TransportError) as caught:
            http.request("GET", server.url, verify=authority.bundle, client_certificate=pair, follow_redirects=1)

    assert (caught.value.kind, other.requests) == ("tls_client_cert_required", [])


def test_connection_has_a_deadline_of_its_own(http: RequestsHttp) -> None:
    with serve(servers.hangs) as server, pytest.raises(TransportError) as caught:
        http.request("GET", f"https://127.0.0.1:{server.port}/", timeout_seconds=20, connect_seconds=0.2)

    assert (caught.value.kind, caught.value.what) == ("connect_timeout", "no TLS connection in 0.2 s")


def test_look_up_is_part_of_the_connection(names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"]]
    names.delay_seconds = 1.0
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)

    with pytest.raises(TransportError) as caught:
        http.request("GET", "http://shop.test/", connect_seconds=0.1)

    assert (caught.value.kind, caught.value.what) == ("dns_timeout", "the name was not looked up in 0.1 s")


def test_answer_may_take_longer_than_the_connection_and_so_may_each_redirect(http: RequestsHttp) -> None:
    def slow(client: Client) -> None:
        client.wait(0.15)
        path = client.request.split()[1]
        client.send(answer("there") if path == b"/b" else answer(status="302 Found", location="/b"))

    with serve(slow) as server:
        got = http.request("GET", f"{server.url}/a", connect_seconds=0.1, follow_redirects=1)

    assert (got.body, got.seconds >= 0.3) == (b"there", True)
