"""Doors with real behaviour and no outside world, and ``run_gate``: for our tests and for third parties'."""

from __future__ import annotations

from deliverygate.testing.cluster import FakeCluster
from deliverygate.testing.doors import FakeClock, FakeShell
from deliverygate.testing.http import Asked, FakeHttp
from deliverygate.testing.metrics import FakeMetrics
from deliverygate.testing.network import FakeNetwork
from deliverygate.testing.running import finding, make_context, run_gate

__all__ = [
    "Asked",
    "FakeClock",
    "FakeCluster",
    "FakeHttp",
    "FakeMetrics",
    "FakeNetwork",
    "FakeShell",
    "finding",
    "make_context",
    "run_gate",
]
