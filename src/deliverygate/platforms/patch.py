"""A patch without context, as ``git diff --unified=0`` writes it, to the lines that are new in each file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from deliverygate.change import Spans
from deliverygate.conversions import readable, whole
from deliverygate.errors import ReportError
from deliverygate.platforms.counting import POINTER, is_odd

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_TEXT_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def new_lines(patch: bytes) -> dict[str, Spans]:
    """First and last line of every stretch that was added or changed, by the path after the change.

    Only files whose content git shows are in it: none that was deleted, or that git takes for binary. Raises
    ReportError for what is no such patch.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    path: str | None = None
    lines = iter(BytesIO(patch))
    for line in lines:
        if line.startswith(b"diff --git "):
            path = None
        elif line.startswith(b"+++ "):
            path = _path(line[4:])
        elif hunk := _HUNK.match(line):
            removed, start, added = (_count(number) for number in hunk.groups())
            _skip(lines, removed + added)
            if path is not None:
                found.setdefault(path, []).extend([(start, start + added - 1)] if added else [])
    return {path: tuple(spans) for path, spans in found.items()}


def _skip(lines: Iterator[bytes], count: int) -> None:
    """Pass over the lines of a hunk, whatever they look like: a line of code may well begin with ``++ b/``."""
    while count:
        line = next(lines, b"")
        if line[:1] not in {b"+", b"-", b"\\"}:
            raise ReportError(
                "git's patch is not as it was asked for", where="git", mend="run `git diff` here and see what it says"
            )
        count -= line[:1] != b"\\"  # "\ No newline at end of file"


def _count(written: bytes | None) -> int:
    """A number of lines; one where git leaves it out."""
    return 1 if written is None else whole(readable(written)) or 0


def _path(name: bytes) -> str | None:
    """The path behind ``+++``: quoted as in C where it is odd, with a tab behind it where it has a space."""
    bare = name.rstrip(b"\n").removesuffix(b"\t")
    if bare.startswith(b'"'):
        bare = _ESCAPE.sub(_unescape, bare[1:-1])
    return readable(bare[2:]) if bare.startswith(b"b/") else None


def _unescape(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) & 255]) if found[1].isdigit() else _LETTERS.get(found[1], found[1])


def added_lines(patch: str) -> Spans | None:
    """The same for the patch of one file, with context around its hunks, as APIs give it.

    None where nobody can rely on it: it is cut, or tools number the lines of such a file otherwise than git.
    """
    if is_odd(patch) or readable(POINTER) in patch:
        return None
    found: list[tuple[int, int]] = []
    number = old = new = 0  # the next line, and how many of a hunk's lines are still to come
    for line in _body(patch):
        if line.startswith("\\"):  # "\ No newline at end of file"
            continue
        if not (old or new):
            hunk = _TEXT_HUNK.match(line)
            counts = [count for each in (hunk.groups() if hunk else ()) if (count := whole(each or "1")) is not None]
            if len(counts) < 3:
                return None
            old, number, new = counts
            continue
        old -= not line.startswith("+")
        new -= not line.startswith("-")
        if line.startswith("+"):
            joins = bool(found) and found[-1][1] == number - 1
            found.append((found.pop()[0] if joins else number, number))
        number += not line.startswith("-")
    return None if old or new else tuple(found)


def _body(patch: str) -> list[str]:
    """The lines from the first hunk on; servers differ in whether they name the two files before it."""
    lines = patch.removesuffix("\n").split("\n") if patch else []
    return lines[2:] if patch.startswith("--- ") and lines[1:2] and lines[1].startswith("+++ ") else lines
