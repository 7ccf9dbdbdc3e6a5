"""The HTTP door, and what every test of it looks after."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from deliverygate.clock import SystemClock
from deliverygate.http import RequestsHttp
from tests.loopback import authority, names, usual_authorities

__all__ = ["authority", "names", "usual_authorities"]  # fixtures, which pytest finds by their names here


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Every request ends its threads."""
    before = threading.active_count()
    yield
    until = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.fixture
def http() -> RequestsHttp:
    return RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True)
