"""The HTTP door, and what every test of it looks after."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from deliverygate.clock import SystemClock
from deliverygate.http import RequestsHttp
from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Every request ends its threads."""
    before = threading.active_count()
    yield
    until = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.fixture(autouse=True)
def usual_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def http() -> RequestsHttp:
    return RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return servers.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer() as server:
        yield server
