"""The files of a commit or of git's index, found by their last name in whatever spelling a report has for it."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


class Spelled(NamedTuple):
    """A path of git as a report may write it."""

    parts: tuple[str, ...]  #: folded, for comparing
    path: str  #: as git has it
    read: str  #: the same, or what it looks like once separators of Windows and percent signs are read

    @property
    def is_plain(self) -> bool:
        """Whether it reads as it is."""
        return self.path == self.read


@dataclass(frozen=True)
class Tree:
    """Paths are relative to the workspace, POSIX."""

    files: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)  #: symbolic links, with the object that holds their target
    modules: frozenset[str] = frozenset()  #: folders of submodules, whose files belong to another repository

    def has(self, path: str) -> bool:
        """Whether a commit holds the file, in this repository or in a submodule."""
        return path in self.files or self.module_of(path) is not None

    def module_of(self, path: str) -> str | None:
        """The submodule that a path lies in."""
        return next((each for each in self.modules if path.startswith(f"{each}/")), None)

    @cached_property
    def named(self) -> Mapping[str, Sequence[Spelled]]:
        """The files by the folded last part of their path."""
        return _by_last(self.files)

    @cached_property
    def _by_two(self) -> Mapping[tuple[str, ...], Sequence[Spelled]]:
        """The files by the folded last two parts of their path; those at the top by the only one."""
        found: dict[tuple[str, ...], list[Spelled]] = defaultdict(list)
        for each in self.named.values():
            for spelled in each:
                found[spelled.parts[-2:]].append(spelled)
        return found

    def namesakes(self, parts: tuple[str, ...]) -> Sequence[Spelled]:
        """The files whose path may end as this one does, or the other way round."""
        if len(parts) < 2:
            return self.named.get(parts[-1], ())
        return (*self._by_two.get(parts[-2:], ()), *self._by_two.get(parts[-1:], ()))

    @cached_property
    def linked(self) -> Mapping[str, Sequence[Spelled]]:
        """The symbolic links by the folded last part of their path."""
        return _by_last(self.links)


def fold(text: str) -> str:
    """Equal for what a file system may take for the same name: letter case and the forms of accents left aside."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def split(path: str) -> tuple[str, ...]:
    """The folded parts of a path. An absolute one begins with an empty part."""
    return tuple(fold(path).split("/"))


def _by_last(paths: frozenset[str] | Mapping[str, str]) -> Mapping[str, Sequence[Spelled]]:
    found: dict[str, list[Spelled]] = defaultdict(list)
    for path in sorted(paths):
        for spelled in _spellings(path):
            found[spelled.parts[-1]].append(spelled)
    return found


def _spellings(path: str) -> Iterator[Spelled]:
    """The path, and what a reader makes of it that takes it for one of Windows, or for a percent-encoded one."""
    yield Spelled(split(path), path, path)
    if "\\" in path or "%" in path or path != path.strip():
        from urllib.parse import unquote

        others = {path.replace("\\", "/"), unquote(path), unquote(path.replace("\\", "/")), path.strip()} - {path}
        yield from (Spelled(split(other), path, other) for other in sorted(others) if other)
