"""The cluster that a test runs against: simulated always, real where `scripts/cluster run` started the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from deliverygate.clock import SystemClock
from deliverygate.cluster import Clusters
from deliverygate.config.cluster import ClusterSettings
from deliverygate.gate import Cluster
from deliverygate.http import RequestsHttp
from deliverygate.network import SystemNetwork
from deliverygate.shell import SystemShell
from tests.cluster.worlds import Simulated, World, open_real, simulate


@pytest.fixture(params=["simulated", pytest.param("real", marks=pytest.mark.cluster)])
def world(request: pytest.FixtureRequest, tmp_path: Path, outer_environ: Mapping[str, str]) -> Iterator[World]:
    folder = tmp_path / "outside"
    folder.mkdir()
    opened = simulate(folder) if request.param == "simulated" else open_real(folder, outer_environ["KUBECONFIG"])
    with opened as one:
        yield one


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Simulated]:
    folder = tmp_path / "outside"
    folder.mkdir()
    with simulate(folder) as one:
        yield one


@pytest.fixture
def connect(tmp_path: Path) -> Callable[..., Cluster]:
    """Opens the door to the cluster of a kubeconfig, from a checkout that is empty."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()

    def open_door(kubeconfig: Path | str = "", *, environ: Mapping[str, str] | None = None, **more: object) -> Cluster:
        foreign = bool(more.pop("foreign", False))
        clock = SystemClock(timeout_seconds=60)
        settings = ClusterSettings(kubeconfig=str(kubeconfig), **more)  # type: ignore[arg-type]
        return Clusters(
            settings,
            http=RequestsHttp(clock),
            network=SystemNetwork(clock),
            shell=SystemShell(clock, root=checkout, environ=environ or {"PATH": "/usr/bin:/bin"}),
            clock=clock,
            environ=environ or {},
            checkout=checkout,
            foreign=foreign,
        )()

    return open_door
