"""A network as tables: names, ports, certificates, records and services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, Connected, DnsAnswer, GrpcHealth

Kind = TypeVar("Kind")


class FakeNetwork:
    """A network as tables; what is in none is not there.

    ``hosts`` maps a name to its addresses, ``ports``, ``certificates`` and ``services`` map "host:port" ("host:port
    service" for a gRPC service that has a name), ``records`` maps "name KIND". In the place of an answer may stand a
    TransportError, or a list of answers that are given in turn, of which the last one stays. "address:port" goes
    before "host:port" where a gate wants a certain address to be asked.
    """

    def __init__(
        self,
        *,
        hosts: Mapping[str, object] | None = None,
        ports: Mapping[str, object] | None = None,
        certificates: Mapping[str, object] | None = None,
        records: Mapping[str, object] | None = None,
        services: Mapping[str, object] | None = None,
    ) -> None:
        self._tables = {
            "resolve": _in_turn(hosts),
            "connect": _in_turn(ports),
            "certificate": _in_turn(certificates),
            "query": _in_turn(records),
            "grpc_health": _in_turn(services),
        }
        self.asked: list[tuple[str, str]] = []  #: (method, key in its table) of every call, in order

    def resolve(self, host: str, *, timeout_seconds: float = 5.0) -> tuple[str, ...]:
        nothing = TransportError(f"{host} has no address: no such host", kind="dns_nxdomain")
        return self._answer("resolve", (host,), tuple, nothing)

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
        return self._answer("connect", _places(host, port, address), Connected, REFUSED)

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
        return self._answer("certificate", _places(host, port, address), Certificate, REFUSED)

    def query(
        self,
        name: str,
        kind: str,
        *,
        server: str = "",
        timeout_seconds: float = 5.0,
        allow_private: bool | None = None,
    ) -> DnsAnswer:
        return self._answer("query", (f"{name} {kind}",), DnsAnswer, DnsAnswer("NXDOMAIN"))

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
        keys = tuple(f"{place} {service}".strip() for place in _places(host, port, address))
        return self._answer("grpc_health", keys, GrpcHealth, REFUSED)

    def _answer(self, method: str, keys: tuple[str, ...], wanted: type[Kind], otherwise: object) -> Kind:
        table = self._tables[method]
        key = next((key for key in keys if key in table), keys[-1])
        self.asked.append((method, key))
        given = table.get(key, [otherwise])
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, wanted):
            raise TypeError(f"{method} {key}: the table holds {answer!r}, wanted a {wanted.__name__} or an error")
        return answer


REFUSED = TransportError("connection refused", kind="connect_refused")


def _places(host: str, port: int, address: str | None) -> tuple[str, ...]:
    return (f"{address}:{port}", f"{host}:{port}") if address else (f"{host}:{port}",)


def _in_turn(table: Mapping[str, object] | None) -> dict[str, list[object]]:
    return {key: list(given) if isinstance(given, list) else [given] for key, given in (table or {}).items()}
