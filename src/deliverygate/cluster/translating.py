"""Objects of the Kubernetes API to what gates are promised; pure. What cannot be told is a ValueError."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from deliverygate.cluster.objects import (
    ContainerSpec,
    ContainerStatus,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    IngressObject,
    PodObject,
    Selector,
    ServiceObject,
    ServicePort,
    WorkloadObject,
)
from deliverygate.gate import Container, Pod, Replica, Workload

# A bare "sha256:..." is the name that a node gave an image of its own, and no digest of a registry.
_PULLED = re.compile(r".*@(sha256:[0-9a-f]{64})")
_HASHES = ("pod-template-hash", "controller-revision-hash")
_UNKNOWN = datetime.fromtimestamp(0, UTC)
_OPERATORS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


def replicas(slices: Iterable[EndpointSlice], port: str | int | None) -> tuple[Replica, ...]:
    """Each address once: the API may show an endpoint in two slices while it moves it from one to the other."""
    found: dict[tuple[str, int | None], Replica] = {}
    for each in slices:
        if each.address_type == "FQDN" or not each.endpoints:
            continue
        number = _choose_port(each.ports or (), port)
        for replica in _replicas(each.endpoints, number):
            place = (replica.address, replica.port)
            found[place] = _merge(found[place], replica) if place in found else replica
    return tuple(found[place] for place in sorted(found, key=lambda each: (":" in each[0], each[0], each[1] or 0)))


def _replicas(endpoints: Iterable[Endpoint], port: int | None) -> Iterator[Replica]:
    for each in endpoints:
        ready = each.conditions.ready is not False
        target = each.target_ref
        yield Replica(
            address=each.addresses[0],  # the API: the further ones are never used
            port=port,
            ready=ready,
            serving=ready if each.conditions.serving is None else each.conditions.serving,
            terminating=bool(each.conditions.terminating),
            pod=target.name if target and target.kind == "Pod" else None,
            node=each.node_name,
        )


def _merge(one: Replica, other: Replica) -> Replica:
    """What either slice has of the same address; the one that calls it ready is followed, so that it is asked."""
    return max(one, other, key=lambda each: (each.ready, each.serving, not each.terminating))


def _choose_port(ports: Iterable[EndpointPort], wanted: str | int | None) -> int | None:
    known = {each.name or "": each.port for each in ports}
    if isinstance(wanted, int) and (wanted in known.values() or not known):
        return wanted
    if isinstance(wanted, str) and wanted in known:
        return known[wanted]
    if wanted is None and len(known) <= 1:
        return next(iter(known.values()), None)
    offered = ", ".join(f"{name or 'nameless'} ({number})" for name, number in known.items()) or "none"
    what = "has several ports" if wanted is None else f"has no port {wanted}"
    raise ValueError(f"{what}: {offered}")


def pod(written: PodObject) -> Pod:
    status, metadata = written.status, written.metadata
    running = {each.name: each for each in status.container_statuses}
    owners = [f"{each.kind}/{each.name}" for each in metadata.owner_references if each.controller]
    return Pod(
        name=metadata.name,
        ready=any(each.type == "Ready" and each.status == "True" for each in status.conditions),
        phase=status.phase,
        address=status.pod_ip,
        terminating=metadata.deletion_timestamp is not None,
        containers=tuple(_container(each, running.get(each.name)) for each in written.spec.containers),
        owner=owners[0] if owners else "",
        template_hash=next((metadata.labels[name] for name in _HASHES if name in metadata.labels), ""),
        created=metadata.creation_timestamp or _UNKNOWN,
    )


def _container(spec: ContainerSpec, status: ContainerStatus | None) -> Container:
    if status is None:
        return Container(spec.name, spec.image, digest=None, ready=False, waiting="not started")
    pulled = _PULLED.fullmatch(status.image_id)
    stopped = status.state.waiting or status.state.terminated
    return Container(
        name=spec.name,
        image=spec.image,
        digest=pulled[1] if pulled else None,
        ready=status.ready,
        restarts=status.restart_count,
        waiting=stopped.reason if stopped else "",
    )


def workload(kind: str, written: WorkloadObject) -> Workload:
    spec, status = written.spec, written.status
    if kind == "DaemonSet":
        wanted, present = status.desired_number_scheduled, status.current_number_scheduled
        updated, ready, available = status.updated_number_scheduled, status.number_ready, status.number_available
    else:
        wanted, present = 1 if spec.replicas is None else spec.replicas, status.replicas
        updated, ready, available = status.updated_replicas, status.ready_replicas, status.available_replicas
    return Workload(
        kind=kind,
        name=written.metadata.name,
        namespace=written.metadata.namespace,
        generation=written.metadata.generation,
        observed_generation=status.observed_generation,
        wanted=wanted,
        replicas=present,
        updated=updated,
        ready=ready,
        available=available,
        selector=selector(spec.selector),
        paused=spec.paused,
        progressing=next((each.reason for each in status.conditions if each.type == "Progressing"), ""),
    )


def selector(written: Selector) -> str:
    """As the API takes it in a query. An empty one would fit every pod, and is refused."""
    parts = [f"{key}={value}" for key, value in sorted(written.match_labels.items())]
    for each in written.match_expressions:
        if each.operator not in _OPERATORS:
            raise ValueError(f"selects pods by {each.operator!r}, which is no known operator")
        parts.append(_OPERATORS[each.operator].format(key=each.key, values=",".join(each.values)))
    if not parts:
        raise ValueError("selects all pods")
    return ",".join(parts)


def urls_of_service(service: ServiceObject, namespace: str, port: str | int | None) -> tuple[str, ...]:
    balanced = [each.hostname or each.ip for each in service.status.load_balancer.ingress]
    hosts = list(filter(None, balanced)) or [service.spec.external_name or f"{service.metadata.name}.{namespace}.svc"]
    chosen = _service_port(service.spec.ports, port)
    scheme = "https" if "https" in (chosen.name, chosen.app_protocol.lower()) or chosen.port == 443 else "http"
    usual = {"http": 80, "https": 443}[scheme] == chosen.port
    return tuple(f"{scheme}://{_in_url(host)}{'' if usual else f':{chosen.port}'}" for host in hosts)


def _service_port(ports: tuple[ServicePort, ...], wanted: str | int | None) -> ServicePort:
    fitting = [each for each in ports if wanted in (None, each.name, each.port)]
    if len(fitting) == 1:
        return fitting[0]
    offered = ", ".join(f"{each.name or 'nameless'} ({each.port})" for each in ports) or "none"
    what = "has several ports" if fitting else "has no port" if wanted is None else f"has no port {wanted}"
    raise ValueError(f"{what}: {offered}")


def urls_of_ingress(ingress: IngressObject) -> tuple[str, ...]:
    """One a host and path. Hosts with a star and paths that are patterns name no address, and are left out."""
    encrypted = {host for each in ingress.spec.tls for host in each.hosts or ("*",)}
    balanced = [each.hostname or each.ip for each in ingress.status.load_balancer.ingress]
    found: dict[str, None] = {}
    for rule in ingress.spec.rules:
        for host in [rule.host] if rule.host else balanced:
            if not host or "*" in host:
                continue
            covering = {host, f"*.{host.partition('.')[2]}", "*"}  # a star stands for one label
            scheme = "https" if covering & encrypted else "http"
            for path in rule.http.paths or ():
                if re.fullmatch(r"/[\w./~%-]*", path.path or "/"):
                    found[f"{scheme}://{_in_url(host)}{path.path.rstrip('/')}"] = None
    if not found:
        raise ValueError("names no address: no host without a star, and no path that is no pattern")
    return tuple(found)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
