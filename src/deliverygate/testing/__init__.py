"""Doors with real behaviour and no outside world, and ``run_gate``: for our tests and for third parties'."""

from __future__ import annotations

from deliverygate.testing.doors import FakeClock, FakeHttp, FakeShell
from deliverygate.testing.running import finding, make_context, run_gate

__all__ = ["FakeClock", "FakeHttp", "FakeShell", "finding", "make_context", "run_gate"]
