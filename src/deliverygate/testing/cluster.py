"""A Kubernetes cluster as a table of what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deliverygate.errors import TransportError
from deliverygate.gate import Pod, Replica, Workload
from deliverygate.gate.cluster import FrontKind, WorkloadKind


class FakeCluster:
    """A cluster with one namespace, of which each question shows the present state.

    ``services`` maps a name to its addresses, ``workloads`` a "kind/name" to what it is, ``pods`` a selector to those
    that fit it, ``urls`` a "kind/name" to addresses. In place of each may stand an error, or a list of states that is
    answered in turn; the last one stays. What is not there is refused as the real one does.
    """

    def __init__(
        self,
        *,
        services: Mapping[str, object] | None = None,
        workloads: Mapping[str, object] | None = None,
        pods: Mapping[str, object] | None = None,
        urls: Mapping[str, object] | None = None,
    ) -> None:
        self._services = dict(services or {})
        self._workloads = dict(workloads or {})
        self._pods = dict(pods or {})
        self._urls = dict(urls or {})
        self.asked: list[tuple[str, str, str]] = []  #: (what, name, namespace) of every question, in order

    def endpoints(self, service: str, *, namespace: str = "", port: str | int | None = None) -> tuple[Replica, ...]:
        self.asked.append(("endpoints", service, namespace))
        found: tuple[Replica, ...] = _answer(self._services, service, f"service {service}")
        return found

    def pods(self, selector: str, *, namespace: str = "") -> tuple[Pod, ...]:
        self.asked.append(("pods", selector, namespace))
        if selector not in self._pods:
            return ()
        found: tuple[Pod, ...] = _answer(self._pods, selector, f"pods {selector}")
        return found

    def workload(self, kind: WorkloadKind, name: str, *, namespace: str = "") -> Workload:
        self.asked.append(("workload", f"{kind}/{name}", namespace))
        found: Workload = _answer(self._workloads, f"{kind}/{name}", f"{kind.lower()} {name}")
        return found

    def urls(
        self, kind: FrontKind, name: str, *, namespace: str = "", port: str | int | None = None
    ) -> tuple[str, ...]:
        self.asked.append(("urls", f"{kind}/{name}", namespace))
        found: tuple[str, ...] = _answer(self._urls, f"{kind}/{name}", f"{kind.lower()} {name}")
        return found


def _answer(table: Mapping[str, object], key: str, where: str) -> Any:
    if key not in table:
        raise TransportError("is not there (status 404)", kind="http_404", where=where)
    found = table[key]
    if isinstance(found, list):
        found = found.pop(0) if len(found) > 1 else found[0]
    if isinstance(found, Exception):
        raise found
    return found
