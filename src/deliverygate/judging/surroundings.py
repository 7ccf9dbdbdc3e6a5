"""The text around a flagged line, as a key that stays when the file is shifted, indented or spaced anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate

NEIGHBOURS = 3  # lines on each side, as analysis-model of Jenkins takes them
KEPT_FILES = 16  # findings are looked at file by file, so few have to be remembered


class Text:
    """A source file without any white space; blank lines are no neighbours, since formatters add and remove them."""

    def __init__(self, text: str) -> None:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._lines = ["".join(line.split()) for line in lines]
        self._written = [line for line in self._lines if line]
        self._before = [0, *accumulate(bool(line) for line in self._lines)]

    def around(self, line: int) -> str:
        """The key of a line, counted from 1; "" when there is none: the file is not the one that was looked at."""
        if not 1 <= line <= len(self._lines):
            return ""
        flagged, first = self._lines[line - 1], self._before[line - 1]
        before = self._written[max(0, first - NEIGHBOURS) : first]
        rest = first + bool(flagged)
        after = self._written[rest : rest + NEIGHBOURS]
        parts = ("\n".join(before), flagged, "\n".join(after))
        return digest("\0".join(parts).encode(errors="replace")) if any(parts) else ""


class Surroundings:
    """What stands around the places of findings. ``peek`` gives a file's text, or None when it cannot be looked at."""

    def __init__(self, peek: Callable[[str], str | None]) -> None:
        self._peek = peek
        self._open = lru_cache(maxsize=KEPT_FILES)(self._read)

    def around(self, path: str, line: int) -> str:
        """The key of a line; "" when its text is not known."""
        text = self._open(path)
        return text.around(line) if text else ""

    def _read(self, path: str) -> Text | None:
        text = self._peek(path)
        return None if text is None else Text(text)


def digest(text: bytes) -> str:
    """16 hexadecimal digits: enough to tell the texts of one rule apart."""
    return sha256(text).hexdigest()[:16]
