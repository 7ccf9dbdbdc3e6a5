"""Covered lines as the readers of coverage reports gather them, and the Scan that comes of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from deliverygate.errors import ReportError
from deliverygate.evidence import Coverage, FileCoverage, Tally
from deliverygate.model import Scan


class InGroup(NamedTuple):
    """A path that is unique in one part of a report only, e.g. in the module of a JaCoCo report."""

    group: str
    path: str


@dataclass
class Lines:
    """What is known of one file. A line that stands in it several times is covered when it is so once."""

    listed: int = 0  #: entries, also several of one line
    records: int = 1  #: of the report, that have this path
    seen: set[int] = field(default_factory=set)
    covered: set[int] = field(default_factory=set)
    branches: dict[Hashable, Tally] = field(default_factory=dict)
    counted: Tally | None = None  # for a file whose lines are counted and not named

    def add(self, line: int, *, is_hit: bool) -> None:
        self.listed += 1
        self.seen.add(line)
        if is_hit:
            self.covered.add(line)

    def add_branches(self, place: Hashable, found: Tally) -> None:
        """Branches at one place, e.g. a line. Of two reports of the same place the better one counts."""
        known = self.branches.get(place)
        if known is None or known.covered < found.covered:
            self.branches[place] = found


def make_scan(
    files: Mapping[str, Lines] | Mapping[InGroup, Lines],
    *,
    tool: str,
    version: str | None,
    format: str,  # noqa: A002
    promised: Tally | None = None,
    lost: int = 0,
    notes: tuple[str, ...] = (),
    created_at: datetime | None = None,
    zone_is_known: bool = True,
    sources: tuple[str, ...] = (),
    by_package: bool = False,
) -> Scan:
    """The Scan of a coverage report, from the lines of each path.

    ``promised`` are the report's own totals. Where they count more lines than the report lists, and where a reader
    found ``lost`` ones itself, the run is not complete: some files, or parts of them, are missing. A total that is
    only another one is told. Raises ReportError when not a single line can be covered: then nothing was measured.
    """
    coverage = Coverage(
        files=tuple(_finish(named, lines) for named, lines in files.items()), sources=sources, by_package=by_package
    )
    found = coverage.lines
    if not found.valid:
        raise ReportError(
            "holds no line of code: nothing shows what the tests cover",
            mend="check that coverage was measured, of which files, and that the run came to its end",
        )
    entries = sum(lines.listed or found_of(lines).valid for lines in files.values())
    lost = max(lost, promised.valid - entries if promised else 0)
    if lost:
        count = f"{promised.valid} lines; its files list {entries}" if promised else "more lines than its files list"
        notes += (f"Its totals count {count}: {lost} lines are lost.",)
    elif promised and promised != found:
        totals, listed = (f"{tally.covered} of {tally.valid} lines" for tally in (promised, found))
        notes += (f"Its totals say {totals}; its files list {listed}, which count.",)
    return Scan(
        tool=tool,
        version=version,
        format=format,
        findings=(),
        analysed=tuple(dict.fromkeys(file.path for file in coverage.files)),
        complete=not lost,
        notes=notes,
        coverage=coverage,
        created_at=created_at,
        zone_is_known=zone_is_known,
    )


def found_of(lines: Lines) -> Tally:
    """What is known of the lines of one file, counted."""
    return Tally(len(lines.covered), len(lines.seen)) if lines.seen or not lines.counted else lines.counted


def _finish(named: str | InGroup, lines: Lines) -> FileCoverage:
    branches = Tally(
        sum(each.covered for each in lines.branches.values()), sum(each.valid for each in lines.branches.values())
    )
    return FileCoverage(
        path=named if isinstance(named, str) else named.path,
        covered=frozenset(lines.covered),
        missed=frozenset(lines.seen - lines.covered),
        counted=None if lines.seen else lines.counted,
        branches=branches if lines.branches else None,
        records=lines.records,
        group="" if isinstance(named, str) else named.group,
    )
