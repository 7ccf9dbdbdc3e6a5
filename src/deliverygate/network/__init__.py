"""The door to a network: connections, certificates, names and gRPC health, to addresses that may be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deliverygate.gate import Certificate, Clock, Connected, DnsAnswer, GrpcHealth

__all__ = ["SystemNetwork"]


class SystemNetwork:
    """Reaches servers by this machine's own network."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def resolve(self, host: str, *, timeout_seconds: float = 5.0) -> tuple[str, ...]:
        raise NotImplementedError

    def connect(
        self,
        host: str,
        port: int,
        *,
        address: str | None = None,
        timeout_seconds: float = 10.0,
        send: bytes = b"",
        max_bytes: int = 0,
        enough: Callable[[bytes], bool] = bool,
        allow_private: bool | None = None,
    ) -> Connected:
        raise NotImplementedError

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
        raise NotImplementedError

    def query(
        self,
        name: str,
        kind: str,
        *,
        server: str = "",
        timeout_seconds: float = 5.0,
        allow_private: bool | None = None,
    ) -> DnsAnswer:
        raise NotImplementedError

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
        allow_private: bool | None = None,
    ) -> GrpcHealth:
        raise NotImplementedError
