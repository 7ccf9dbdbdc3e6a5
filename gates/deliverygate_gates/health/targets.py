"""What is asked in place of a URL: a gRPC service, a TCP port, a name, a certificate, a script of one's own."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from deliverygate.conversions import url_parts
from deliverygate.judging.dns_records import EXAMPLES, meaning
from deliverygate.judging.patterns import check_pattern
from deliverygate_gates.command import split

TlsVersion = Literal["1.2", "1.3"]
RecordKind = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]

NAME = re.compile(r"(?!-)[^\s/\x00-\x1f\x7f]+")


def read_place(target: str) -> tuple[str, int]:
    """Host and port of ``host:port`` or ``[::1]:port``. Raises ValueError."""
    parts = url_parts(f"//{target}")
    is_plain = parts is not None and parts.netloc == target and parts.username is None
    if parts is None or not is_plain or not parts.port or not parts.hostname or parts.hostname.startswith("-"):
        raise ValueError(f"{target!r} is not host:port, e.g. shop.example:443")
    return parts.hostname, parts.port


class Grpc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server that tells its health by grpc.health.v1."""

    target: str  #: "host:port"
    service: str = ""  #: whose health; "" is the whole server's
    tls: bool = True  #: whether the connection is encrypted
    server_name: str = ""  #: that the certificate must hold; else the host
    metadata: dict[str, str] = {}  #: sent along, as headers of HTTP are

    def __post_init__(self) -> None:
        read_place(self.target)


class Tcp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A port that takes connections."""

    target: str  #: "host:port"
    send: str = ""  #: said first
    answers: str = ""  #: a regular expression that is found in what the server says

    def __post_init__(self) -> None:
        read_place(self.target)
        check_pattern(self.answers, name="answers")
        if self.send and not self.answers:
            raise ValueError("`send` without `answers` would prove nothing; say what must come back")


class Dns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name that must be known."""

    target: str  #: the name that is looked up
    kind: RecordKind = "A"
    server: str = ""  #: the name server that is asked, "host" or "host:port"; else this machine's own
    records: tuple[str, ...] = ()  #: that must all be there, as zone files write them
    exact: bool = False  #: whether `records` must be all there is
    rcode: str = "NOERROR"  #: e.g. "NXDOMAIN" for a name that must be gone

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.target):
            raise ValueError(f"{self.target!r} is not a name, e.g. shop.example")
        if self.exact and not self.records:
            raise ValueError("`exact` without `records` would prove nothing; name the records")
        for record in self.records:
            if meaning(self.kind, record) is None:
                example = EXAMPLES[self.kind]
                raise ValueError(f"`records`: {record!r} is no record of the kind {self.kind}; write e.g. {example}")


class Tls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate that must be good, and stay so for a while."""

    target: str  #: "host:port"
    days_left: float = 14  #: how many it must be valid still, and every other one that the server sends with it
    server_name: str = ""  #: that it must hold; else the host

    def __post_init__(self) -> None:
        read_place(self.target)
        if not 0 <= self.days_left <= 3650:
            raise ValueError("`days_left` is a number from 0 to 3650")


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A smoke script: its exit status judges. No shell reads the command."""

    run: str | tuple[str, ...]  #: the program and its arguments
    folder: str = "."  #: where it runs, relative to the workspace
    environment: dict[str, str] = {}  #: added to the environment of deliverygate
    passes: tuple[int, ...] = (0,)  #: the exit statuses that pass

    def __post_init__(self) -> None:
        split(self.run)
        if not self.passes or not all(0 <= status <= 255 for status in self.passes):
            raise ValueError("`passes` is a list of exit statuses from 0 to 255, and not empty")
