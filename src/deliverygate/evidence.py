"""What reports of tests and of coverage hold: one case with one outcome, one file with its lines."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from fractions import Fraction


class Outcome(Enum):
    """What became of a test case."""

    PASSED = "passed"
    SKIPPED = "skipped"
    ERROR = "error"
    FAILED = "failed"

    @property
    def is_bad(self) -> bool:
        """Whether the case speaks against the change."""
        return self is Outcome.FAILED or self is Outcome.ERROR


class Case(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One test case. ``Outcome`` tells how it ended after its last run."""

    name: str  #: e.g. "test_basket_is_empty"
    outcome: Outcome
    classname: str = ""  #: e.g. "tests.test_basket"; "" when the report gives none
    suite: str = ""  #: names of the suites around it, the outermost first, joined by " / "
    file: str | None = None  #: relative to the repository, POSIX; None when the report gives none
    line: int | None = None  #: counted from 1
    seconds: float | None = None  #: None: not told
    message: str = ""  #: why it did not pass, cut where it is long
    is_flaky: bool = False  #: it failed first and passed when it was run again
    reruns: int = 0  #: how often it had failed before the last run

    @property
    def id(self) -> str:
        """Class and name as people write them, e.g. "tests.test_basket.test_basket_is_empty"."""
        return f"{self.classname}.{self.name}" if self.classname else self.name


class Tally(msgspec.Struct, frozen=True):
    """How many of how many are covered."""

    covered: int
    valid: int  #: all that can be covered

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.covered + other.covered, self.valid + other.valid)

    @property
    def percent(self) -> Fraction | None:
        """From 0 to 100, exactly; None when there is nothing to cover."""
        from fractions import Fraction

        return Fraction(100 * self.covered, self.valid) if self.valid else None


NOTHING = Tally(0, 0)


class FileCoverage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The lines of one source file that can be covered, by whether they are."""

    path: str  #: as the report names it, below the checkout where it lies there
    covered: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()
    counted: Tally | None = None  #: where the report counts the lines and does not name them
    branches: Tally | None = None  #: None: the report does not tell
    records: int = 1  #: how many records of the report were joined because they have one path
    group: str = ""  #: the part of the report in which the path is unique, e.g. a module; "" for all of it

    @property
    def lines(self) -> Tally:
        """How many of its lines are covered."""
        return self.counted or Tally(len(self.covered), len(self.covered) + len(self.missed))

    def join(self, other: FileCoverage) -> FileCoverage:
        """The same file of two records or reports: a line is covered when it is so in one of them."""
        covered = self.covered | other.covered
        missed = (self.missed | other.missed) - covered
        counts = [file.counted for file in (self, other) if file.counted]
        # Of lines that are only counted nobody knows which are the same: the better count is the least that is covered.
        counted = max(counts, key=lambda tally: tally.covered) if counts and not (covered or missed) else None
        return FileCoverage(path=self.path, covered=covered, missed=missed, counted=counted)


class Unsure(msgspec.Struct, frozen=True):
    """A path of a report that may mean several files."""

    path: str  #: as the report has it
    candidates: tuple[str, ...]
    records: int = 1  #: how many records of the report have this path: they may be of different files


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What the tests of a run executed, file by file."""

    files: tuple[FileCoverage, ...]
    sources: tuple[str, ...] = ()  #: folders of the report, one of which each of its paths is below
    by_package: bool = False  #: whether its paths begin at the folders of sources, which it does not name
    unsure: tuple[Unsure, ...] = ()  #: paths that keep the words of the report, since they may be several files

    @property
    def lines(self) -> Tally:
        """All files together, counted from their lines."""
        return sum((file.lines for file in self.files), NOTHING)

    @property
    def branches(self) -> Tally | None:
        """All files together; None when no file tells."""
        told = [file.branches for file in self.files if file.branches]
        return sum(told, NOTHING) if told else None
