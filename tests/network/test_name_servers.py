"""Questions to a real name server."""

from __future__ import annotations

import dns.rcode
import pytest

from deliverygate.errors import TransportError
from deliverygate.gate import DnsAnswer
from deliverygate.network import SystemNetwork
from deliverygate.network.name_servers import read_server
from tests import servers
from tests.network.name_server import NameServer


def fault(network: SystemNetwork, server: str, name: str = "shop.test", kind: str = "A") -> TransportError:
    with pytest.raises(TransportError) as caught:
        network.query(name, kind, server=server, timeout_seconds=0.3)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "records"),
    [
        ("A", ["192.0.2.1", "192.0.2.2"]),
        ("AAAA", ["2001:db8::1"]),
        ("CNAME", ["www.shop.test."]),
        ("MX", ["10 mail.shop.test."]),
        ("TXT", ['"v=spf1 -all"']),
        ("SRV", ["0 5 443 a.shop.test."]),
        ("CAA", ['0 issue "ca.test"']),
    ],
)
def test_records_of_a_kind_come_back_sorted(
    network: SystemNetwork, names: NameServer, kind: str, records: list[str]
) -> None:
    names.zone[f"shop.test {kind}"] = [records[::-1]]

    answer = network.query("shop.test", kind, server=names.place)

    assert answer == DnsAnswer("NOERROR", tuple(records), 60, "127.0.0.1", answer.seconds)


def test_name_of_an_address_is_asked_by_the_address(network: SystemNetwork, names: NameServer) -> None:
    names.zone["1.2.0.192.in-addr.arpa PTR"] = [["shop.test."]]

    assert network.query("192.0.2.1", "PTR", server=names.place).records == ("shop.test.",)


def test_name_that_does_not_exist_is_an_answer(network: SystemNetwork, names: NameServer) -> None:
    names.zone["shop.test A"] = [[]]

    found = [network.query(name, "A", server=names.place) for name in ("shop.test", "none.test")]

    assert [(each.rcode, each.records, each.ttl) for each in found] == [("NOERROR", (), None), ("NXDOMAIN", (), None)]


def test_answer_that_is_too_long_for_udp_is_asked_for_over_tcp(network: SystemNetwork, names: NameServer) -> None:
    names.zone["shop.test A"] = [["192.0.2.1"]]
    names.truncates = True

    assert network.query("shop.test", "A", server=names.place).records == ("192.0.2.1",)


def test_silent_name_server_is_told_apart(network: SystemNetwork, names: NameServer) -> None:
    names.silent = True

    assert fault(network, names.place).kind == "dns_timeout"


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED], ids=["failed", "refuses"])
def test_name_server_that_does_not_answer_the_question_is_told_apart(
    network: SystemNetwork, names: NameServer, rcode: dns.rcode.Rcode
) -> None:
    names.rcode = rcode

    caught = fault(network, names.place)

    assert (caught.kind, caught.what) == ("dns_servfail", f"the name server 127.0.0.1 answers {rcode.name}")


def test_answer_that_is_no_dns_is_no_answer(network: SystemNetwork, names: NameServer) -> None:
    names.garbage = True

    assert fault(network, names.place).kind in ("dns_servfail", "dns_timeout")


@pytest.mark.parametrize(
    ("server", "name", "kind", "what"),
    [
        (
            "169.254.169.253",
            "shop.test",
            "A",
            "169.254.169.253 is a link-local or metadata address, which is never asked",
        ),
        ("127.0.0.1:0", "shop.test", "A", "'127.0.0.1:0' is not a name server; write host or host:port"),
        ("127.0.0.1", "shop.test", "ABC", None),
        ("127.0.0.1", "shop..test", "A", None),
        ("127.0.0.1", "not an address", "PTR", None),
    ],
    ids=["metadata", "port", "kind", "name", "address"],
)
def test_question_that_cannot_be_asked_is_a_fault_of_the_configuration(
    network: SystemNetwork, server: str, name: str, kind: str, what: str | None
) -> None:
    caught = fault(network, server, name, kind)

    assert (caught.kind, caught.what) == ("config", what or caught.what)


def test_unreachable_name_server_is_the_fault_of_no_name(network: SystemNetwork) -> None:
    assert fault(network, f"127.0.0.1:{servers.free_port()}").kind == "dns_timeout"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ns.test", ("ns.test", 53)),
        ("ns.test:5353", ("ns.test", 5353)),
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_name_server_is_written_with_or_without_a_port(written: str, read: tuple[str, int]) -> None:
    assert read_server(written) == read
