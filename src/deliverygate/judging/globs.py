"""Patterns over paths: ``*`` and ``?`` stay inside a folder, ``**`` crosses folders, ``[...]`` is a set of characters.

The semantics are those of gitignore and of most CI systems, and the same wherever deliverygate takes a pattern: over
findings, over the files of the checkout and over those of a commit. ``pathlib`` knows ``**`` in the last place only
from Python 3.13 on, and ``fnmatch`` lets ``*`` cross folders.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Literal

#: What a folder holds: a name, and whether that is a file, a folder, or a link to a folder. A link to a file, and one
#: that leads nowhere, is a file: whoever reads it is told what is wrong with it.
Kind = Literal["file", "folder", "link"]
Listing = Callable[[str], Iterable[tuple[str, Kind]]]

_PIECE = re.compile(r"\*+|\?|\[[!^]?\]?[^\]]*\]|[^*?\[]+|\[")


def matches(pattern: str, path: str) -> bool:
    """Whether a whole relative POSIX path fits ``pattern``; ``legacy/**`` fits everything below ``legacy``."""
    return _compiled(pattern).fullmatch(path) is not None


def fault(pattern: str) -> str | None:
    """What keeps ``pattern`` from ever fitting a path of a repository, with the cure; None when nothing does."""
    if not pattern.strip():
        return "the pattern is empty; write one such as src/**"
    if "\\" in pattern:
        return f"{pattern!r} holds a backslash; separate folders with /"
    if pattern.startswith(("/", "./")) or ".." in pattern.split("/"):
        return f"{pattern!r} is not relative to the repository; write it without a leading / or ./ and without .."
    if pattern.endswith("/"):
        return f"{pattern!r} names a folder; write {pattern + '**'!r} for what lies in it"
    try:
        _compiled(pattern)
    except re.error as error:
        return f"{pattern!r} is not a pattern ({error.msg}); write sets as [abc] or [a-z]"
    return None


def expand(pattern: str, listing: Listing) -> tuple[str, ...]:
    """The files that ``pattern`` names, sorted; ``listing`` tells what is in a folder ("" is the top).

    A link to a folder is followed where the pattern names it, and never by ``**``: it may lead in a circle.
    """
    return tuple(sorted(set(_walk("", pattern.split("/"), listing))))


def _walk(folder: str, segments: list[str], listing: Listing) -> Iterator[str]:
    first, *rest = segments
    crosses = first == "**"
    if crosses and rest:
        yield from _walk(folder, rest, listing)
    for name, kind in listing(folder):
        path = f"{folder}{name}"
        if kind == "file":
            if not rest and (crosses or matches(first, name)):
                yield path
        elif crosses:
            if kind == "folder":
                yield from _walk(f"{path}/", segments, listing)
        elif rest and matches(first, name):
            yield from _walk(f"{path}/", rest, listing)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Never in doubt: what stands between two stars is taken where it fits first, and not tried elsewhere again.

    That is where it leaves the most for the next star, so nothing is missed; the time stays in proportion to the path.
    """
    *folders, last = pattern.split("/")
    runs: list[list[str]] = [[]]  # of folders between those that are ``**``
    for folder in folders:
        runs.append([]) if folder == "**" else runs[-1].append(f"{_translate(folder)}/")
    first, *others = map("".join, runs)
    end = ".+" if last == "**" else _translate(last)
    if not others:
        return re.compile(first + end, re.DOTALL)
    between = "".join(f"(?>(?:[^/]+/)*?{each})" for each in others[:-1])
    return re.compile(f"{first}{between}(?:[^/]+/)*{others[-1]}{end}", re.DOTALL)


def _translate(segment: str) -> str:
    runs: list[list[str]] = [[]]  # of pieces between stars
    for piece in _PIECE.findall(segment):
        runs.append([]) if piece[0] == "*" else runs[-1].append(_piece(piece))
    first, *others = map("".join, runs)
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{each})" for each in others[:-1]) + f"[^/]*{others[-1]}"


def _piece(piece: str) -> str:
    if piece == "?":
        return "[^/]"
    return _character_set(piece[1:-1]) if len(piece) > 2 and piece[0] == "[" else re.escape(piece)


def _character_set(inside: str) -> str:
    negated = inside[0] in "!^" and len(inside) > 1
    members = re.sub(r"[^-]|-(?=-)", lambda found: re.escape(found[0]), inside[1:] if negated else inside)
    return f"(?!/)[{'^' if negated else ''}{members}]"
