"""Prints the table of ``scripts/bench``; exit status 1 when a target is missed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import big_sarif
from benchmarks.example import copy_example
from benchmarks.measuring import side_by_side

BIN = Path(sys.executable).parent
DELIVERYGATE = str(BIN / "deliverygate")
MEGABYTE = 1_000_000

BIG_POLICY = """\
version: 1
stages:
  bench:
    - gate: static-analysis
      scans: [big.sarif]
      max: {critical: 0, high: 0, medium: 0}
"""


@dataclass(frozen=True)
class Row:
    """One claim, measured."""

    what: str
    ours: float
    peer: float
    value: float  #: what the target is about: a ratio, or seconds beyond the peer
    target: float
    unit: str  #: of ``ours`` and ``peer``
    relation: str  #: how ``value`` is written, e.g. "{:.2f} times"

    @property
    def is_met(self) -> bool:
        return self.value <= self.target

    def __str__(self) -> str:
        value, target = self.relation.format(self.value), self.relation.format(self.target)
        verdict = "ok" if self.is_met else "MISSED"
        return (
            f"{self.what:58} {self.ours:8.3f} {self.unit:2} {self.peer:9.3f} {self.unit:2} "
            f"{value:>14}  at most {target:14} {verdict}"
        )


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


def big_report(folder: Path) -> Iterator[Row]:
    """A big log to a verdict in all formats against a text summary of it."""
    log = folder / "big.sarif"
    big_sarif.write(log)
    (folder / ".deliverygate.yml").write_text(BIG_POLICY)
    ours, peer = side_by_side(
        [DELIVERYGATE, "run", "bench"], [str(BIN / "sarif"), "summary", log.name], folder=folder, times=3, allowed=(1,)
    )
    name = f"SARIF of {big_sarif.RESULTS:,} results, {log.stat().st_size / MEGABYTE:.0f} MB | sarif summary"
    yield Row(f"{name}", ours.seconds, peer.seconds, ours.seconds / peer.seconds, 0.25, "s", "{:.2f} times")
    memory, theirs = ours.memory_bytes / MEGABYTE, peer.memory_bytes / MEGABYTE
    yield Row("  the same, peak memory", memory, theirs, memory / theirs, 0.5, "MB", "{:.2f} times")


BENCHMARKS: tuple[Callable[[Path], Iterator[Row]], ...] = (start, example, big_report)


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
