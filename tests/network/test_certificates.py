"""Certificates of real TLS servers: told whether or not they are to be trusted."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, ChainLink
from deliverygate.network import SystemNetwork
from tests import servers
from tests.servers import Authority, Client, serve

VALID = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC))


def greets(client: Client) -> None:
    client.send(b"hello")


def test_trusted_certificate_is_read_whole(network: SystemNetwork, authority: Authority) -> None:
    names = "DNS:shop.example,DNS:*.shop.example,IP:127.0.0.1"

    with serve(greets, tls=authority.server(names)) as server:
        found = network.certificate("127.0.0.1", server.port, authorities=authority.bundle)

    subject, issuer = "CN=test server", "CN=test authority"
    assert found == Certificate(
        subject=subject,
        issuer=issuer,
        names=("shop.example", "*.shop.example", "127.0.0.1"),
        not_before=VALID[0],
        not_after=VALID[1],
        serial=found.serial,
        protocol="TLSv1.3",
        verified=None,
        chain=(ChainLink(subject, issuer, *VALID),),
        address="127.0.0.1",
        seconds=found.seconds,
    )
    assert int(found.serial, 16) > 0
    assert 0 < found.seconds < 2


@pytest.mark.parametrize(
    ("names", "valid", "server_name", "verified"),
    [
        ("IP:127.0.0.1", "20200101000000Z-20210101000000Z", "", "tls_expired"),
        ("IP:127.0.0.1", "20500101000000Z-20510101000000Z", "", "tls_not_yet_valid"),
        ("DNS:shop.example", "20200101000000Z-20600101000000Z", "", "tls_hostname"),
        ("DNS:shop.example", "20200101000000Z-20600101000000Z", "www.shop.example", "tls_hostname"),
        ("DNS:shop.example", "20200101000000Z-20600101000000Z", "shop.example", None),
    ],
    ids=["expired", "not yet valid", "other name", "other server name", "right server name"],
)
def test_certificate_is_told_whether_or_not_it_is_accepted(
    network: SystemNetwork, authority: Authority, names: str, valid: str, server_name: str, verified: str | None
) -> None:
    with serve(greets, tls=authority.server(names, valid=valid)) as server:
        found = network.certificate("127.0.0.1", server.port, server_name=server_name, authorities=authority.bundle)

    until = datetime.strptime(valid.split("-")[1], "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    assert (found.verified, bool(found.why), found.not_after) == (verified, verified is not None, until)


def test_unknown_authority_is_told(network: SystemNetwork, authority: Authority) -> None:
    with serve(greets, tls=authority.server()) as server:
        found = network.certificate("127.0.0.1", server.port)

    assert (found.verified, found.issuer) == ("tls_untrusted", "CN=test authority")


def test_every_certificate_that_is_sent_is_told(network: SystemNetwork, authority: Authority, tmp_path: Path) -> None:
    context = authority.server()
    both = tmp_path / "both.pem"
    both.write_text((authority.folder / "server.pem").read_text() + (authority.folder / "ca.pem").read_text())
    context.load_cert_chain(both, authority.folder / "server.key")

    with serve(greets, tls=context) as server:
        found = network.certificate("127.0.0.1", server.port, authorities=authority.bundle)

    assert [link.subject for link in found.chain] == ["CN=test server", "CN=test authority"]


def test_server_of_old_versions_only_is_refused_where_a_newer_one_is_demanded(
    network: SystemNetwork, authority: Authority
) -> None:
    context = authority.server()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with serve(greets, tls=context) as server:
        found = network.certificate("127.0.0.1", server.port, authorities=authority.bundle, minimum_version="1.2")
        with pytest.raises(TransportError) as caught:
            network.certificate("127.0.0.1", server.port, authorities=authority.bundle, minimum_version="1.3")

    assert (found.protocol, caught.value.kind) == ("TLSv1.2", "tls_protocol")


@pytest.mark.parametrize(
    ("script", "kind"),
    [(greets, "tls_protocol"), (servers.hangs, "connect_timeout"), (servers.resets, "connect_reset")],
    ids=["speaks something else", "hangs in the handshake", "resets"],
)
def test_server_without_tls_has_no_certificate(network: SystemNetwork, script: servers.Script, kind: str) -> None:
    with serve(script) as server, pytest.raises(TransportError) as caught:
        network.certificate("127.0.0.1", server.port, timeout_seconds=0.3)

    assert (caught.value.kind, caught.value.where) == (kind, f"127.0.0.1:{server.port}")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"authorities": "/none.pem"}, "the CA bundle /none.pem cannot be used (No such file or directory)"),
        ({"server_name": ".shop.example"}, "'.shop.example' is not a host name"),
        ({"minimum_version": "1.4"}, "'1.4' is not a version of TLS; write 1.2 or 1.3"),
        ({"address": "169.254.169.254"}, "127.0.0.1 leads to 169.254.169.254, a link-local or metadata address, which is never asked"),
    ],
    ids=["no bundle", "no name", "no version", "metadata"],
)  # fmt: skip
def test_wrong_setting_is_a_fault_of_the_configuration(
    network: SystemNetwork, options: dict[str, str], what: str
) -> None:
    with serve(greets) as server, pytest.raises(TransportError) as caught:
        network.certificate("127.0.0.1", server.port, **options)  # type: ignore[arg-type]

    assert (caught.value.kind, caught.value.what) == ("config", what)
