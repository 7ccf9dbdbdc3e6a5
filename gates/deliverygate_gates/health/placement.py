"""Where in a Kubernetes cluster the replicas behind an endpoint run: its service, and what keeps their pods running."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from deliverygate.gate.cluster import FrontKind, WorkloadKind

NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")  # RFC 1123
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
KINDS: Mapping[str, WorkloadKind] = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
}


class Kubernetes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The replicas of one endpoint."""

    service: str = ""  #: each of its ready addresses is asked like the endpoint itself
    workload: str = ""  #: "deployment/shop", whose rollout must have come to its end
    namespace: str = ""  #: else the policy's
    port: str | int | None = None  #: name of a port of the service, or number of one of its pods; None: its only one
    scheme: Literal["http", "https"] = "http"  #: by which the pods are asked
    digest: str | tuple[str, ...] = ""  #: of the image that each pod must run; several for one that has several
    container: str = ""  #: whose image is judged; else any of the pod's

    def __post_init__(self) -> None:
        if not self.service and not self.workload:
            raise ValueError("`kubernetes` says what is looked at: `service`, `workload`, or both")
        check_name(self.service, "service")
        check_name(self.namespace, "namespace")
        if self.workload:
            kind, _, name = self.workload.partition("/")
            if kind not in KINDS or not NAME.fullmatch(name):
                raise ValueError(f"`workload` {self.workload!r} is not e.g. deployment/shop; kinds: {', '.join(KINDS)}")
        if isinstance(self.port, int) and not 1 <= self.port <= 65535:
            raise ValueError("`port` is a name, or a number from 1 to 65535")
        if (self.digest or self.container) and not self.workload:
            raise ValueError("`digest` and `container` go with `workload`, whose pods tell their images")
        if self.container and not self.digest:
            raise ValueError("`container` without `digest` would prove nothing; name the digest")
        for each in self.digests:
            if not DIGEST.fullmatch(each):
                raise ValueError(f"{each!r} is not the digest of an image; write e.g. sha256:9f86d0...")

    @property
    def digests(self) -> tuple[str, ...]:
        """Those that will do."""
        several = self.digest if isinstance(self.digest, tuple) else (self.digest,)
        return tuple(each for each in several if each)

    @property
    def target(self) -> tuple[WorkloadKind, str]:
        """Kind and name of the workload."""
        kind, _, name = self.workload.partition("/")
        return KINDS[kind], name


class Fronts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Service or an Ingress whose addresses become endpoints."""

    service: str = ""
    ingress: str = ""
    namespace: str = ""  #: else the policy's
    port: str | int | None = None  #: name or number of a port of the service; None: its only one
    path: str = ""  #: asked at each address, e.g. "/healthz"; else what the Ingress has

    def __post_init__(self) -> None:
        if bool(self.service) == bool(self.ingress):
            raise ValueError("`kubernetes` names either a `service` or an `ingress`")
        if self.port is not None and self.ingress:
            raise ValueError("`port` goes with `service`; an Ingress has none")
        for name in ("service", "ingress", "namespace"):
            check_name(getattr(self, name), name)
        if self.path and not re.fullmatch(r"/[\x21-\x7e]*", self.path):
            raise ValueError("`path` begins with a slash, e.g. /healthz")

    @property
    def target(self) -> tuple[FrontKind, str]:
        """Kind and name."""
        return ("Service", self.service) if self.service else ("Ingress", self.ingress)


def check_name(given: str, setting: str) -> None:
    """Raises ValueError for what no object of Kubernetes is called."""
    if given and not NAME.fullmatch(given):
        raise ValueError(f"`{setting}` {given!r} is no name of an object of Kubernetes")
