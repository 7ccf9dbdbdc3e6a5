"""What gates ask of a cluster, in terms of the Kubernetes API: paths, selectors, permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from deliverygate.cluster.asking import Asking, Question
from deliverygate.cluster.objects import EndpointSlice, IngressObject, PodObject, ServiceObject, WorkloadObject
from deliverygate.cluster.translating import pod, replicas, urls_of_ingress, urls_of_service, workload
from deliverygate.errors import ConfigError
from deliverygate.gate import Pod, Replica, Workload
from deliverygate.gate.cluster import FrontKind, WorkloadKind

T = TypeVar("T")

NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")  # RFC 1123: never a part of a path that leads elsewhere
SERVICE_LABEL = "kubernetes.io/service-name"


class KubernetesCluster:
    """Asks anew each time: what it is asked about changes. See ``gate.Cluster``."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def endpoints(self, service: str, *, namespace: str = "", port: str | int | None = None) -> tuple[Replica, ...]:
        namespace = namespace or self._asking.namespace
        where = f"service {namespace}/{service}"
        path = f"/apis/discovery.k8s.io/v1/namespaces/{_checked(namespace)}/endpointslices"
        slices = self._asking.list(
            Question(path, where, f"list endpointslices.discovery.k8s.io in {namespace}"),
            EndpointSlice,
            labelSelector=f"{SERVICE_LABEL}={_checked(service)}",
        )
        if not slices:
            self._service(service, namespace)  # says so when there is none
        return _told(where, lambda: replicas(slices, port), mend="correct `port`")

    def pods(self, selector: str, *, namespace: str = "") -> tuple[Pod, ...]:
        namespace = namespace or self._asking.namespace
        question = Question(
            f"/api/v1/namespaces/{_checked(namespace)}/pods",
            f"pods of {namespace}",
            f"list pods in {namespace}",
        )
        found = self._asking.list(question, PodObject, labelSelector=selector)
        return tuple(sorted(map(pod, found), key=lambda each: each.name))

    def workload(self, kind: WorkloadKind, name: str, *, namespace: str = "") -> Workload:
        namespace = namespace or self._asking.namespace
        where, plural = f"{kind.lower()} {namespace}/{name}", f"{kind.lower()}s"
        path = f"/apis/apps/v1/namespaces/{_checked(namespace)}/{plural}/{_checked(name)}"
        found = self._asking.get(Question(path, where, f"get {plural}.apps in {namespace}"), WorkloadObject)
        return _told(where, lambda: workload(kind, found), mend="give it a selector of its own")

    def urls(
        self, kind: FrontKind, name: str, *, namespace: str = "", port: str | int | None = None
    ) -> tuple[str, ...]:
        namespace = namespace or self._asking.namespace
        where = f"{kind.lower()} {namespace}/{name}"
        if kind == "Service":
            service = self._service(name, namespace)
            return _told(where, lambda: urls_of_service(service, namespace, port), mend="correct `port`")
        path = f"/apis/networking.k8s.io/v1/namespaces/{_checked(namespace)}/ingresses/{_checked(name)}"
        question = Question(path, where, f"get ingresses.networking.k8s.io in {namespace}")
        ingress = self._asking.get(question, IngressObject)
        return _told(where, lambda: urls_of_ingress(ingress), mend="give it a host, or list the addresses yourself")

    def _service(self, name: str, namespace: str) -> ServiceObject:
        path = f"/api/v1/namespaces/{_checked(namespace)}/services/{_checked(name)}"
        question = Question(path, f"service {namespace}/{name}", f"get services in {namespace}")
        return self._asking.get(question, ServiceObject)


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name of an object of Kubernetes", mend="write it as `kubectl get` shows it")
    return name


def _told(where: str, translate: Callable[[], T], *, mend: str) -> T:
    try:
        return translate()
    except ValueError as error:
        raise ConfigError(str(error), where=where, mend=mend) from error
