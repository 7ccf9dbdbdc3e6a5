"""The programs that probing is measured beside; what is not there yet is installed by its own package manager."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).parents[1] / ".venv" / "bench"


def newman() -> str:
    """Postman's runner of collections."""
    program = HOME / "node_modules" / ".bin" / "newman"
    return _made(program, ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(HOME), "newman@6"])


def tavern() -> str:
    """The tester of APIs on top of pytest, in an environment of its own: it wants an older pytest than ours."""
    folder = HOME / "tavern"
    if not folder.exists():
        _install([sys.executable, "-m", "venv", str(folder)])
    wanted = ("tavern>=3", "pytest<9")
    return _made(folder / "bin" / "tavern-ci", [str(folder / "bin" / "pip"), "install", "--quiet", *wanted])


def hey() -> str:
    """A generator of load that keeps a rate."""
    install = ["go", "install", "github.com/rakyll/hey@v0.1.4"]
    return _made(HOME / "bin" / "hey", install, GOBIN=str(HOME / "bin"))


def debian(program: str, package: str) -> str:
    """A program of Debian's."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    if not shutil.which(program, path=path):
        _install(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package])
    return shutil.which(program, path=path) or sys.exit(f"{program} is missing; install {package}")


def _made(program: Path, command: Sequence[str], **environment: str) -> str:
    if not program.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        _install(command, **environment)
    return str(program)


def _install(command: Sequence[str], **environment: str) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}")
