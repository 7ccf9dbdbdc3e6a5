"""Prints the table of ``scripts/bench``; exit status 1 when a target is missed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.example import copy_example
from benchmarks.measuring import side_by_side
from benchmarks.probing import probing
from benchmarks.reports import against_peers, growth
from benchmarks.row import Row

BIN = Path(sys.executable).parent
DELIVERYGATE = str(BIN / "deliverygate")


def start(folder: Path) -> Iterator[Row]:
    """The start of the command against the import of what it is made with."""
    ours, peer = side_by_side(
        [DELIVERYGATE, "--version"], [sys.executable, "-c", "import click"], folder=folder, times=20
    )
    ratio = ours.seconds / peer.seconds
    yield Row("deliverygate --version | import click", ours.seconds, peer.seconds, ratio, 1.5, "s", "{:.2f} times")


def example(folder: Path) -> Iterator[Row]:
    """A whole stage on real reports against an interpreter that does nothing."""
    shop = copy_example(folder)
    ours, peer = side_by_side(
        [DELIVERYGATE, "run", "pre-merge", "--description", "change/faulty.md"],
        [sys.executable, "-c", "pass"],
        folder=shop,
        times=10,
        allowed=(1,),
    )
    beyond = ours.seconds - peer.seconds
    yield Row(
        "run pre-merge of examples/shop | python -c pass", ours.seconds, peer.seconds, beyond, 0.4, "s", "+{:.2f} s"
    )


BENCHMARKS: tuple[Callable[[Path], Iterator[Row]], ...] = (start, example, probing, against_peers, growth)


def main() -> None:
    print(f"{'what | peer':58} {'ours':>11} {'peer':>12} {'compared':>14}  {'target':22}")
    missed = 0
    for benchmark in BENCHMARKS:
        with TemporaryDirectory(prefix="deliverygate-bench-") as folder:
            for row in benchmark(Path(folder)):
                print(row, flush=True)
                missed += not row.is_met
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
