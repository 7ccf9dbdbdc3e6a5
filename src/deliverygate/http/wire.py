"""The connection to a proxy, made for requests and urllib3, and cut from outside when its time is over."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from functools import partial
from threading import Lock
from typing import Any

import urllib3
import urllib3.exceptions as below
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from deliverygate.errors import TransportError
from deliverygate.network.faults import connect_fault
from deliverygate.network.line import Line
from deliverygate.network.look_up import system_look_up


def of_the_proxy(fault: TransportError) -> TransportError:
    """``fault`` as one of the way to the server, not of the server."""
    return TransportError(f"the proxy: {fault.what}", kind="proxy_refused", mend=fault.mend)


class Wire:
    """The connection to a proxy, which another thread may cut."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lock = Lock()
        self._is_cut = False
        self._held: list[socket.socket] = []

    def connect(self, host: str, port: int, options: Sequence[Any]) -> socket.socket:
        """To the first address of the proxy that takes it. The environment names it, so that it is trusted."""
        self._line.enter("connect")
        try:
            found = system_look_up(host, port)
            opened = self._connect(found, options)
        except OSError as error:
            raise of_the_proxy(connect_fault(error)) from error
        self._line.enter("answer")
        return opened

    def _connect(self, found: Sequence[Any], options: Sequence[Any]) -> socket.socket:
        fault = OSError("it has no address")
        for count, (family, kind, protocol, _, address) in enumerate(found):
            opened = socket.socket(family, kind, protocol)
            try:
                for option in options:
                    opened.setsockopt(*option)
                opened.settimeout(self._line.left() / (len(found) - count))
                opened.connect(address)
                opened.settimeout(self._line.timeout_seconds + 1)  # the deadline cuts it before
                self._hold(opened)
            except OSError as error:
                opened.close()
                fault = error
            else:
                return opened
        raise fault

    def _hold(self, opened: socket.socket) -> None:
        # A duplicate is held, because TLS takes the descriptor of the original; a shutdown reaches both.
        with self._lock:
            if self._is_cut:
                raise TimeoutError
            self._held.append(opened.dup())

    def cut(self) -> None:
        """End the connection, whoever reads or writes on it."""
        with self._lock:
            self._is_cut = True
            held, self._held = self._held, []
        for connection in held:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was quicker
                pass
            connection.close()


class _OverWire:
    """Mixed into urllib3's connections, so that they are made by a ``Wire``."""

    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self._wire = wire

    def _new_conn(self: Any) -> socket.socket:
        opened: socket.socket = self._wire.connect(self._dns_host, self.port, self.socket_options or ())
        return opened


class _Plain(_OverWire, HTTPConnection):
    pass


class _Tls(_OverWire, HTTPSConnection):
    pass


OVER_WIRE: dict[type, type] = {HTTPConnection: _Plain, HTTPSConnection: _Tls}


class Adapter(HTTPAdapter):
    """requests' transport, on connections that a ``Wire`` makes. A SOCKS proxy makes its own, which cannot be cut."""

    def __init__(self, wire: Wire, trust: ssl.SSLContext | None) -> None:
        self._wire = wire
        self._trust = trust
        super().__init__()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> tuple[Any, Any]:
        """Use our own TLS context; requests would read the CA bundle anew for each request, as part of its time."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._trust is None:
            return host, {}
        if self._trust.verify_mode is ssl.CERT_NONE:
            urllib3.disable_warnings(below.InsecureRequestWarning)  # the caller asked for it, and says so
            return host, {"ssl_context": self._trust, "cert_reqs": "CERT_NONE", "assert_hostname": False}
        return host, {"ssl_context": self._trust}

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **named)
        if over_wire := OVER_WIRE.get(pool.ConnectionCls):
            pool.ConnectionCls = partial(over_wire, wire=self._wire)
        return pool

    def cert_verify(self, *args: Any, **named: Any) -> None:
        """The context has it all."""
