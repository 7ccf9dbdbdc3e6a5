"""A text as it reads once something in it is decoded or left out, and where each part of it stands in the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Span = tuple[int, int]


class View:
    """``text``, made from ``parent`` piece by piece; the original itself has no parent.

    A piece begins at ``starts[i]`` here and at ``sources[i]`` in the parent. It is a copy where ``is_copy[i]``; else it
    stands for the whole token there, so that a part of it means all of the token.
    """

    __slots__ = ("is_copy", "parent", "sources", "starts", "text")

    def __init__(
        self, text: str, parent: View | None = None, starts: Sequence[int] = (), sources: Sequence[int] = (),
        is_copy: Sequence[bool] = (),
    ) -> None:  # fmt: skip
        self.text = text
        self.parent = parent
        self.starts = starts
        self.sources = sources
        self.is_copy = is_copy

    def original(self, span: Span) -> Span:
        """Where in the original a part of this text stands."""
        view, (start, end) = self, span
        while view.parent is not None:
            start, end = view._in_parent(start, end)
            view = view.parent
        return start, end

    def _in_parent(self, start: int, end: int) -> Span:
        first = bisect_right(self.starts, start) - 1
        begin = self.sources[first] + (start - self.starts[first] if self.is_copy[first] else 0)
        last = bisect_right(self.starts, end - 1) - 1
        if self.is_copy[last]:
            return begin, self.sources[last] + end - self.starts[last]
        assert self.parent is not None  # noqa: S101
        following = self.sources[last + 1] if last + 1 < len(self.sources) else len(self.parent.text)
        return begin, following


def rewrite(view: View, pattern: Any, replace: Callable[[re.Match[str]], str | None]) -> View:
    """The view in which ``replace`` says what a match reads as; None: as it stands. The same view when none changes."""
    text, parts = view.text, list[str]()
    starts, sources, is_copy = list[int](), list[int](), list[bool]()
    written = read = 0

    def add(part: str, source: int, *, copied: bool) -> None:
        nonlocal written
        parts.append(part)
        starts.append(written)
        sources.append(source)
        is_copy.append(copied)
        written += len(part)

    for found in pattern.finditer(text):
        new = replace(found)
        if new is None:
            continue
        if found.start() > read:
            add(text[read : found.start()], read, copied=True)
        add(new, found.start(), copied=False)
        read = found.end()
    if not parts:
        return view
    add(text[read:], read, copied=True)
    return View("".join(parts), view, starts, sources, is_copy)


def join(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap or touch as one."""
    joined = list[Span]()
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
