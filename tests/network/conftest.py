"""A network on the loopback interface: its doors, its authority, its name server."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from deliverygate.clock import SystemClock
from deliverygate.network import SystemNetwork
from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority

os.environ["GRPC_VERBOSITY"] = "NONE"  # the C core of the tests' servers reads it when it is imported


@pytest.fixture
def network() -> SystemNetwork:
    return SystemNetwork(SystemClock(timeout_seconds=20), allow_private=True)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return servers.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server


@pytest.fixture(autouse=True)
def usual_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


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
