"""Covered lines as the readers of coverage reports gather them, and the Scan that comes of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deliverygate.errors import ReportError
from deliverygate.evidence import Coverage, FileCoverage, Tally
from deliverygate.model import Scan


@dataclass
class Lines:
    """What is known of one file. A line that stands in it several times is covered when it is so once."""

    seen: set[int] = field(default_factory=set)
    covered: set[int] = field(default_factory=set)
    branches: dict[Hashable, Tally] = field(default_factory=dict)
    counted: Tally | None = None  # for a file whose lines are counted and not named

    def add(self, line: int, *, is_hit: bool) -> None:
        self.seen.add(line)
        if is_hit:
            self.covered.add(line)

    def add_branches(self, place: Hashable, found: Tally) -> None:
        """Branches at one place, e.g. a line. Of two reports of the same place the better one counts."""
        known = self.branches.get(place)
        if known is None or known.covered < found.covered:
            self.branches[place] = found


def make_scan(
    files: Mapping[str, Lines],
    *,
    tool: str,
    version: str | None,
    format: str,  # noqa: A002
    promised: Tally | None = None,
    notes: tuple[str, ...] = (),
    created_at: datetime | None = None,
    zone_is_known: bool = True,
) -> Scan:
    """The Scan of a coverage report, from the lines of each path.

    ``promised`` are the report's own totals, told where its lines say something else.

    Raises ReportError when not a single line can be covered: then nothing was measured.
    """
    coverage = Coverage(files=tuple(_finish(path, lines) for path, lines in files.items()))
    found = coverage.lines
    if not found.valid:
        raise ReportError(
            "holds no line of code: nothing shows what the tests cover",
            mend="check that coverage was measured, of which files, and that the run came to its end",
        )
    if promised and promised != found:
        totals, listed = (f"{tally.covered} of {tally.valid} lines" for tally in (promised, found))
        notes += (f"Its totals say {totals}; its files list {listed}, which count.",)
    return Scan(
        tool=tool,
        version=version,
        format=format,
        findings=(),
        analysed=tuple(dict.fromkeys(file.path for file in coverage.files)),
        notes=notes,
        coverage=coverage,
        created_at=created_at,
        zone_is_known=zone_is_known,
    )


def _finish(path: str, lines: Lines) -> FileCoverage:
    branches = Tally(
        sum(each.covered for each in lines.branches.values()), sum(each.valid for each in lines.branches.values())
    )
    return FileCoverage(
        path=path,
        covered=frozenset(lines.covered),
        missed=frozenset(lines.seen - lines.covered),
        counted=None if lines.seen else lines.counted,
        branches=branches if lines.branches else None,
    )
