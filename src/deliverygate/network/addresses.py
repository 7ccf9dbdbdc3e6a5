"""Which IP addresses may be asked: a policy may name any address, the runner's own credentials must not be its prey."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from deliverygate.errors import TransportError

IPAddress = IPv4Address | IPv6Address

#: where clouds give credentials to whoever asks, each for the reason beside it; never asked, whatever the policy says
METADATA = tuple(
    ip_network(block)
    for block in (
        "169.254.0.0/16",  # link-local: AWS, Azure, Google, OpenStack, ECS tasks, EKS pods
        "fe80::/10",  # link-local
        "fd00:ec2::/32",  # AWS
        "fd20:ce::254/128",  # Google
        "100.100.100.200/32",  # Alibaba
        "192.0.0.192/32",  # Oracle
        "168.63.129.16/32",  # Azure's wire server
    )
)
METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
#: IPv6 blocks whose last 32 bits are an IPv4 address that a gateway leads to (RFC 6052, RFC 8215, RFC 4291, RFC 2765)
TRANSLATED = tuple(IPv6Network(block) for block in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96"))
SPLIT = IPv6Network("64:ff9b:1::/48")  # such a prefix may also hold it in bits 48 to 63 and 72 to 87 (RFC 6052, 2.2)
FORBIDDEN, PRIVATE, PUBLIC = "forbidden", "private", "public"
LOOPBACK = IPv6Address("::1")


def vet(host: str, addresses: Iterable[str], *, allow_private: bool) -> None:
    """Raise TransportError of kind ``config`` when one of the ``addresses`` of ``host`` must not be asked.

    One is enough: a name that leads to a metadata service beside the service it claims to be is no accident.
    """
    vet_name(host)
    for address in addresses:
        _vet_address(host, address, allow_private=allow_private)


def vet_name(host: str) -> None:
    """Raise TransportError when ``host`` is the name of a metadata service."""
    if host.rstrip(".").lower() in METADATA_NAMES:
        raise _forbidden(f"{host} is the name of a metadata service")


def _vet_address(host: str, address: str, *, allow_private: bool) -> None:
    shown = f"{address} is" if address == host else f"{host} leads to {address},"
    standing = _standing(address)
    if standing == FORBIDDEN:
        raise _forbidden(f"{shown} a link-local or metadata address")
    if standing == PRIVATE and not allow_private:
        raise TransportError(
            f"{shown} a private address",
            kind="config",
            mend="set `allow_private: true` where that is meant, or correct the address",
        )


@lru_cache(maxsize=4096)
def _standing(address: str) -> str:
    meant = tuple(_meant(ip_address(address)))
    if any(each in block for each in meant for block in METADATA if block.version == each.version):
        return FORBIDDEN
    return PUBLIC if all(each.is_global for each in meant) else PRIVATE


def _forbidden(what: str) -> TransportError:
    mend = "name the service's own address: there clouds keep this machine's credentials"
    return TransportError(f"{what}, which is never asked", kind="config", mend=mend)


def _meant(address: IPAddress) -> Iterator[IPAddress]:
    """An address, and those that hide in it: IPv4-mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address) or address == LOOPBACK:
        yield address
        return
    teredo = address.teredo or ()
    hidden = [each for each in (address.ipv4_mapped, address.sixtofour, *teredo) if each is not None]
    if any(address in block for block in TRANSLATED):
        hidden.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address in SPLIT:
        hidden.append(IPv4Address((int(address) >> 64 & 0xFFFF) << 16 | int(address) >> 40 & 0xFFFF))
    if not address.ipv4_mapped:
        yield address
    yield from hidden
