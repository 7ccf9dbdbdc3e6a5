"""The example as somebody's repository: a copy of examples/shop, with its change on a branch."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SHOP = Path(__file__).parents[1] / "examples" / "shop"
GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "core.hooksPath=/dev/null")
HISTORY = (
    ("init", "--quiet", "--initial-branch", "main"),
    ("add", "--all"),
    ("commit", "--quiet", "--message", "Sell six products"),
    ("switch", "--quiet", "--create", "search"),
    ("am", "--quiet", "change/1-search.patch"),
)


def copy_example(folder: Path) -> Path:
    """The folder of the copy, whose stage ``pre-merge`` is blocked."""
    shop = folder / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("out", "__pycache__"))
    for command in HISTORY:
        subprocess.run([*GIT, *command], cwd=shop, check=True)
    return shop
