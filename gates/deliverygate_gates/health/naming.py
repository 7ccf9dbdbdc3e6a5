"""What the check of each endpoint is called: reports are compared by it, and other endpoints need it by that name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from deliverygate_gates.health.endpoint import Endpoint
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


def name_parts(name: str, endpoint: Endpoint) -> tuple[str, ...]:
    """The names of all checks of an endpoint, which are the same whatever becomes of them."""
    replicas = tuple(f"{name}: {what}" for what in _parts_in_cluster(endpoint))
    version = (f"{name}: version",) if endpoint.version else ()
    sample = tuple(f"{name}: {what}" for what, _ in endpoint.sample.claims) if endpoint.sample else ()
    return (name, *replicas, *version, *sample)


def _parts_in_cluster(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.kubernetes and endpoint.kubernetes.workload:
        yield "rollout"
    if endpoint.kubernetes and endpoint.kubernetes.service:
        yield "replicas"


def check_names(endpoints: tuple[Endpoint, ...]) -> None:
    """Raises ValueError when two have one name, or one is called like a part of another one."""
    given = Counter(endpoint.name for endpoint in endpoints if endpoint.name)
    if twice := [name for name, count in given.items() if count > 1]:
        raise ValueError(f"two endpoints are called {twice[0]!r}")
    named = zip(name_checks(endpoints), endpoints, strict=True)
    parts = Counter(part for name, endpoint in named for part in name_parts(name, endpoint))
    if twice := [part for part, count in parts.items() if count > 1]:
        raise ValueError(f"two checks would be called {twice[0]!r}; name the endpoints otherwise")


def check_needs(endpoints: tuple[Endpoint, ...]) -> None:
    """Raises ValueError when one needs what is not there, what comes last, or in the end itself."""
    if not any(endpoint.needs for endpoint in endpoints):
        return
    from deliverygate_gates.health.ordering import check_order

    names = name_checks(endpoints)
    last = {name for name, endpoint in zip(names, endpoints, strict=True) if endpoint.is_last}
    check_order({name: endpoint.needs for name, endpoint in zip(names, endpoints, strict=True)}, last=last)
