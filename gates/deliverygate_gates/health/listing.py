"""Endpoints that stand in a file of the workspace, ``endpoints:`` in YAML or JSON or a text with a URL a line; or that
a Kubernetes cluster knows of.

Where the target branch has the file, it is read there. Else a job may have made it of what is judged, so it may name
addresses and expectations, and nothing that gives power: no script, no private network. No variable of the environment
is filled in.
"""

from __future__ import annotations

import msgspec

from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ConfigError, ReportError
from deliverygate.gate import GateContext
from deliverygate.judging.documents import read_documents, typed
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.settings import InCluster
from deliverygate_gates.health.urls import at_path

HARMFUL = ("command", "allow_private", "client_certificate", "kubernetes")
MOST_ENDPOINTS = 10_000


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Such a file."""

    endpoints: tuple[str | Endpoint, ...]


def read_endpoints(path: str, context: GateContext) -> tuple[Endpoint, ...]:
    """The endpoints of a file. Raises ReportError when it is missing, ConfigError when it is wrong or empty."""
    given = _read_lines(path, context) if path.endswith(".txt") else _read_document(path, context)
    if not given:
        raise ConfigError("names no endpoint, which would prove nothing", where=path, mend="write one")
    if len(given) > MOST_ENDPOINTS:
        what = f"names {len(given)} endpoints, at most {MOST_ENDPOINTS} are asked"
        raise ConfigError(what, where=path, mend="divide them among several gates")
    endpoints = tuple(_endpoint(each, path, number) for number, each in enumerate(given, 1))
    for number, endpoint in enumerate(endpoints, 1):
        _demand_harmless(endpoint, f"{path}: endpoint {number}")
    return endpoints


def find_endpoints(source: InCluster, context: GateContext) -> tuple[Endpoint, ...]:
    """The endpoints of a Service or an Ingress. Raises what ``gate.Cluster`` does."""
    fronts = source.kubernetes
    kind, name = fronts.target
    found = context.cluster().urls(kind, name, namespace=fronts.namespace, port=fronts.port)
    urls = dict.fromkeys(at_path(url, fronts.path) if fronts.path else url for url in found)
    return tuple(Endpoint(url=url, wait=source.wait) for url in urls)


def _read_lines(path: str, context: GateContext) -> tuple[str | Endpoint, ...]:
    try:
        text = utf8(context.read_trusted(path))
    except NotTextError as error:
        raise ReportError(f"is {error}", where=path, mend="save the file as UTF-8") from error
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _read_document(path: str, context: GateContext) -> tuple[str | Endpoint, ...]:
    documents = read_documents(context.read_trusted(path), path)
    if len(documents) > 1:
        raise ConfigError("holds several documents", where=path, mend="write one")
    return typed(documents[0], Listed, path=path).endpoints


def _endpoint(given: str | Endpoint, path: str, number: int) -> Endpoint:
    if isinstance(given, Endpoint):
        return given
    try:
        return Endpoint(url=given)
    except ValueError as error:
        raise ConfigError(str(error), where=f"{path}: endpoint {number}", mend="correct the address") from error


def _demand_harmless(endpoint: Endpoint, where: str) -> None:
    for name in HARMFUL:
        if getattr(endpoint, name) not in ("", None):
            what = f"`{name}` stands in a file that a change may edit"
            raise ConfigError(what, where=where, mend="write the endpoint in the policy")
