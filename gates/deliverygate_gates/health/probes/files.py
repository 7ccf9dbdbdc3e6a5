"""The files of keys and authorities that a probe shows or trusts, as paths that its door can open."""

from __future__ import annotations

from pathlib import Path

from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate_gates.health.endpoint import Endpoint


def authorities(endpoint: Endpoint, context: GateContext) -> str:
    """The path of the PEM file in ``ca``; "" for the usual authorities. Raises ReportError."""
    return context.trusted_path(endpoint.ca) if endpoint.ca else ""


def client_certificate(endpoint: Endpoint, context: GateContext) -> tuple[str, str] | None:
    """The paths of certificate and key. Raises ReportError.

    A pipeline keeps them in files outside of the checkout (GitLab's file variables), so a whole path is taken as it is.
    """
    if not endpoint.client_certificate:
        return None
    certificate, key = (_find(name, context) for name in (endpoint.client_certificate, endpoint.client_key))
    return certificate, key


def _find(name: str, context: GateContext) -> str:
    path = Path(name) if Path(name).is_absolute() else context.workspace.resolve(name)
    if not path.is_file():
        mend = "check the path, and that this job may read the variable that holds the file"
        raise ReportError("no such file", where=name, mend=mend)
    return str(path)
