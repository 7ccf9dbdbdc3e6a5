"""The door to a Kubernetes cluster: reads what runs there, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from deliverygate.config.cluster import ClusterSettings
from deliverygate.gate import Clock, Cluster, Http, Network, Shell

if TYPE_CHECKING:
    from deliverygate.cluster.reading import KubernetesCluster

__all__ = ["Clusters"]


class Clusters:
    """The cluster of a policy, opened when it is first asked for."""

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        http: Http,
        network: Network,
        shell: Shell,
        clock: Clock,
        environ: Mapping[str, str],
        checkout: Path,
        foreign: bool = False,
    ) -> None:
        """``checkout``: a kubeconfig in it is refused. ``foreign``: no credential program is started."""
        self._settings = settings
        self._http = http
        self._network = network
        self._shell = shell
        self._clock = clock
        self._environ = environ
        self._checkout = checkout
        self._foreign = foreign
        self._lock = Lock()
        self._opened: KubernetesCluster | None = None

    def __call__(self) -> Cluster:
        """The cluster. Nothing is asked, and no fault told, before it is asked."""
        from deliverygate.cluster.access import Opener
        from deliverygate.cluster.asking import Asking
        from deliverygate.cluster.reading import KubernetesCluster

        with self._lock:
            if self._opened is None:
                opener = Opener(
                    self._settings,
                    environ=self._environ,
                    checkout=self._checkout,
                    shell=self._shell,
                    clock=self._clock,
                    foreign=self._foreign,
                )
                self._opened = KubernetesCluster(
                    Asking(
                        opener,
                        http=self._http,
                        network=self._network,
                        clock=self._clock,
                        timeout_seconds=self._settings.timeout,
                    )
                )
            return self._opened
