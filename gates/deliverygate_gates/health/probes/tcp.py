"""A TCP port: that it takes connections, and says what it should."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from deliverygate.conversions import readable
from deliverygate.errors import TransportError
from deliverygate.gate import Connected, GateContext
from deliverygate.judging.patterns import Pattern, SlowPatternError, search
from deliverygate_gates.health.claims import LOOK_AT_LOG, Claim, Try
from deliverygate_gates.health.documents import show_value
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import slow
from deliverygate_gates.health.latencies import within
from deliverygate_gates.health.probes import Probe
from deliverygate_gates.health.targets import Tcp, read_place

LONGEST_ANSWER = 4096  #: bytes that are read of what a server says


def open_tcp(endpoint: Endpoint, context: GateContext) -> Probe:
    """What connects."""
    target = endpoint.target
    assert isinstance(target, Tcp)  # noqa: S101  the table of protocols says so
    host, port = read_place(target.target)

    def ask() -> Try:
        awaited = Pattern(target.answers, name="answers")
        try:
            connected = context.network.connect(
                host,
                port,
                timeout_seconds=min(endpoint.timeout, context.clock.remaining()),
                connect_seconds=endpoint.connect,
                send=target.send.encode(),
                max_bytes=LONGEST_ANSWER if target.answers else 0,
                enough=partial(_enough, awaited),
                allow_private=endpoint.allow_private,
            )
        except TransportError as error:
            return Try(fault=error)
        claims = list(_said(target, connected))
        if endpoint.within is not None:
            claims.append(within(endpoint.within, connected.seconds))
        return Try(tuple(claims), said=f"connected in {connected.seconds * 1000:.0f} ms")

    return ask


def _said(target: Tcp, connected: Connected) -> Iterator[Claim]:
    if not target.answers:
        return
    said = readable(connected.answer)
    try:
        holds = search(target.answers, said) is not None
    except SlowPatternError:
        yield slow("answer", target.answers)
        return
    yield Claim(
        name="answer", value=show_value(said) if said else None, wanted=target.answers, holds=holds, mend=LOOK_AT_LOG
    )


def _enough(pattern: Pattern, said: bytes) -> bool:
    """Whether no more need be read. All reads of one answer share one allowance of time."""
    try:
        return pattern.search(readable(said)) is not None
    except SlowPatternError:
        return True
