"""The example as a user has it: a copy with a git history of its own, its change as it came or mended, its server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plumbum import local

from tests.architecture.source import ROOT
from tests.command import Ran, deliverygate

EXAMPLE = ROOT / "examples" / "shop"
PATCHES = {"faulty": ("1-search.patch",), "mended": ("1-search.patch", "2-mend.patch")}


@dataclass(frozen=True)
class Shop:
    """A copy in one state."""

    folder: Path
    state: str

    def run(self, stage: str, *options: str, environ: Mapping[str, str] | None = None) -> Ran:
        """Run a stage as a pipeline would, with the description and the reports of this state."""
        given = ("--description", f"change/{self.state}.md") if stage == "pre-merge" else ()
        return deliverygate(
            "run", stage, *given, *options, folder=self.folder, environ={"REPORTS": self.state, **(environ or {})}
        )

    @property
    def junit(self) -> Path:
        """The one JUnit file that was written."""
        (path,) = self.folder.glob(".deliverygate/out/*/junit.xml")
        return path


def open_shop(folder: Path, state: str) -> Shop:
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", "out", ".ruff_cache"))
    git = local["git"].with_cwd(folder)
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Sell six products")
    git("switch", "--quiet", "--create", "search")
    for patch in PATCHES[state]:
        git("am", "--quiet", f"change/{patch}")
    return Shop(folder, state)


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The address of the server that the roll-out made live."""
    server = local["python3"].popen(("live/server.py", "--port", "0"), cwd=shop.folder)
    try:
        yield server.stdout.readline().decode().strip()
    finally:
        server.kill()
        server.communicate()
