"""docs/security.md names the test that holds each defence: the names must be true."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import ROOT

ROWS = [line for line in (ROOT / "docs/security.md").read_text().splitlines() if "| `test_" in line]
TESTS = {
    node.name
    for path in (ROOT / "tests").rglob("test_*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
}


def test_the_table_of_attacks_is_found() -> None:
    assert len(ROWS) > 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_every_test_that_holds_a_defence_is_there(row: str) -> None:
    assert set(re.findall(r"`(test_\w+)`", row)) - TESTS == set()
