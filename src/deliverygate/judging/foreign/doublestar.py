"""Patterns of Go's doublestar, which Trivy and Grype match paths with, to globs. https://github.com/bmatcuk/doublestar

Ours know all of it that can fit a file, but for alternatives in braces.
"""

from __future__ import annotations

import re

from deliverygate.judging import globs

MOST = 256  #: globs that one pattern may become; more of them are written by nobody

_PIECE = re.compile(r"\[[!^]?\]?[^\]]*\]|[{},]|[^\[{},]+|\[")


def to_globs(pattern: str) -> tuple[str, ...]:
    """All globs of which one must fit. Raises ValueError, with the reason, for what cannot be followed exactly."""
    if "\\" in pattern:
        raise ValueError(f"{pattern!r} holds a backslash")
    found = _alternatives(_PIECE.findall(pattern), pattern)
    for each in found:
        if why := globs.fault(each):
            raise ValueError(why.partition("; ")[0])
    return tuple(dict.fromkeys(found))


def _alternatives(pieces: list[str], pattern: str) -> list[str]:
    """Every text that the braces allow, read from left to right: what is open waits on the stack."""
    stack: list[tuple[list[str], list[str]]] = []  # what stood before the brace, and the alternatives closed so far
    here = [""]
    for piece in pieces:
        if piece == "{":
            stack.append((here, []))
            here = [""]
        elif piece == "," and stack:
            stack[-1][1].extend(here)
            here = [""]
        elif piece == "}":
            if not stack:
                raise ValueError(f"{pattern!r} closes a brace that it did not open")
            before, closed = stack.pop()
            here = _joined(before, [*closed, *here], pattern)
        else:
            here = [text + piece for text in here]
    if stack:
        raise ValueError(f"{pattern!r} does not close a brace")
    return here


def _joined(before: list[str], after: list[str], pattern: str) -> list[str]:
    if len(before) * len(after) > MOST:
        raise ValueError(f"{pattern!r} has more than {MOST} alternatives")
    return [one + other for one in before for other in after]
