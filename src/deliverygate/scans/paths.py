"""Paths as tools write them to paths as we keep them: relative to the checkout where they lie in it, and POSIX."""

from __future__ import annotations

import re
from posixpath import normpath

from deliverygate.model import Location

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def below(path: str, root: str) -> str:
    """``path`` relative to ``root`` when it lies below it; otherwise the same path, tidied and never looked at again.

    The root ``/`` means that the checkout is not known: then nothing lies below it.
    """
    tidy = normpath(path.replace("\\", "/") if _WINDOWS.match(path) else path) if path else ""
    base = root.rstrip("/")
    return tidy[len(base) + 1 :] if base and tidy.startswith(f"{base}/") else tidy


def locate(
    path: str | None, root: str, *, line: int | None = None, column: int | None = None, end_line: int | None = None
) -> Location | None:
    """A place in a file; None without a path. A count that is not above zero says that the tool does not know it."""
    return Location(below(path, root), _known(line), _known(column), _known(end_line)) if path else None


def _known(count: int | None) -> int | None:
    return count if count and count > 0 else None
