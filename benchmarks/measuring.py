"""What a program costs: the time and the peak memory of a whole process, as the kernel counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """One run of a program."""

    seconds: float  #: from its start to its end
    memory_bytes: int  #: the most that was resident at once


def run(command: Sequence[str], *, folder: Path, allowed: Sequence[int] = (0,)) -> Cost:
    """Run a program to its end, its output going nowhere. An exit status that is not allowed ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)  # the usage of this child alone, and of what it waited for
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in allowed:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{said.decode(errors='replace')}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, usage.ru_maxrss * unit)


def side_by_side(
    ours: Sequence[str], peer: Sequence[str], *, folder: Path, times: int, allowed: Sequence[int] = (0,)
) -> tuple[Cost, Cost]:
    """The best of ``times`` runs of each, taken in turn, so that whatever else the machine does meets both.

    The best and not the mean: nothing makes a program faster than it is, and much makes it slower.
    """
    pairs = [(run(ours, folder=folder, allowed=allowed), run(peer, folder=folder)) for _ in range(times)]
    mine, theirs = zip(*pairs, strict=True)
    return _best(mine), _best(theirs)


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(min(cost.seconds for cost in costs), min(cost.memory_bytes for cost in costs))
