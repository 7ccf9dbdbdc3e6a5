"""Text of strangers becomes numbers and times in one guarded place of the readers, and nowhere else in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import CORE, ROOT

GUARDED = {"numbers.py", "times.py"}
OWN_NUMBERS = {"cvss.py"}  # it rounds sums of its own weights, and converts no text

# What Python converts by rules of its own: underscores, other scripts' digits, nan, years that overflow, 4,300 digits.
FUNCTIONS = {"int", "float", "complex", "round", "Decimal", "Fraction", "eval", "literal_eval"}
METHODS = {"fromisoformat", "fromtimestamp", "utcfromtimestamp", "strptime", "astimezone", "fromhex", "from_bytes"}


def conversions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in METHODS or (called in FUNCTIONS and isinstance(node.func, ast.Name)):
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {called}"


def test_readers_convert_text_in_the_guarded_modules_only() -> None:
    modules = [path for path in (CORE / "scans").rglob("*.py") if path.name not in GUARDED | OWN_NUMBERS]

    assert [found for path in modules for found in conversions(path)] == []


def test_the_guarded_modules_are_found() -> None:
    assert {path.name for path in (CORE / "scans").rglob("*.py") if list(conversions(path))} == GUARDED | OWN_NUMBERS
