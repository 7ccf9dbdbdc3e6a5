"""A network on the loopback interface: its doors, its authority, its name server."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from deliverygate.clock import SystemClock
from deliverygate.network import SystemNetwork
from tests.loopback import authority, names, usual_authorities

__all__ = ["authority", "names", "usual_authorities"]  # fixtures, which pytest finds by their names here

os.environ["GRPC_VERBOSITY"] = "NONE"  # the C core of the tests' servers reads it when it is imported


@pytest.fixture
def network() -> SystemNetwork:
    return SystemNetwork(SystemClock(timeout_seconds=20), allow_private=True)


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Whatever was left behind ends soon."""
    yield
    until = time.monotonic() + 2
    while (left := running()) and time.monotonic() < until:
        time.sleep(0.01)
    assert left == []


def running() -> list[str]:
    """Our threads; gRPC has some of its own, which it ends when it likes."""
    return [thread.name for thread in threading.enumerate() if thread.name == "aside"]
