"""Paths as tools write them to paths as we keep them: relative to the checkout where they lie in it, and POSIX.

Which file of the repository a path means is found out later, for a whole report at once (``judging.placing``).
"""

from __future__ import annotations

import re
from posixpath import normpath

from deliverygate.model import Location

_DRIVE = re.compile(r"/?[A-Za-z]:/")
_FILE = re.compile(r"file:(?://[^/]*)?(?=/)", re.IGNORECASE)  # the host says nothing: it is the machine of the tool
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def below(path: str, root: str) -> str:
    """``path`` relative to ``root`` when it lies below it; otherwise the same path, tidied and never looked at again.

    A backslash is the separator of Windows, also in a relative path. The root ``/`` means that the checkout is not
    known: then nothing lies below it.
    """
    if not path:
        return ""
    slashed = path.replace("\\", "/") if "\\" in path else path
    if ":" in slashed:
        if found := _FILE.match(slashed):
            slashed = unquoted(slashed[found.end() :])
        elif _ADDRESS.match(slashed):
            return path
        if slashed.startswith("/") and _DRIVE.match(slashed):
            slashed = slashed[1:]
    tidy, base = normpath(slashed), root.rstrip("/")
    return tidy[len(base) + 1 :] if base and tidy.startswith(f"{base}/") else tidy


def unquoted(uri: str) -> str:
    """The text of a URI's path (RFC 3986), without its percent signs."""
    if "%" not in uri:
        return uri
    from urllib.parse import unquote

    return unquote(uri)


def locate(
    path: str | None, root: str, *, line: int | None = None, column: int | None = None, end_line: int | None = None
) -> Location | None:
    """A place in a file; None without a path. A count that is not above zero says that the tool does not know it."""
    return Location(below(path, root), _known(line), _known(column), _known(end_line)) if path else None


def _known(count: int | None) -> int | None:
    return count if count and count > 0 else None
