"""The door to HTTP servers, as it is promised to gate authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from deliverygate.gate.sampling import Phases, Sample, Schedule, Shot, Shots

__all__ = ["Hop", "Http", "Phases", "Response", "Sample", "Schedule", "Shot"]


class Hop(msgspec.Struct, frozen=True):
    """One redirect on the way to the answer."""

    status: int  #: e.g. 302
    url: str  #: the one that answered with it, without user and password
    location: str  #: where it led, as the server wrote it


class Response(msgspec.Struct, frozen=True, weakref=True):
    """A whole HTTP answer. Header names are in lower case; values of one that came twice are joined by ", "."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float  #: from the call to the last byte of the body
    url: str  #: the one that answered, after redirects
    truncated: bool = False  #: the body was longer than ``max_bytes`` and was cut
    phases: Phases | None = None  #: of the last exchange, after redirects; None: they were not measured
    address: str = ""  #: the IP address that answered; "" behind a proxy
    hops: tuple[Hop, ...] = ()  #: the redirects that were followed, in order
    http_version: str = ""  #: of the answer, e.g. "1.1"


class Http(Protocol):
    """HTTP(S) requests, each with one total deadline.

    Link-local addresses, and with them the metadata services of clouds, are never asked, whatever name or redirect
    leads there. ``allow_private`` says whether private and loopback addresses may be; None: as the run has it.
    """

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        max_bytes: int = 1_048_576,
        follow_redirects: int = 0,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
    ) -> Response:
        """Ask once. ``timeout_seconds`` bounds the whole of it, from name look-up to the last byte.

        ``connect_seconds`` bounds the part of it, at each redirect anew, until the connection stands, with TLS.
        ``verify`` may name a file of authorities. ``address`` is the IP address to connect to in place of a look-up;
        host header, SNI and the name in the certificate stay those of ``url``. ``client_certificate`` are the paths
        of a certificate and its key, which no other origin is shown. ``minimum_tls`` is the oldest version spoken,
        "1.2" or "1.3".

        Raises TransportError when no whole answer came.
        """

    def sample(
        self,
        method: str,
        url: str,
        *,
        schedule: Schedule,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        max_bytes: int = 1_048_576,
        keep_alive: bool = False,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
        judge: Callable[[Response], bool] | None = None,
        shots: Shots | None = None,
    ) -> Sample:
        """Ask again and again by a fixed schedule, follow no redirect, repeat nothing.

        ``judge`` says whether a whole answer is a good one, in one of several threads; without it a status below 400
        is. With ``keep_alive`` shots share connections, else each has its own. Each is added to ``shots``, where they
        are given, as it ends: who is stopped in the middle has those at least.

        Raises TransportError of kind ``config`` when it cannot be asked at all; every other fault is a shot's.
        """
