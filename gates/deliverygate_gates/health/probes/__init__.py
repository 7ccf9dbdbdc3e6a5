"""How each kind of endpoint is asked once: a table from what the policy says to a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deliverygate.gate import GateContext
from deliverygate_gates.health.claims import Try
from deliverygate_gates.health.endpoint import Endpoint, Protocol

Probe = Callable[[], Try]  #: asks once; a fault is part of what it gives back


def open_probe(endpoint: Endpoint, context: GateContext) -> Probe:
    """What asks the endpoint. Raises ReportError when a file that it needs is missing, or not what it should be."""
    return OPENERS[endpoint.protocol](endpoint, context)


def _open_http(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.http import HttpProbe

    return HttpProbe(endpoint, context)


def _open_grpc(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.grpc import open_grpc

    return open_grpc(endpoint, context)


def _open_tcp(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.tcp import open_tcp

    return open_tcp(endpoint, context)


def _open_dns(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.dns import open_dns

    return open_dns(endpoint, context)


def _open_tls(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.tls import open_tls

    return open_tls(endpoint, context)


def _open_script(endpoint: Endpoint, context: GateContext) -> Probe:
    from deliverygate_gates.health.probes.script import open_script

    return open_script(endpoint, context)


OPENERS: Mapping[Protocol, Callable[[Endpoint, GateContext], Probe]] = {
    "url": _open_http,
    "grpc": _open_grpc,
    "tcp": _open_tcp,
    "dns": _open_dns,
    "tls": _open_tls,
    "command": _open_script,
}
