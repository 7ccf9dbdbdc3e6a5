"""The example as somebody's repository: a copy of examples/shop on a branch of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SHOP = Path(__file__).parents[1] / "examples" / "shop"
GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "init.defaultBranch=main")


def prepare_example(folder: Path) -> tuple[Path, list[str]]:
    """The copy, and the options of the run."""
    shop = folder / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns(".deliverygate/out", "__pycache__"))
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "-m", "Open the shop"],
        ["switch", "--quiet", "-c", "change"],
    ):
        subprocess.run([*GIT, *command], cwd=shop, check=True)
    return shop, ["--description", "description.md"]
