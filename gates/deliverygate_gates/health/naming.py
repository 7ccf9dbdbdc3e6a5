"""What the check of each endpoint is called: reports are compared by it, and other endpoints need it by that name."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.ordering import check_order
from deliverygate_gates.health.targets import Dns, Grpc, Script


def name_checks(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    """A name for each, without query and password; the second of two equal ones is "... (2)"."""
    taken = Counter(endpoint.name for endpoint in endpoints if endpoint.name)
    names = []
    for endpoint in endpoints:
        name = endpoint.name or _default_name(endpoint)
        if not endpoint.name:
            taken[name] += 1
            name = name if taken[name] == 1 else f"{name} ({taken[name]})"
        names.append(name)
    return tuple(names)


def _default_name(endpoint: Endpoint) -> str:
    target = endpoint.target
    if isinstance(target, Script):
        return "command " + (target.run if isinstance(target.run, str) else " ".join(target.run)).split()[0]
    if isinstance(target, Dns):
        return f"dns {target.target} {target.kind}"
    if isinstance(target, Grpc):
        return f"grpc {target.target} {target.service}".strip()
    if target:
        return f"{endpoint.protocol} {target.target}"
    parts = urlsplit(endpoint.url)
    method = "" if endpoint.method == "GET" else f"{endpoint.method} "
    return f"{method}{parts.netloc.rpartition('@')[2]}{parts.path or '/'}"


def check_names(endpoints: tuple[Endpoint, ...]) -> None:
    """Raises ValueError when two have one name."""
    given = Counter(endpoint.name for endpoint in endpoints if endpoint.name)
    if twice := [name for name, count in given.items() if count > 1]:
        raise ValueError(f"two endpoints are called {twice[0]!r}")


def check_needs(endpoints: tuple[Endpoint, ...]) -> None:
    """Raises ValueError when one needs what is not there, what comes last, or in the end itself."""
    names = name_checks(endpoints)
    last = {name for name, endpoint in zip(names, endpoints, strict=True) if endpoint.is_last}
    check_order({name: endpoint.needs for name, endpoint in zip(names, endpoints, strict=True)}, last=last)
