"""What every run pays for: the start of the command, before anybody knows what it is to do."""

from __future__ import annotations

import sys

import pytest
from plumbum import local

HEAVY = (
    "gitlab", "h11", "jinja2", "junit_xml", "kubernetes", "markdown_it", "msgspec", "opentelemetry", "plumbum", "requests",
    "rich", "urllib3", "yaml",
)  # fmt: skip

LOADED = """
import sys
sys.argv = ["deliverygate", *sys.argv[1:]]
from deliverygate.cli import cli
try:
    cli.main(standalone_mode=False)
finally:
    print("loaded:", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that are imported when ``deliverygate`` has run."""
    text = local[sys.executable]("-c", LOADED, *arguments)
    return set(text.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_imports_click_and_nothing_that_costs_time(option: str) -> None:
    found = loaded(option)

    assert "click" in found
    assert found & {*HEAVY, "deliverygate_gates"} == set()


def test_listing_gates_imports_none_of_them() -> None:
    assert "deliverygate_gates" not in loaded("gates", "list")
