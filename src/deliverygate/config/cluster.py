"""What the policy says of the Kubernetes cluster that gates ask."""

from __future__ import annotations

import re

import msgspec

from deliverygate.model import Duration

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")  # RFC 1123


class ClusterSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the cluster is reached. What is not said is as kubectl has it."""

    kubeconfig: str = ""  #: a file outside of the checkout; else KUBECONFIG, ~/.kube/config, or the pod's own account
    context: str = ""  #: of that file; else its current one
    namespace: str = ""  #: where a gate names none; else the context's
    timeout: Duration = Duration.default(10)  #: for one question

    def __post_init__(self) -> None:
        if self.kubeconfig and not self.kubeconfig.startswith(("/", "~/", "${")):
            raise ValueError(
                "`kubeconfig` is relative, and so in the checkout, where a change could rewrite it; "
                "write an absolute path, or a variable that holds one"
            )
        if self.namespace and "${" not in self.namespace and not _LABEL.fullmatch(self.namespace):
            raise ValueError(f"{self.namespace!r} is not the name of a namespace; write e.g. shop")
        if not self.timeout:
            raise ValueError("`timeout` of 0s leaves no time; write a span such as 10s")
