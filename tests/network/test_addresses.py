"""Which addresses may be asked, in all the ways in which an address can be written or hidden."""

from __future__ import annotations

import socket

import pytest

from deliverygate.errors import TransportError
from deliverygate.network.addresses import vet, vet_name

FORBIDDEN = {
    "AWS, Azure, Google": "169.254.169.254",
    "credentials of an ECS task": "169.254.170.2",
    "link-local": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "AWS over IPv6": "fd00:ec2::254",
    "Google over IPv6": "fd20:ce::254",
    "Alibaba": "100.100.100.200",
    "Oracle": "192.0.0.192",
    "Azure's wire server": "168.63.129.16",
    "IPv4-mapped": "::ffff:169.254.169.254",
    "IPv4-mapped in hex": "::ffff:a9fe:a9fe",
    "IPv4-compatible": "::a9fe:a9fe",
    "6to4": "2002:a9fe:a9fe::1",
    "NAT64": "64:ff9b::a9fe:a9fe",
    "local NAT64": "64:ff9b:1::a9fe:a9fe",
    "local NAT64 with a split address": "64:ff9b:1:a9fe:a9:fe00::",
    "IPv4-translated": "::ffff:0:a9fe:a9fe",
    "Teredo": "2001:0:102:304:0:0:5601:5601",
}
PRIVATE = {
    "loopback": "127.0.0.1",
    "loopback over IPv6": "::1",
    "this host": "0.0.0.0",
    "any": "::",
    "10/8": "10.1.2.3",
    "172.16/12": "172.31.0.1",
    "192.168/16": "192.168.0.1",
    "shared": "100.64.0.1",
    "unique local": "fd12:3456::1",
    "IPv4-mapped loopback": "::ffff:127.0.0.1",
    "NAT64 of a private one": "64:ff9b::a01:203",
}
PUBLIC = {"IPv4": "93.184.215.14", "IPv6": "2606:2800:21f::1", "NAT64 of a public one": "64:ff9b::5db8:d70e"}


def refusal(address: str, *, allow_private: bool) -> tuple[str, str]:
    with pytest.raises(TransportError) as caught:
        vet("shop.example", [address], allow_private=allow_private)
    return caught.value.kind, caught.value.what


@pytest.mark.parametrize("allow_private", [False, True], ids=["public only", "private too"])
@pytest.mark.parametrize("address", FORBIDDEN.values(), ids=FORBIDDEN)
def test_metadata_address_is_never_asked(address: str, allow_private: bool) -> None:
    what = f"shop.example leads to {address}, a link-local or metadata address, which is never asked"
    assert refusal(address, allow_private=allow_private) == ("config", what)


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE)
def test_private_address_is_asked_only_where_it_is_allowed(address: str) -> None:
    vet("shop.example", [address], allow_private=True)

    what = f"shop.example leads to {address}, a private address"
    assert refusal(address, allow_private=False) == ("config", what)


@pytest.mark.parametrize("address", PUBLIC.values(), ids=PUBLIC)
def test_public_address_may_be_asked(address: str) -> None:
    vet("shop.example", [address], allow_private=False)


def test_one_forbidden_address_among_good_ones_is_enough() -> None:
    with pytest.raises(TransportError, match=r"shop\.example leads to 169\.254"):
        vet("shop.example", ["93.184.215.14", "169.254.169.254"], allow_private=True)


@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA.google.internal.", "instance-data", "metadata"])
def test_name_of_a_metadata_service_is_refused_before_it_is_looked_up(name: str) -> None:
    with pytest.raises(TransportError, match="is the name of a metadata service, which is never asked"):
        vet_name(name)


@pytest.mark.parametrize(
    "spelled", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.16689662", "0xA9.254.0xa9.0376"]
)
def test_unusual_spelling_is_looked_up_as_the_address_that_it_is(spelled: str) -> None:
    found = socket.getaddrinfo(spelled, 80, type=socket.SOCK_STREAM)

    with pytest.raises(TransportError, match=f"{spelled} leads to 169.254.169.254"):
        vet(spelled, [str(each[4][0]) for each in found], allow_private=True)
