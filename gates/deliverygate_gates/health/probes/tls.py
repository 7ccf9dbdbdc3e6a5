"""A server's certificate: that it is trusted, and for how long."""

from __future__ import annotations

from datetime import datetime

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, GateContext
from deliverygate.judging.figures import beside
from deliverygate_gates.health.claims import FAULT_MENDS, Claim, Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.probes import Probe
from deliverygate_gates.health.probes.files import authorities
from deliverygate_gates.health.targets import Tls, read_place

DAY_SECONDS = 86_400


def open_tls(endpoint: Endpoint, context: GateContext) -> Probe:
    """What shakes hands with the server. Raises ReportError for a missing ``ca``."""
    trusted = authorities(endpoint, context)
    target = endpoint.target
    assert isinstance(target, Tls)  # noqa: S101  the table of protocols says so
    host, port = read_place(target.target)

    def ask() -> Try:
        try:
            found = context.network.certificate(
                host,
                port,
                server_name=target.server_name,
                timeout_seconds=min(endpoint.timeout, context.clock.remaining()),
                authorities=trusted,
                minimum_version=endpoint.minimum_tls or "",
                allow_private=endpoint.allow_private,
            )
        except TransportError as error:
            return Try(fault=error)
        said = f"{found.subject}, valid until {_end(found):%Y-%m-%d}, {found.protocol}"
        return Try(judge_certificate(target, found, now=context.clock.now()), said=said)

    return ask


def judge_certificate(target: Tls, found: Certificate, *, now: datetime) -> tuple[Claim, ...]:
    """Whether it is trusted now, and how many days are left of it and of those that it hangs on."""
    left = (_end(found) - now).total_seconds() / DAY_SECONDS
    fault = found.verified
    trust = Claim(
        name="certificate",
        value=f"{fault} ({found.why})" if fault and found.why else fault or "trusted",
        wanted="trusted",
        holds=fault is None,
        mend=FAULT_MENDS.get(fault or "", "renew the certificate"),
    )
    days = Claim(
        name="days left",
        value=beside(left, target.days_left),
        wanted=f"at least {target.days_left:g}",
        holds=left >= target.days_left,
        mend="renew the certificate, and see why nothing renewed it",
    )
    return trust, days


def _end(found: Certificate) -> datetime:
    """Of the first that ends: the server's own, or one of those that it sends with it."""
    return min((found.not_after, *(link.not_after for link in found.chain)))
