"""Names to addresses, as this machine looks them up, within a time limit."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from deliverygate.conversions import address, ascii_name
from deliverygate.errors import TransportError
from deliverygate.network.aside import aside
from deliverygate.network.line import Line

#: as ``socket.getaddrinfo`` has it: family, kind, protocol, canonical name, address
AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
LookUp = Callable[[str, int], list[AddressInfo]]

LOOK_UP_FAULTS = {
    socket.EAI_NONAME: ("dns_nxdomain", "has no address: no such host"),
    getattr(socket, "EAI_NODATA", -5): ("dns_nxdomain", "has no address"),
    socket.EAI_AGAIN: ("dns_servfail", "could not be looked up: the name server failed"),
}


def system_look_up(host: str, port: int) -> list[AddressInfo]:
    """What the C library says."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def in_ascii(host: str) -> str:
    """The name as it goes over the wire. Raises TransportError.

    Python's own way is that of 2003, by which some names are other domains than browsers ask.
    """
    found = ascii_name(host)
    if found is None:
        raise TransportError(f"{host!r} is not a host name", kind="config")
    return found


def look_up(host: str, port: int, line: Line, how: LookUp = system_look_up) -> list[AddressInfo]:
    """All addresses of a host, in the order in which they are to be tried. Raises TransportError."""
    if found := literal(host, port):
        return [found]
    line.enter("look-up")
    try:
        answer = aside(partial(how, in_ascii(host), port), line)
    except socket.gaierror as error:
        kind, what = LOOK_UP_FAULTS.get(error.errno or 0, ("dns_servfail", f"could not be looked up ({error})"))
        raise TransportError(f"{host} {what}", kind=kind) from error
    except ValueError as error:  # a label too long, a null character
        raise TransportError(f"{host!r} is not a host name", kind="config") from error
    except OSError as error:
        raise TransportError(f"{host} could not be looked up ({error})", kind="dns_servfail") from error
    if not answer:
        raise TransportError(f"{host} has no address", kind="dns_nxdomain")
    return answer


@lru_cache(maxsize=4096)
def literal(host: str, port: int) -> AddressInfo | None:
    """``host`` as an address, where it is one in its usual form; 0x7f.1 and its like are left to the C library."""
    if (found := address(host)) is None:  # with a zone, too, which has to be found among the interfaces
        return None
    if found.version == 4:
        return socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)
    return socket.AF_INET6, socket.SOCK_STREAM, 0, "", (host, port, 0, 0)
