"""The repository is whole: nothing in it points to a place that only its authors have."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

# Brackets and pieces, so that this file does not accuse itself.
OUTSIDE = {
    "a path on somebody's machine": r"(?<![\w.~-])/[w]ork/",
    "a folder beside the repository": r"\.\./[s]hared\b",
    "a page that is not here": r"\b(?:reports|design|style|postdeploy)[.]md\b",
    "the number of a ticket": r"(?i:\b[i]ssue #?\d+\b)",
    "a package registry": r"\b(?:pypi|pythonhosted)[.]org\b|registry[.]npmjs|proxy[.]golang|deb[.]debian[.]org",
}
QUOTED = ("tests/samples", "tests/renderers/golden", "tests/renderers/schemas", "examples/shop/reports", "LICENSE")
MADE_BY_TOOLS = {
    ".git", ".venv", ".venv-lowest", ".venv-newest", ".cache", ".deliverygate", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis",
    "__pycache__", "build", "dist", "node_modules",
}  # fmt: skip


def our_files() -> Iterator[Path]:
    """Every file of the repository but those that tools made, and those that are kept as others wrote them."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - MADE_BY_TOOLS)
        for path in (Path(folder, name) for name in files):
            if not path.relative_to(ROOT).as_posix().startswith(QUOTED):
                yield path


@pytest.mark.parametrize("what", OUTSIDE)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(OUTSIDE[what])

    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in our_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []
