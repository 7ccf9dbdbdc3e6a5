"""The door to everything on a network that is not HTTP, as it is promised to gate authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Connected(msgspec.Struct, frozen=True):
    """A TCP connection that stood, and what was said over it."""

    address: str  #: the IP address that took it
    seconds: float  #: until it stood, the name look-up included
    answer: bytes = b""  #: what came, cut at ``max_bytes``; b"" where nothing was asked for


class ChainLink(msgspec.Struct, frozen=True):
    """One certificate of those that a server sends."""

    subject: str  #: RFC 4514, e.g. "CN=shop.example,O=Shop"
    issuer: str
    not_before: datetime  #: in UTC
    not_after: datetime  #: in UTC


class Certificate(msgspec.Struct, frozen=True):
    """What a server shows in a TLS handshake, whether or not it is to be trusted."""

    subject: str
    issuer: str
    names: tuple[str, ...]  #: DNS names and IP addresses of the subjectAltName
    not_before: datetime  #: in UTC
    not_after: datetime  #: in UTC
    serial: str  #: in hexadecimal digits
    protocol: str  #: that was agreed on, e.g. "TLSv1.3"
    verified: str | None = None  #: None: trusted; else the kind of the fault, e.g. "tls_expired"
    why: str = ""  #: the fault in words of OpenSSL
    chain: tuple[ChainLink, ...] = ()  #: as sent, the server's own first
    address: str = ""  #: the IP address that was asked
    seconds: float = 0.0  #: until the handshake was done, the name look-up included


class DnsAnswer(msgspec.Struct, frozen=True):
    """What a name server says of a name."""

    rcode: str  #: e.g. "NOERROR" or "NXDOMAIN"
    records: tuple[str, ...] = ()  #: of the kind asked for, in the text form of zone files, sorted
    ttl: int | None = None  #: seconds, the shortest of the records; None without records
    server: str = ""  #: the name server that answered
    seconds: float = 0.0


class GrpcHealth(msgspec.Struct, frozen=True):
    """What a server says of a service by grpc.health.v1."""

    status: str  #: "SERVING", "NOT_SERVING", "UNKNOWN" or "SERVICE_UNKNOWN"
    address: str = ""
    seconds: float = 0.0


class Network(Protocol):
    """Connections, certificates, names and gRPC health. Each ``timeout_seconds`` bounds a whole call.

    ``connect_seconds`` bounds the part of it until the connection stands, with TLS.

    All raise TransportError, with the same kinds and the same rules about addresses as ``Http``.
    """

    def resolve(self, host: str, *, timeout_seconds: float = 5.0) -> tuple[str, ...]:
        """All IP addresses of a host, as this machine looks names up; at least one."""

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
        """Connect, send, and read; nothing is read where ``max_bytes`` is 0.

        What came is read on until it is ``enough``, by default anything at all, until there are ``max_bytes``, until
        the server ends, or until the time is over, which is a fault (``read_timeout``) only when nothing came.
        """

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
        """The certificate of a server. ``server_name`` (else the host) goes into SNI and must be in the certificate.

        ``authorities`` is a PEM file, else the usual ones are trusted. ``minimum_version`` is "1.2" or "1.3"; a
        server that speaks only older ones is a fault of kind ``tls_protocol``.
        """

    def query(
        self,
        name: str,
        kind: str,
        *,
        server: str = "",
        timeout_seconds: float = 5.0,
        allow_private: bool | None = None,
    ) -> DnsAnswer:
        """Ask a name server ("host" or "host:port"; else this machine's own) for records of ``kind``, e.g. "AAAA".

        Raises TransportError of kind ``dns_timeout`` or ``dns_servfail`` when none answers. That a name does not
        exist is an answer.
        """

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
        """Ask a server for the health of a service ("": its own) by grpc.health.v1.

        Raises TransportError of kind ``grpc_not_found`` for a service that the server does not know,
        ``grpc_unimplemented`` where it tells nobody's health (which is not the same as ill), ``grpc_<code>`` for
        any other status.
        """
