"""The door to a Kubernetes cluster, as it is promised to gate authors: what runs there, and how far a rollout came."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet"]
FrontKind = Literal["Service", "Ingress"]


class Replica(msgspec.Struct, frozen=True):
    """One address behind a service, as its EndpointSlices have it."""

    address: str  #: IPv4 or IPv6
    port: int | None  #: None: the service has no port, and none was asked for
    ready: bool  #: gets the service's traffic
    serving: bool  #: is ready, whether or not it is about to end
    terminating: bool  #: is about to end
    pod: str | None = None  #: None: the address belongs to no pod
    node: str | None = None


class Container(msgspec.Struct, frozen=True):
    """One container of a pod, and the image that really runs in it."""

    name: str
    image: str  #: as the pod's specification names it
    digest: str | None  #: "sha256:..." of the image in its registry; None: the node does not tell it
    ready: bool
    restarts: int = 0
    waiting: str = ""  #: why it does not run, e.g. "ImagePullBackOff"


class Pod(msgspec.Struct, frozen=True):
    """One pod. Init containers are left out."""

    name: str
    ready: bool
    phase: str  #: e.g. "Running"
    address: str  #: "" while it has none
    terminating: bool
    containers: tuple[Container, ...]
    owner: str  #: e.g. "ReplicaSet/shop-5d9c7b"; "" for one that nobody answers for
    template_hash: str  #: of the template that it was made from; "" when its controller sets none
    created: datetime  #: in UTC


class Workload(msgspec.Struct, frozen=True):
    """What keeps pods running, and how far it has come with its last change."""

    kind: str  #: e.g. "Deployment"
    name: str
    namespace: str
    generation: int  #: of what is wanted
    observed_generation: int  #: up to which the controller has seen it; the counts below tell of that one
    wanted: int  #: how many pods there should be
    replicas: int  #: how many there are, old ones too
    updated: int  #: how many were made from the present template
    ready: int
    available: int  #: ready for long enough
    selector: str  #: of its pods, e.g. "app=shop,tier in (a,b)"
    paused: bool = False
    progressing: str = ""  #: the reason of the condition Progressing, e.g. "ProgressDeadlineExceeded"


class Cluster(Protocol):
    """A cluster, as far as whoever asks is allowed to see it. ``namespace`` "" is the policy's or the context's.

    Each call raises TransportError when no answer came or the API server refused it (kind ``http_404`` for what is not
    there, ``http_403`` for what is not allowed), ReportError when its answer cannot be read, ConfigError when the way
    to the cluster, or what is asked, is wrong.
    """

    def endpoints(self, service: str, *, namespace: str = "", port: str | int | None = None) -> tuple[Replica, ...]:
        """All addresses of a service, those that are not ready too, each once, sorted.

        ``port`` is the name of a port of the service, or a number of a port of its pods; None: its only one.
        """

    def pods(self, selector: str, *, namespace: str = "") -> tuple[Pod, ...]:
        """The pods that fit a label selector, sorted by name; those that ended long ago too."""

    def workload(self, kind: WorkloadKind, name: str, *, namespace: str = "") -> Workload:
        """A Deployment, StatefulSet or DaemonSet."""

    def urls(
        self, kind: FrontKind, name: str, *, namespace: str = "", port: str | int | None = None
    ) -> tuple[str, ...]:
        """The addresses by which clients reach a Service or an Ingress, without a slash at the end; at least one.

        Those of a Service are its load balancer's, else its name within the cluster; ``port`` is a name or a number
        of the service's. Those of an Ingress are its hosts and paths.
        """
