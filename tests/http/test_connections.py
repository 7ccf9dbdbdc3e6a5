"""What a connection is made of: its phases, its certificates, and whether it is kept."""

from __future__ import annotations

import ssl

import pytest
from msgspec.structs import astuple

from deliverygate.clock import SystemClock
from deliverygate.errors import TransportError
from deliverygate.http import RequestsHttp
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
