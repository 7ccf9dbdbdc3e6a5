"""The door to a network: connections, certificates, names and gRPC health, to addresses that may be reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, Clock, Connected, DnsAnswer, GrpcHealth

if TYPE_CHECKING:
    from deliverygate.network.line import Line
    from deliverygate.network.look_up import LookUp
    from deliverygate.network.opening import Route

__all__ = ["SystemNetwork"]


class SystemNetwork:
    """Reaches servers by this machine's own network."""

    def __init__(self, clock: Clock, *, allow_private: bool = False, look_up: LookUp | None = None) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._look_up = look_up

    def _line(self, timeout_seconds: float, connect_seconds: float | None = None) -> Line:
        from deliverygate.network.line import Line

        self._clock.remaining()
        return Line(timeout_seconds, self._clock.remaining, connect_seconds=connect_seconds)

    def _route(self, allow_private: bool | None, address: str | None = None) -> Route:
        from deliverygate.network.look_up import system_look_up
        from deliverygate.network.opening import Route

        allowed = self._allow_private if allow_private is None else allow_private
        return Route(allowed, address, self._look_up or system_look_up)

    def resolve(self, host: str, *, timeout_seconds: float = 5.0) -> tuple[str, ...]:
        """See ``gate.Network``."""
        from deliverygate.network.look_up import look_up, system_look_up

        with _at(host):
            found = look_up(host, 0, self._line(timeout_seconds), self._look_up or system_look_up)
        return tuple(dict.fromkeys(str(each[4][0]) for each in found))

    def connect(
        self,
        host: str,
        port: int,
        *,
        address: str | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        send: bytes = b"",
        max_bytes: int = 0,
        enough: Callable[[bytes], bool] = bool,
        allow_private: bool | None = None,
    ) -> Connected:
        """See ``gate.Network``."""
        from deliverygate.network.connecting import converse

        line, route = self._line(timeout_seconds, connect_seconds), self._route(allow_private, address)
        with _at(f"{host}:{port}"):
            return converse(host, port, line, route, send=send, max_bytes=max_bytes, enough=enough)

    def certificate(
        self,
        host: str,
        port: int,
        *,
        server_name: str = "",
        address: str | None = None,
        timeout_seconds: float = 10.0,
        authorities: str = "",
        minimum_version: str = "",
        allow_private: bool | None = None,
    ) -> Certificate:
        """See ``gate.Network``."""
        from deliverygate.network.certificates import fetch

        with _at(f"{host}:{port}"):
            return fetch(
                host,
                port,
                self._line(timeout_seconds),
                self._route(allow_private, address),
                server_name=server_name,
                authorities=authorities,
                minimum_version=minimum_version,
            )

    def query(
        self,
        name: str,
        kind: str,
        *,
        server: str = "",
        timeout_seconds: float = 5.0,
        allow_private: bool | None = None,
    ) -> DnsAnswer:
        """See ``gate.Network``."""
        from deliverygate.network.name_servers import ask

        with _at(f"{name} {kind}"):
            return ask(name, kind, self._line(timeout_seconds), self._route(allow_private), server=server)

    def grpc_health(
        self,
        host: str,
        port: int,
        service: str = "",
        *,
        tls: bool = True,
        server_name: str = "",
        address: str | None = None,
        authorities: str = "",
        client_certificate: tuple[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        allow_private: bool | None = None,
    ) -> GrpcHealth:
        """See ``gate.Network``. No proxy is used."""
        from deliverygate.network.grpc_health import Security, ask

        with _at(f"{host}:{port} {service}".strip()):
            return ask(
                host,
                port,
                service,
                self._line(timeout_seconds, connect_seconds),
                self._route(allow_private, address),
                security=Security(server_name, authorities, client_certificate) if tls else None,
                metadata=metadata or {},
            )


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Say in every fault whom it befell."""
    try:
        yield
    except TransportError as error:
        raise TransportError(error.what, kind=error.kind, where=error.where or place, mend=error.mend) from error
