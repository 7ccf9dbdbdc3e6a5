"""One repository, made once and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.world import POLICY, World, begin, copy


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> World:
    files = {".deliverygate.yml": POLICY, "src/app.js": "eval(1)\n", ".deliverygate/baseline.json": EMPTY}
    return begin(tmp_path_factory.mktemp("first"), files)


EMPTY = '{"version": 1, "gates": {"pre-merge/static-analysis": []}}\n'


@pytest.fixture
def world(first: World, tmp_path: Path) -> World:
    return copy(first, tmp_path / "world")
