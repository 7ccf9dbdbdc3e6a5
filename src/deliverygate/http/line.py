"""The way to a server: look-up, connection and TLS, watched step by step, cut from outside when its time is over."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import time
from collections.abc import Sequence
from functools import cache, partial
from threading import Lock
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection

from deliverygate.errors import TransportError

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
LOOK_UP_FAULTS = {
    socket.EAI_NONAME: ("dns_nxdomain", "has no address: no such host"),
    getattr(socket, "EAI_NODATA", -5): ("dns_nxdomain", "has no address"),
    socket.EAI_AGAIN: ("dns_servfail", "could not be looked up: the name server failed"),
}
CONNECT_FAULTS = {
    errno.ECONNREFUSED: ("connect_refused", "connection refused"),
    errno.ECONNRESET: ("connect_reset", "connection reset while connecting"),
    errno.ETIMEDOUT: ("connect_timeout", "no connection in time"),
}
TIME_FAULTS = {
    "look-up": ("dns_timeout", "the name was not looked up"),
    "connect": ("connect_timeout", "no connection"),
    "answer": ("read_timeout", "no answer"),
    "body": ("read_timeout", "the answer did not end"),
}


class Line:
    """One exchange's way to the server, and how far it has come."""

    def __init__(self, timeout_seconds: float) -> None:
        self.phase = "look-up"  #: "look-up", "connect", "answer" (asked, waiting for it) or "body"
        self.proxied = False
        self.timeout_seconds = timeout_seconds
        self._until = time.monotonic() + timeout_seconds
        self._lock = Lock()
        self._is_cut = False
        self._held: list[socket.socket] = []

    def connect(self, host: str, port: int, options: Sequence[Any], *, proxied: bool) -> socket.socket:
        """A connection to the first address that takes it; each gets its share of the time that is left."""
        self.phase, self.proxied = "look-up", proxied
        addresses = self._look_up(host, port)
        self.phase = "connect"
        fault = OSError(errno.EHOSTUNREACH, "no address")
        for count, (family, kind, protocol, _, address) in enumerate(addresses):
            opened = socket.socket(family, kind, protocol)
            try:
                for option in options:
                    opened.setsockopt(*option)
                opened.settimeout(max((self._until - time.monotonic()) / (len(addresses) - count), 0.001))
                opened.connect(address)
                opened.settimeout(self.timeout_seconds + 1)  # the deadline cuts it before
                self._hold(opened)
            except OSError as error:
                opened.close()
                fault = error
            else:
                return opened
        raise self._connect_fault(fault) from fault

    def _look_up(self, host: str, port: int) -> list[Any]:
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            kind, what = LOOK_UP_FAULTS.get(error.errno or 0, ("dns_servfail", f"could not be looked up ({error})"))
            raise TransportError(f"{host} {what}", kind="proxy_refused" if self.proxied else kind) from error
        except UnicodeError as error:
            raise TransportError(f"{host!r} is not a host name", kind="config") from error

    def _connect_fault(self, error: OSError) -> TransportError:
        if isinstance(error, TimeoutError):
            return self.overdue()
        kind, what = CONNECT_FAULTS.get(
            error.errno or 0, ("connect_unreachable", f"cannot be reached ({error.strerror})")
        )
        if self.proxied:
            return TransportError(f"the proxy: {what}", kind="proxy_refused")
        return TransportError(what, kind=kind)

    def overdue(self) -> TransportError:
        """The fault of an exchange whose time is over, told by how far it had come."""
        kind, what = TIME_FAULTS[self.phase]
        if self.proxied and self.phase in ("look-up", "connect"):
            kind, what = "proxy_refused", f"the proxy: {what}"
        return TransportError(f"{what} in {self.timeout_seconds:g} s", kind=kind)

    def _hold(self, opened: socket.socket) -> None:
        # A duplicate is held, because TLS takes the descriptor of the original; a shutdown reaches both.
        with self._lock:
            if self._is_cut:
                raise TimeoutError
            self._held.append(opened.dup())

    def cut(self) -> None:
        """End every connection of this line, whoever reads or writes on it."""
        with self._lock:
            self._is_cut = True
            held, self._held = self._held, []
        for connection in held:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was quicker
                pass
            connection.close()


class _OverLine:
    """Mixed into urllib3's connections, so that they are made by a ``Line``."""

    def __init__(self, *args: Any, line: Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line = line

    def _new_conn(self: Any) -> socket.socket:
        opened: socket.socket = self._line.connect(
            self._dns_host, self.port, self.socket_options or (), proxied=self.proxy is not None
        )
        return opened

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._line.phase = "answer"


class _Plain(_OverLine, HTTPConnection):
    pass


class _Tls(_OverLine, HTTPSConnection):
    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except ssl.SSLEOFError as error:
            raise self._alert() or error from None

    def _alert(self) -> OSError | None:
        """In TLS 1.3 a server says that it missed our certificate only when we already write: it waits to be read."""
        try:
            self.sock.recv(1)
        except OSError as error:
            return error
        return None


OVER_LINE: dict[type, type] = {HTTPConnection: _Plain, HTTPSConnection: _Tls}


class LineAdapter(HTTPAdapter):
    """requests' transport, on connections that a ``Line`` makes. A SOCKS proxy makes its own, which cannot be cut."""

    def __init__(self, line: Line, *, verify: bool | str) -> None:
        self._line = line
        self._trust = trust(verify)
        super().__init__()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> tuple[Any, Any]:
        """Use our own TLS context; requests would read the CA bundle anew for each request, as part of its time."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._trust.verify_mode is ssl.CERT_NONE:
            return host, {"ssl_context": self._trust, "cert_reqs": "CERT_NONE", "assert_hostname": False}
        return host, {"ssl_context": self._trust}

    def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **named)
        if over_line := OVER_LINE.get(pool.ConnectionCls):
            pool.ConnectionCls = partial(over_line, line=self._line)
        return pool

    def cert_verify(self, *args: Any, **named: Any) -> None:
        """The context has it all."""


def trust(verify: bool | str) -> ssl.SSLContext:
    """The TLS context that trusts what ``verify`` says: the usual authorities, those in a file, or anybody (False)."""
    if verify is False:
        return _trust_anybody()
    if verify is True:
        verify = next((path for name in CA_BUNDLES if (path := os.environ.get(name))), DEFAULT_CA_BUNDLE_PATH)
    try:
        return _trust_bundle(verify)
    except OSError as error:  # missing, or no certificates in it
        reason = error.strerror or "no certificates in it"
        raise TransportError(
            f"the CA bundle {verify} cannot be used ({reason})",
            kind="config",
            mend=f"name a PEM file, in `ca:` or in {', '.join(CA_BUNDLES)}",
        ) from error


@cache
def _trust_bundle(path: str) -> ssl.SSLContext:
    if os.path.isdir(path):  # noqa: PTH112
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


@cache
def _trust_anybody() -> ssl.SSLContext:
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the caller asked for it, and says so
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
