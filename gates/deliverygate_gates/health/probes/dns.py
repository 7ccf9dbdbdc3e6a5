"""What a name server says of a name."""

from __future__ import annotations

from deliverygate.errors import TransportError
from deliverygate.gate import DnsAnswer, GateContext
from deliverygate.judging.dns_records import meaning
from deliverygate_gates.health.claims import Claim, Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.latencies import within
from deliverygate_gates.health.probes import Probe
from deliverygate_gates.health.targets import Dns

CORRECT_ZONE = "correct the zone, or wait for its old records to run out (`wait`)"
SHOWN = 10  #: records that are told


def open_dns(endpoint: Endpoint, context: GateContext) -> Probe:
    """What asks the name server."""
    target = endpoint.target
    assert isinstance(target, Dns)  # noqa: S101  the table of protocols says so

    def ask() -> Try:
        try:
            answer = context.network.query(
                target.target,
                target.kind,
                server=target.server,
                timeout_seconds=min(endpoint.timeout, context.clock.remaining()),
                allow_private=endpoint.allow_private,
            )
        except TransportError as error:
            return Try(fault=error)
        claims = judge_records(target, answer)
        if endpoint.within is not None:
            claims = (*claims, within(endpoint.within, answer.seconds))
        return Try(claims, said=f"{answer.rcode}: {_shown(answer.records) or 'no record'}")

    return ask


def judge_records(target: Dns, answer: DnsAnswer) -> tuple[Claim, ...]:
    """The code of the answer first, then its records where it could have any."""
    demanded = target.rcode.upper()
    rcode = Claim(name="rcode", value=answer.rcode, wanted=demanded, holds=answer.rcode == demanded, mend=CORRECT_ZONE)
    if demanded != "NOERROR":
        return (rcode,)
    wanted = {meaning(target.kind, each) for each in target.records}
    found = {meaning(target.kind, each) or each for each in answer.records}
    holds = bool(found) and wanted <= found and (found == wanted or not target.exact)
    demand = " and ".join(target.records) or f"at least one {target.kind} record"
    records = Claim(
        name="records",
        value=_shown(answer.records) or None,
        wanted=f"{demand} and no other" if target.exact else demand,
        holds=holds,
        mend=CORRECT_ZONE,
    )
    return rcode, records


def _shown(records: tuple[str, ...]) -> str:
    more = f" and {len(records) - SHOWN} more" if len(records) > SHOWN else ""
    return ", ".join(records[:SHOWN]) + more
