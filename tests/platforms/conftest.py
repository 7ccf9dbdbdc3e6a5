"""What the tests of GitHub share: a server, and a repository that nobody changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.github_server import GitHub, serving
from tests.platforms.github_world import Shop


@pytest.fixture
def hub() -> Iterator[GitHub]:
    """GitHub behind an address; what departs from its description fails the test."""
    with serving(GitHub()) as made:
        yield made
    assert made.faults == []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("upstream"))
