"""What a parser of XML would spend too much time on: bytes in, nothing or a ReportError out.

A parser that is fed piece by piece looks at a tag, a comment or an instruction anew with each piece until it is whole
(expat before 2.6, which Python 3.11 brings): an attribute of some hundred megabytes would take hours.
"""

from __future__ import annotations

import re

from deliverygate.errors import ReportError

LONGEST_TAG = 16 << 20  #: bytes, with all attributes
LONGEST_COMMENT = 1 << 20  #: bytes of a comment or an instruction
LONGEST_PROLOG = 1 << 20  #: bytes before the root
FIRST_CHUNK, LAST_CHUNK = 1 << 14, 1 << 20  #: bytes that the parser is given at once: more inside of a long tag or text

_BLOCK = LONGEST_TAG // 2  # whatever is too long holds one such block of its own
_TAG = re.compile(rb"""<(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ENDS = {b"<!--": b"-->", b"<?": b"?>"}


def refuse_long_tokens(document: bytes) -> None:
    """Raise ReportError for a tag of more than ``LONGEST_TAG`` bytes, a comment of more than ``LONGEST_COMMENT``."""
    if len(document) > LONGEST_COMMENT:
        for opening, closing in _ENDS.items():
            _refuse_long_spans(document, opening, closing)
    if len(document) > LONGEST_TAG:
        _refuse_long_tags(document)


def _refuse_long_spans(document: bytes, opening: bytes, closing: bytes) -> None:
    start = document.find(opening)
    while start >= 0:
        end = document.find(closing, start + len(opening))
        if (end if end >= 0 else len(document)) - start > LONGEST_COMMENT:
            raise _too_long("comment or instruction", LONGEST_COMMENT, start)
        start = document.find(opening, end) if end >= 0 else -1


def _refuse_long_tags(document: bytes) -> None:
    """No attribute holds ``<``, so a long tag leaves a block without one; long text does, too, and is no tag."""
    block = 0
    while block < len(document):
        found = document.rfind(b"<", block, block + _BLOCK)
        if found < 0:
            start = document.rfind(b"<", 0, block)
            tag = _TAG.match(document, max(start, 0))
            is_long = (tag.end() if tag else len(document)) - start > LONGEST_TAG
            if start >= 0 and is_long and not _is_in_text(document, start):
                raise _too_long("tag", LONGEST_TAG, start)
            found = document.find(b"<", block)
            if found < 0:
                return
        block = max(found + 1, block + 1)


def _is_in_text(document: bytes, place: int) -> bool:
    """Whether a ``<`` stands in a section where it means nothing, or begins one."""
    section = document.rfind(b"<![CDATA[", 0, place + 9)
    return section >= 0 and document.find(b"]]>", section, place) < 0


def _too_long(what: str, limit: int, start: int) -> ReportError:
    return ReportError(
        f"holds a {what} of more than {limit >> 20} MiB (byte {start}), as no report does",
        mend="let the tool write long output as text inside an element, or leave it out",
    )


class Pieces:
    """A document for a parser that reads from files: in pieces of a size that costs neither time nor memory."""

    def __init__(self, document: bytes) -> None:
        self.document = document
        self.place = 0
        self.size = FIRST_CHUNK
        self.is_inside = False  # whether the last piece began no tag: then it is part of a long one, or of text

    def read(self, _: int = -1) -> bytes:
        self.size = min(2 * self.size, LAST_CHUNK) if self.is_inside else FIRST_CHUNK
        piece = self.document[self.place : self.place + self.size]
        self.place += len(piece)
        self.is_inside = b"<" not in piece
        return piece
