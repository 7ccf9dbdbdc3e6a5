"""A connection to a host: looked up once, vetted, and made to the very addresses that were vetted."""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
import time

import msgspec

from deliverygate.errors import TransportError
from deliverygate.network.addresses import vet, vet_name
from deliverygate.network.faults import broken_fault, connect_fault, tls_fault
from deliverygate.network.line import Line
from deliverygate.network.look_up import AddressInfo, LookUp, in_ascii, literal, look_up, system_look_up
from deliverygate.network.stream import Stream


class Route(msgspec.Struct, frozen=True):
    """How hosts are reached."""

    allow_private: bool = False
    address: str | None = None  #: the IP address to connect to in place of a look-up
    look_up: LookUp = system_look_up


def find(host: str, port: int, line: Line, route: Route) -> list[AddressInfo]:
    """The addresses to connect to, none of which is forbidden. Raises TransportError."""
    host = in_ascii(host)
    vet_name(host)
    if not 0 < port < 65_536:
        raise TransportError(f"{port} is not a port", kind="config")
    found = _given(route.address, port) if route.address else look_up(host, port, line, route.look_up)
    vet(host, [each[4][0] for each in found], allow_private=route.allow_private)
    return found


def _given(address: str, port: int) -> list[AddressInfo]:
    if found := literal(address, port):
        return [found]
    raise TransportError(f"{address!r} is not an IP address", kind="config")


def open_stream(
    host: str,
    port: int,
    line: Line,
    route: Route,
    *,
    context: ssl.SSLContext | None = None,
    server_name: str = "",
) -> Stream:
    """Connect to a host, under TLS where there is a ``context``. Raises TransportError."""
    if context:
        _check_name(server_name or host)
    stream = connect(find(host, port, line, route), line)
    if context:
        line.enter("tls")
        secure(stream, context, in_ascii(server_name or host))
    return stream


def _check_name(name: str) -> None:
    try:
        in_ascii(name).encode("idna")
    except UnicodeError as error:  # ssl would say the same, and leave the connection open
        raise TransportError(f"{name!r} is not a host name", kind="config") from error


def connect(found: list[AddressInfo], line: Line) -> Stream:
    """To the first that takes it; each gets its share of the time that is left. Raises TransportError."""
    line.enter("connect")
    fault: TransportError | None = None
    for count, (family, kind, protocol, _, address) in enumerate(found):
        until = time.monotonic() + line.left() / (len(found) - count)
        connection = socket.socket(family, kind, protocol)
        try:
            _connect_one(connection, address, line, until)
        except TimeoutError:
            fault = line.overdue()
        except OSError as error:
            fault = connect_fault(error)
        except BaseException:
            connection.close()
            raise
        else:
            line.address = str(address[0])
            return Stream(connection, line)
        connection.close()
    raise fault or TransportError("has no address", kind="dns_nxdomain")


def _connect_one(connection: socket.socket, address: tuple[object, ...], line: Line, until: float) -> None:
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    code = connection.connect_ex(address)
    if code == errno.EINPROGRESS:
        line.wait(connection, select.POLLOUT, until=until)
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


def secure(stream: Stream, context: ssl.SSLContext, server_name: str) -> None:
    """Go on under TLS, or end the connection. Raises TransportError."""
    try:
        stream.shake_hands(context, server_name)
    except ssl.SSLError as error:
        stream.end()
        raise tls_fault(error) from error
    except OSError as error:
        stream.end()
        raise broken_fault("tls") from error
    except BaseException:
        stream.end()
        raise
