"""Objects of the Kubernetes API, as far as they are read. https://kubernetes.io/docs/reference/kubernetes-api/

Whatever may be missing has a default: the API server leaves out what is empty.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Api(msgspec.Struct, frozen=True, rename="camel"):
    """Fields are spelled as the API spells them; those that are not read are passed over."""


class Owner(Api, frozen=True):
    kind: str
    name: str
    controller: bool = False


class Metadata(Api, frozen=True):
    name: str
    namespace: str = ""
    generation: int = 0
    labels: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None


class ListMetadata(Api, frozen=True):
    continue_: str = msgspec.field(default="", name="continue")
    remaining_item_count: int | None = None  #: how many come after this page, where the server knows


class Status(Api, frozen=True):
    """What a refused request is answered with."""

    message: str = ""
    reason: str = ""


class Condition(Api, frozen=True):
    type: str
    status: str = ""
    reason: str = ""


class Conditions(Api, frozen=True):
    """Of an endpoint. ``None`` is "unknown", which the API wants read as ready, and as not terminating."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Reference(Api, frozen=True):
    kind: str = ""
    name: str = ""


class Endpoint(Api, frozen=True):
    addresses: tuple[str, ...]
    conditions: Conditions = Conditions()
    target_ref: Reference | None = None
    node_name: str | None = None


class EndpointPort(Api, frozen=True):
    name: str | None = None
    port: int | None = None


class EndpointSlice(Api, frozen=True):
    address_type: str
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None


class Waiting(Api, frozen=True):
    reason: str = ""


class State(Api, frozen=True):
    waiting: Waiting | None = None
    terminated: Waiting | None = None


class ContainerStatus(Api, frozen=True):
    name: str
    image_id: str = msgspec.field(default="", name="imageID")
    ready: bool = False
    restart_count: int = 0
    state: State = State()


class ContainerSpec(Api, frozen=True):
    name: str
    image: str = ""


class PodSpec(Api, frozen=True):
    containers: tuple[ContainerSpec, ...] = ()


class PodStatus(Api, frozen=True):
    phase: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()


class PodObject(Api, frozen=True):
    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class Requirement(Api, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] = ()


class Selector(Api, frozen=True):
    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class WorkloadSpec(Api, frozen=True):
    selector: Selector
    replicas: int | None = None
    paused: bool = False


class WorkloadStatus(Api, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()
    # of a DaemonSet, which counts nodes
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0


class WorkloadObject(Api, frozen=True):
    metadata: Metadata
    spec: WorkloadSpec
    status: WorkloadStatus = WorkloadStatus()


class ServicePort(Api, frozen=True):
    port: int
    name: str = ""
    app_protocol: str = ""


class Balanced(Api, frozen=True):
    ip: str = ""
    hostname: str = ""


class LoadBalancer(Api, frozen=True):
    ingress: tuple[Balanced, ...] = ()


class FrontStatus(Api, frozen=True):
    load_balancer: LoadBalancer = LoadBalancer()


class ServiceSpec(Api, frozen=True):
    ports: tuple[ServicePort, ...] = ()
    external_name: str = ""


class ServiceObject(Api, frozen=True):
    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()
    status: FrontStatus = FrontStatus()


class IngressPath(Api, frozen=True):
    path: str = ""


class IngressPaths(Api, frozen=True):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(Api, frozen=True):
    host: str = ""
    http: IngressPaths = IngressPaths()


class IngressTls(Api, frozen=True):
    hosts: tuple[str, ...] = ()


class IngressSpec(Api, frozen=True):
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTls, ...] = ()


class IngressObject(Api, frozen=True):
    metadata: Metadata
    spec: IngressSpec = IngressSpec()
    status: FrontStatus = FrontStatus()
