"""What the policy says of all endpoints together."""

from __future__ import annotations

import msgspec

from deliverygate.model import Duration
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.naming import check_names, check_needs
from deliverygate_gates.health.placement import Fronts


class InCluster(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Endpoints that a Kubernetes cluster knows of."""

    kubernetes: Fronts  #: a Service or an Ingress
    wait: Duration = Duration.default(0)  #: how long each may take to become healthy


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The endpoints, each judged by a check of its own or by several."""

    endpoints: tuple[Endpoint, ...] = ()
    #: a file of the workspace with further ones: YAML, JSON, or a URL a line; or where a cluster has them
    endpoints_from: str | InCluster = ""
    allow_private: bool = False  #: whether endpoints may lie in private networks
    concurrency: int = 8  #: how many endpoints are asked at once
    max_flaky: int | None = None  #: how many endpoints may answer only at a further try; no limit

    def __post_init__(self) -> None:
        if not self.endpoints and not self.endpoints_from:
            raise ValueError("`endpoints` is empty, which would prove nothing")
        if not 1 <= self.concurrency <= 100:
            raise ValueError("`concurrency` is a number from 1 to 100")
        if self.max_flaky is not None and self.max_flaky < 0:
            raise ValueError("`max_flaky` is a number from 0 on")
        check_names(self.endpoints)
        if not self.endpoints_from:
            check_needs(self.endpoints)
