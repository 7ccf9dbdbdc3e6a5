"""Runs the installed command as a user does: a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plumbum import local

PROGRAM = Path(sys.executable).with_name("deliverygate")


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def errors(self) -> list[str]:
        return self.stderr.splitlines()


def deliverygate(
    *arguments: str, folder: Path, environ: Mapping[str, str] | None = None, given: str | None = None
) -> Ran:
    """Run ``deliverygate`` in ``folder``; of our environment it sees only what a program needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = local[PROGRAM][arguments]
    if given is not None:
        command = command << given
    with local.cwd(folder):
        status, stdout, stderr = command.run(retcode=None, env={**kept, **(environ or {})})
    return Ran(status, stdout, stderr)
