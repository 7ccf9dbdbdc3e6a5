"""The health of a gRPC service by grpc.health.v1."""

from __future__ import annotations

from deliverygate.errors import TransportError
from deliverygate.gate import GateContext
from deliverygate_gates.health.claims import LOOK_AT_LOG, Claim, Try
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.latencies import within
from deliverygate_gates.health.probes import Probe
from deliverygate_gates.health.probes.files import authorities
from deliverygate_gates.health.targets import Grpc, read_place

WANTED = "SERVING"


def open_grpc(endpoint: Endpoint, context: GateContext) -> Probe:
    """What asks the server. Raises ReportError for a missing ``ca``."""
    trusted = authorities(endpoint, context)
    target = endpoint.target
    assert isinstance(target, Grpc)  # noqa: S101  the table of protocols says so
    host, port = read_place(target.target)

    def ask() -> Try:
        try:
            answer = context.network.grpc_health(
                host,
                port,
                target.service,
                tls=target.tls,
                server_name=target.server_name,
                authorities=trusted,
                metadata=target.metadata,
                timeout_seconds=min(endpoint.timeout, context.clock.remaining()),
                connect_seconds=endpoint.connect,
                allow_private=endpoint.allow_private,
            )
        except TransportError as error:
            return Try(fault=error)
        holds = answer.status == WANTED
        claims = [Claim(name="health", value=answer.status, wanted=WANTED, holds=holds, mend=LOOK_AT_LOG)]
        if endpoint.within is not None:
            claims.append(within(endpoint.within, answer.seconds))
        return Try(tuple(claims), said=f"{answer.status} in {answer.seconds * 1000:.0f} ms")

    return ask
