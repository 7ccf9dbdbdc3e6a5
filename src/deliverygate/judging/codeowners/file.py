"""A whole CODEOWNERS file, ready to be asked about a path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

Dialect = Literal["github", "gitlab"]

SPACE = " \t\r\f\v\0"  # what both platforms strip; a blank of Unicode is a letter of the path


class Ownership(NamedTuple):
    """Who of one section answers for a path."""

    owners: tuple[str, ...]  #: "@alice", "@group/team", "@@maintainer" (a role), "a@example.com"; none: nobody has to
    section: str = ""  #: as it is written; "" for what stands in none
    approvals: int = 1  #: how many owners must approve; 0: the section is optional
    pattern: str = ""
    line: int = 0


class Fault(NamedTuple):
    """A line that the platform passes over, in whole or in part."""

    line: int
    what: str


class Entry(NamedTuple):
    """A pattern, and who answers for what it fits."""

    pattern: str
    owners: tuple[str, ...]
    line: int
    fitting: tuple[re.Pattern[str], ...]  #: one of them has to fit the whole path
    frees: bool = False

    def fits(self, path: str) -> bool:
        return any(each.fullmatch(path) for each in self.fitting)


class Section:
    """Entries that are judged together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.approvals: list[int] = []  # one a heading: 0 where it is optional
        self._entries: dict[str, Entry] = {}

    def add(self, key: str, entry: Entry) -> None:
        """An entry of the same key takes the place, and the rank, of the one that was there."""
        self._entries[key] = entry

    def of(self, path: str) -> Ownership | None:
        fitting = [entry for entry in self._entries.values() if entry.fits(path)]
        if not fitting or any(entry.frees for entry in fitting):
            return None
        last = fitting[-1]
        return Ownership(last.owners, self.name, max(self.approvals, default=1), last.pattern, last.line)


class CodeOwners:
    """All sections of a file."""

    def __init__(self, sections: Iterable[Section], faults: Iterable[Fault]) -> None:
        self._sections = tuple(sections)
        self.faults = tuple(faults)

    def of(self, path: str) -> tuple[Ownership, ...]:
        """Who answers for a path, one entry a section; empty when no pattern fits. GitHub has one section."""
        return tuple(found for section in self._sections if (found := section.of(path)))


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers. Only a line feed ends a line, and its ends are stripped."""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(SPACE)
        if stripped and not stripped.startswith("#"):
            yield number, stripped
