"""The service says how it is."""

from __future__ import annotations

import service


def test_service_is_up() -> None:
    assert service.health()["status"] == "UP"


def test_service_tells_its_version() -> None:
    assert service.health()["version"] == service.VERSION
