"""One real Prometheus for all tests that ask one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.prometheus import prometheus


@pytest.fixture(scope="session")
def prometheus_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, with the history of ``tests.prometheus.SERVICES``."""
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip("Debian's package prometheus is not installed; scripts/test installs it")
    with prometheus(tmp_path_factory.mktemp("prometheus")) as url:
        yield url
