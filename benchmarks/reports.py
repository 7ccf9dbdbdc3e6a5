"""Big reports to a verdict with all outputs: beside a peer that reads the same, and beside a tenth of themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import big_checkstyle, big_grype, big_junit, big_sarif
from benchmarks.measuring import Cost, run, side_by_side
from benchmarks.row import Row

BIN = Path(sys.executable).parent
OURS = (str(BIN / "deliverygate"), "run", "bench")
MEGABYTE = 1_000_000
BLOCKED = (1,)  #: the exit status of a stage that is not let through
GROWN = ("SARIF", "Checkstyle")
MOST_MEMORY = 1_500  #: megabytes, for 1,000,000 findings

POLICY = """\
version: 1
stages:
  bench:
    - {gate}
"""
FINDINGS = "{{gate: static-analysis, scans: [{file}], max: {{critical: 0, high: 0, medium: 0}}}}"
PACKAGES = "{{gate: vulnerabilities, reports: [{file}], max: {{critical: 0, high: 0, medium: 0}}}}"
TESTS = "{{gate: tests, reports: [{file}]}}"

LOAD_JSON = "import json; json.load(open({file!r}))"
PARSE_XML = "import xml.etree.ElementTree as tree; tree.parse({file!r})"
COUNT_CASES = (
    "from junitparser import JUnitXml; "
    "print(sum(not case.is_passed for suite in JUnitXml.fromfile({file!r}) for case in suite))"
)


@dataclass(frozen=True)
class Contest:
    """One format, and who else reads it."""

    name: str
    write: Callable[[Path, int], None]
    gate: str
    peer_name: str
    peer: tuple[str, ...]
    count: int
    most_time: float  #: times that of the peer
    most_memory: float  #: times that of the peer

    def prepare(self, folder: Path, count: int) -> Path:
        """Write the report and the policy that judges it."""
        report = folder / "report"
        self.write(report, count)
        (folder / ".deliverygate.yml").write_text(POLICY.format(gate=self.gate.format(file=report.name)))
        return report


# The parsers of the standard library are the floor: whoever reads the format in Python pays that much before it has
# looked at a single finding.
CONTESTS = (
    Contest("SARIF", big_sarif.write, FINDINGS, "sarif summary",
            (str(BIN / "sarif"), "summary", "{file}"), 300_000, 0.25, 0.5),
    Contest("Grype", big_grype.write, PACKAGES, "json.load alone",
            (sys.executable, "-c", LOAD_JSON), 30_000, 1.5, 0.75),
    Contest("Checkstyle", big_checkstyle.write, FINDINGS, "ElementTree.parse alone",
            (sys.executable, "-c", PARSE_XML), 300_000, 3.0, 1.5),
    Contest("JUnit", big_junit.write, TESTS, "junitparser",
            (sys.executable, "-c", COUNT_CASES), 200_000, 2.0, 0.75),
)  # fmt: skip


def against_peers(folder: Path) -> Iterator[Row]:
    """The time and the memory of a whole stage against that of a program that only reads."""
    for contest in CONTESTS:
        report = contest.prepare(folder, contest.count)
        peer = [part.format(file=report.name) for part in contest.peer]
        size = report.stat().st_size / MEGABYTE
        ours, theirs = side_by_side(OURS, peer, folder=folder, times=3, allowed=BLOCKED)
        what = f"{contest.name} of {contest.count:,}, {size:.0f} MB | {contest.peer_name}"
        yield _time(what, ours, theirs, contest.most_time)
        yield _memory("  the same, peak memory", ours, theirs, contest.most_memory)


def growth(folder: Path) -> Iterator[Row]:
    """1,000,000 findings against 100,000: about ten times the time at most, in the memory of a small runner."""
    for contest in (contest for contest in CONTESTS if contest.name in GROWN):
        contest.prepare(folder, 100_000)
        small = run(OURS, folder=folder, allowed=BLOCKED)
        report = contest.prepare(folder, 1_000_000)
        size = report.stat().st_size / MEGABYTE
        big = run(OURS, folder=folder, allowed=BLOCKED)
        report.unlink()
        yield _time(f"{contest.name} of 1,000,000, {size:.0f} MB | of 100,000", big, small, 11)
        memory, before = big.memory_bytes / MEGABYTE, small.memory_bytes / MEGABYTE
        yield Row("  the same, peak memory", memory, before, memory, MOST_MEMORY, "MB", "{:.0f} MB")


def _time(what: str, ours: Cost, peer: Cost, target: float) -> Row:
    return Row(what, ours.seconds, peer.seconds, ours.seconds / peer.seconds, target, "s", "{:.2f} times")


def _memory(what: str, ours: Cost, peer: Cost, target: float) -> Row:
    mine, theirs = ours.memory_bytes / MEGABYTE, peer.memory_bytes / MEGABYTE
    return Row(what, mine, theirs, mine / theirs, target, "MB", "{:.2f} times")
