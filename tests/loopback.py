"""Fixtures of a network on the loopback interface: its authority, its name server, no authorities from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers
from tests.network.name_server import NameServer
from tests.servers import Authority

__all__ = ["authority", "names", "usual_authorities"]


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
