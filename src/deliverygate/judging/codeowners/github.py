"""GitHub's CODEOWNERS: patterns as in gitignore, the last that fits decides. docs.github.com, "About code owners"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deliverygate.judging.codeowners.file import CodeOwners, Entry, Fault, Section, lines
from deliverygate.judging.codeowners.fnmatch import ANY, close

LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
LARGEST = 3 * 1024 * 1024  #: bytes; a file that is no smaller is not loaded

_COMMENT = re.compile(r"(?<!\\)\s#", re.ASCII)
_WORD = re.compile(r"(?:\\.|\S)+", re.ASCII)
_OWNER = re.compile(r"@[a-z0-9][a-z0-9_-]*(?:/[a-z0-9_.-]+)?|[^\s@]+@[^\s@]+\.[^\s@.,;]+", re.ASCII | re.IGNORECASE)
_PIECE = re.compile(r"\\.|\*+|\?|[^\\*?]+|\\", re.DOTALL)


def read(text: str) -> CodeOwners:
    """Raises nothing: a line that cannot be followed is a fault."""
    section = Section("")
    faults: list[Fault] = []
    for number, line in lines(text):
        entry = _entry(line, number)
        if isinstance(entry, Fault):
            faults.append(entry)
        else:
            section.add(str(number), entry)
    return CodeOwners((section,), faults)


def _entry(line: str, number: int) -> Entry | Fault:
    pattern, *owners = _WORD.findall(_COMMENT.split(line, maxsplit=1)[0])
    if pattern.startswith(("!", "\\#")) or "[" in pattern:
        return Fault(number, f"{pattern!r} uses !, [...] or \\#, which GitHub does not read in this file")
    if wrong := next((word for word in owners if not _OWNER.fullmatch(word)), None):
        return Fault(number, f"{wrong!r} is neither @user, @organisation/team nor an e-mail address")
    return Entry(pattern, tuple(owners), number, tuple(_expressions(pattern)))


def _expressions(pattern: str) -> Iterator[re.Pattern[str]]:
    """As gitignore: a bare name fits at any depth, and a folder's name everything in it; but ``docs/*`` no deeper."""
    body = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    expression = _translate(body) if anchored else f"(?:[^/]+/)*{_translate(body)}"
    if body and not pattern.endswith("/"):
        yield re.compile(expression, re.DOTALL)
    if body and not pattern.endswith("/*"):
        yield re.compile(f"{expression}/.+", re.DOTALL)


def _translate(body: str) -> str:
    *folders, last = body.split("/")
    head = "".join("(?:[^/]+/)*" if folder == "**" else f"{_segment(folder)}/" for folder in folders)
    return head + (".+" if last == "**" else _segment(last))


def _segment(segment: str) -> str:
    if segment == "*":
        return "[^/]+"
    parts: list[str] = []
    for piece in _PIECE.findall(segment):
        if piece[0] == "*":
            parts = [*close(parts), ANY]
        else:
            parts.append("[^/]" if piece == "?" else re.escape(_plain(piece)))
    return "".join(parts)


def _plain(piece: str) -> str:
    return piece[1:] if piece.startswith("\\") and len(piece) > 1 else piece
