"""What is claimed of an endpoint, one try to see whether it holds, and what that proves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.model import Measurement, Verdict

#: What says nothing about the service: the fault is with whoever asks, or on the way
CANNOT_TELL = frozenset(
    {"connect_unreachable", "dns_servfail", "dns_timeout", "proxy_auth", "proxy_refused", "tls_client_cert_required"}
    | {"grpc_resource_exhausted", "grpc_unimplemented", "http_version"}
)
CANNOT_TELL_STATUSES = frozenset({407, 426, 429, 505})
FAULT_MENDS = {
    "config": "correct `url`, `headers` or `ca`",
    "connect_refused": "nothing listens there: see that the service is up, and that host and port are right",
    "connect_timeout": "see that the service is up, and that no firewall swallows the connection",
    "connect_unreachable": "this machine has no way there: see its network",
    "dns_nxdomain": "correct the name, or wait for its record to spread (`wait`)",
    "dns_servfail": "see the name server of this machine",
    "dns_timeout": "see the name server of this machine",
    "grpc_not_found": "correct `service`, or register its health with the server",
    "grpc_unimplemented": "the server tells nobody its health: let it serve grpc.health.v1, or ask its port with `tcp`",
    "proxy_auth": "give the proxy its password in HTTPS_PROXY, or name the host in NO_PROXY",
    "proxy_refused": "correct HTTPS_PROXY, or name the host in NO_PROXY",
    "read_timeout": "find what the service waits for, or raise `timeout`",
    "redirect_blocked": "name the address that answers itself",
    "redirect_loop": "name the address that answers itself, or raise `redirects`",
    "tls_client_cert_required": "give `client_certificate` and `client_key`, or ask an address that wants none",
    "tls_expired": "renew the certificate",
    "tls_hostname": "use a name that the certificate holds, or issue one for this name",
    "tls_untrusted": "name the authority's PEM file in `ca`, or let the server send the whole chain",
}
LOOK_AT_LOG = "look at the service's log"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation beside what was found."""

    name: str  #: e.g. "status"
    value: str | int | float | None  #: None: there was none
    wanted: str
    holds: bool
    unit: str = ""
    mend: str = ""
    note: str = ""  #: worth saying although it holds
    cannot_tell: bool = False  #: it does not hold, and that is no proof against the service

    @property
    def measurement(self) -> Measurement:
        return Measurement(name=self.name, value=self.value, wanted=self.wanted, unit=self.unit)

    def __str__(self) -> str:
        value = "missing" if self.value is None else f"{self.value} {self.unit}".strip()
        return f"{self.name} {value}, wanted {self.wanted} {self.unit}".strip()


def verdict_of(claims: Iterable[Claim]) -> Verdict:
    """FAILED when one is proven wrong, INCONCLUSIVE when one cannot be told."""
    broken = [claim for claim in claims if not claim.holds]
    if not broken:
        return Verdict.PASSED
    return Verdict.INCONCLUSIVE if all(claim.cannot_tell for claim in broken) else Verdict.FAILED


def verdict_of_fault(kind: str) -> Verdict:
    """What a request without an answer proves."""
    if kind == "config":
        return Verdict.ERROR
    return Verdict.INCONCLUSIVE if kind in CANNOT_TELL else Verdict.FAILED


class Try(msgspec.Struct, frozen=True):
    """One attempt: claims about what came, or the fault that came in its place."""

    claims: tuple[Claim, ...] = ()
    fault: TransportError | None = None
    said: str = ""  #: how it is told when all is well, e.g. "status 200 in 12 ms"
    body: str = ""  #: what a person wants to see of a bad answer
    response: Response | None = None  #: of HTTP

    @property
    def broken(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if not claim.holds)

    @property
    def verdict(self) -> Verdict:
        if self.fault:
            return verdict_of_fault(self.fault.kind)
        if self.response and self.response.status in CANNOT_TELL_STATUSES and self.broken:
            return Verdict.INCONCLUSIVE  # whatever else the answer lacks: it is not the service's
        return verdict_of(self.claims)

    @property
    def mend(self) -> str:
        if self.fault:
            return self.fault.mend or FAULT_MENDS.get(self.fault.kind, LOOK_AT_LOG)
        return self.broken[0].mend if self.broken else ""

    def __str__(self) -> str:
        if self.fault:
            return f"{self.fault.what} ({self.fault.kind})"
        if self.broken:
            return "; ".join(str(claim) for claim in self.broken)
        return self.said + "".join(f", {claim.note}" for claim in self.claims if claim.note)
