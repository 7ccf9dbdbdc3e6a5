"""Names to addresses: slow and silent name servers, and those that change their mind."""

from __future__ import annotations

import time

import dns.rcode
import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import TransportError
from deliverygate.network import SystemNetwork
from tests.network.name_server import NameServer
from tests.servers import answer, answers, serve


@pytest.fixture
def network(names: NameServer) -> SystemNetwork:
    return SystemNetwork(SystemClock(timeout_seconds=20), allow_private=True, look_up=names.look_up)


def fault(network: SystemNetwork, host: str, port: int = 80, timeout_seconds: float = 2.0) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        network.connect(host, port, timeout_seconds=timeout_seconds)
    return caught.value.kind, caught.value.what


def test_all_addresses_of_a_name_are_told(network: SystemNetwork, names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.3", "127.0.0.2"]]

    assert sorted(network.resolve("shop.test")) == ["127.0.0.2", "127.0.0.3"]


def test_address_is_its_own_answer_and_nobody_is_asked(network: SystemNetwork, names: NameServer) -> None:
    found = [network.resolve(host) for host in ("192.0.2.1", "2001:db8::1")]

    assert (found, names.asked) == ([("192.0.2.1",), ("2001:db8::1",)], [])


def test_slow_name_server_takes_the_time_of_the_call(network: SystemNetwork, names: NameServer) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"]]
    names.delay_seconds = 0.6
    started = time.monotonic()

    assert fault(network, "shop.test", timeout_seconds=0.2) == ("dns_timeout", "the name was not looked up in 0.2 s")
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize(
    ("rcode", "kind", "what"),
    [
        (None, "dns_nxdomain", "shop.test has no address: no such host"),
        (dns.rcode.SERVFAIL, "dns_servfail", "shop.test could not be looked up: the name server failed"),
    ],
    ids=["no such name", "broken name server"],
)
def test_name_without_an_address_has_its_kind(
    network: SystemNetwork, names: NameServer, rcode: dns.rcode.Rcode | None, kind: str, what: str
) -> None:
    names.rcode = rcode

    assert fault(network, "shop.test") == (kind, what)


def test_name_that_turns_to_a_forbidden_address_is_not_looked_up_a_second_time(
    network: SystemNetwork, names: NameServer
) -> None:
    names.zone["shop.test A"] = [["127.0.0.1"], ["169.254.169.254"]]

    with serve(answers(answer())) as server:
        connected = network.connect("shop.test", server.port)

    assert (connected.address, names.asked) == ("127.0.0.1", ["shop.test A"])
    what = "shop.test leads to 169.254.169.254, a link-local or metadata address, which is never asked"
    assert fault(network, "shop.test") == ("config", what)


def test_second_address_is_tried_when_the_first_refuses(network: SystemNetwork, names: NameServer) -> None:
    with serve(answers(answer())) as server:
        names.zone["shop.test A"] = [["127.0.0.77", "127.0.0.1"]]  # the server listens on the second only

        connected = network.connect("shop.test", server.port)

    assert connected.address == "127.0.0.1"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "shop..example"], ids=["label too long", "empty label"])
def test_what_is_no_host_name_is_a_fault_of_the_configuration(host: str) -> None:
    network = SystemNetwork(SystemClock(timeout_seconds=20))

    assert fault(network, host) == ("config", f"{host!r} is not a host name")
