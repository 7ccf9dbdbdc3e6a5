"""Documents as they arrive: any bytes in, UTF-8 and typed values out, every fault a ReportError with its place."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from deliverygate.errors import ReportError
from deliverygate.scans.numbers import fits_double
from deliverygate.scans.reader import Outline

T = TypeVar("T")

_AGAIN = "run the tool again and keep its whole output"
_HEAD = 4096
_CHUNK = 1 << 20

_MARKS = {codecs.BOM_UTF8: "UTF-8", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def as_utf8(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The document as UTF-8 without byte order mark, and what there is to say about how it came.

    PowerShell's ``>`` writes UTF-16 with a mark, and many Windows tools UTF-8 with one: both are read. Raises
    ReportError for an empty document and for any other encoding.
    """
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    document = _recode(data, _MARKS[mark]) if mark else data
    if not document or document.isspace():
        raise ReportError(
            f"is empty ({len(data)} bytes)", mend="check that the tool ran to its end; an empty report proves nothing"
        )
    if b"\0" in document[:_HEAD]:
        raise ReportError(
            f"is no text: byte {document.index(0)} is NUL, as in a binary file or in UTF-16 without a byte order mark",
            mend="write the report as UTF-8",
        )
    _require_utf8(document)
    return document, ((f"The report is {_MARKS[mark]} with a byte order mark.",) if mark else ())


def _recode(data: bytes, encoding: str) -> bytes:
    if encoding == "UTF-8":
        return data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise _not_text(encoding, error.reason, error.start) from error


def _require_utf8(document: bytes) -> None:
    """Piece by piece: the text of a big report as a whole would cost up to four times its size."""
    if document.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(document), _CHUNK):
        chunk, waiting = document[start : start + _CHUNK], len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(document))
        except UnicodeDecodeError as error:
            raise _not_text("UTF-8", error.reason, start - waiting + error.start) from error


def _not_text(encoding: str, reason: str, byte: int) -> ReportError:
    return ReportError(f"is not {encoding}: {reason} (byte {byte})", mend="write the report as UTF-8")


# Atomic and possessive, so that no prolog, however long, makes it go back and forth.
_ROOT_TAG = re.compile(
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)", re.DOTALL
)
_SCALAR = re.compile(r'\s*(?:null|true|false|-?\d[\d.eE+-]*|"[^\n]*")\s*\Z')


def make_outline(document: bytes) -> Outline:
    """What the document looks like from outside. Raises ReportError for JSON that breaks off or is malformed."""
    text = document[:_HEAD].decode(errors="replace")
    first = text.lstrip()[:1]
    if first == "{" and (beginning := _LOG.match(text)):
        return Outline("object", keys=frozenset(_KEY.findall(beginning[0])), text=text)
    if first == "{":
        line = _first_of_lines(document)
        return Outline("lines" if line else "object", keys=frozenset(_keys(line or document)), text=text)
    if first == "[":
        return _outline_of_list(decode(document, list[msgspec.Raw]), text)
    if first == "<":
        tag = _ROOT_TAG.match(text)
        return Outline("xml", keys=frozenset(tag.groups() if tag else ()), text=text)
    return Outline("scalar" if _SCALAR.match(text) else "text", text=text)


# A log of SARIF tells what it is before the first of its runs. It may be the biggest of all reports, and whoever reads
# it walks over it anyway: its keys are not worth a walk of their own.
_LOG = re.compile(r'\s*+\{\s*+(?:"(?:\$schema|version)"\s*+:\s*+"[^"\\]*+"\s*+,\s*+)*+"runs"\s*+:\s*+\[')
_KEY = re.compile(r'"([^"]+)"\s*:')


def _first_of_lines(document: bytes) -> bytes:
    """The first line of JSON lines: an object for itself, with another one in the line after it. Else nothing."""
    start = len(document) - len(document.lstrip())
    end = document.find(b"\n", start)
    line = document[start:end].rstrip() if 0 < end < len(document) - 1 else b""
    return line if line.endswith(b"}") and document[end : end + _HEAD].lstrip().startswith(b"{") else b""


def _outline_of_list(members: list[msgspec.Raw], text: str) -> Outline:
    first = next((member for member in members if bytes(memoryview(member)[:1]) == b"{"), None)
    return Outline("list", keys=frozenset(_keys(first) if first else ()), size=len(members), text=text)


def _keys(document: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    return decode(document, dict[str, msgspec.Raw])


def describe(outline: Outline) -> str:
    """The outline in words, for people."""
    if outline.kind == "list" and not outline.size:
        return "an empty JSON list, which does not say that anything was looked at"
    shown = sorted(repr(key[:40]) for key in outline.keys)
    names = ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")
    return _KINDS[outline.kind].format(size=outline.size, names=names or "(none)")


_KINDS = {
    "object": "a JSON object with the keys {names}",
    "list": "a JSON list of {size}, the first object with the keys {names}",
    "lines": "JSON lines, the first with the keys {names}",
    "scalar": "a single JSON value",
    "xml": "XML with the root {names}",
    "text": "plain text",
}


def decode(document: bytes | msgspec.Raw, type: type[T], *, place: str = "$") -> T:  # noqa: A002
    """JSON to a type. Raises ReportError when it is no JSON or of another kind than wanted.

    ``place`` is the JSON path of a document that is itself a part of another.
    """
    try:
        return msgspec.json.decode(document, type=type)
    except msgspec.ValidationError as error:
        what = str(error).replace("`$", f"`{place}")
        raise ReportError(f"is not as its format demands: {what}{_at(place, what)}", mend=_AGAIN) from error
    except msgspec.DecodeError as error:
        size = len(memoryview(document))
        what = f"is no whole JSON document: {error}, {size} bytes in all"
        raise ReportError(what + _at(place, what), mend=_AGAIN) from error
    except UnicodeDecodeError as error:
        raise ReportError(f"holds text that is not UTF-8: {error.reason}", mend="write the report as UTF-8") from error
    except RecursionError as error:
        raise ReportError("is nested too deeply to be a report", mend=_AGAIN) from error


def decode_lines(document: bytes, type: type[T]) -> Iterator[T]:  # noqa: A002
    """JSON lines to a type, one by one; blank lines are none. Raises ReportError that names the line."""
    for number, line in enumerate(document.splitlines(), start=1):
        if line.strip():
            member = decode(line, type, place=f"line {number}")
            require_unique_keys(line)
            yield member


def decode_each(members: list[msgspec.Raw], type: type[T], *, place: str) -> Iterator[T]:  # noqa: A002
    """The members of a long list one by one, so that all of them never lie in memory at once."""
    decoder = msgspec.json.Decoder(type)
    for index, member in enumerate(members):
        try:
            decoded = decoder.decode(member)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            decoded = decode(member, type, place=f"{place}[{index}]")  # says what is wrong, and where
        yield decoded


def _at(place: str, what: str) -> str:
    return f" - at `{place}`" if place != "$" and place not in what else ""


def require_unique_keys(document: bytes, *, decoded: Mapping[str, int] | None = None) -> None:
    """Raise ReportError when an object anywhere in the JSON document names a key twice.

    ``decoded`` spares a document of more than ``EXACT_BYTES`` the exact check: it says how often each key that
    carries evidence came out of the decoder, and a key that is written no oftener than that was not repeated.
    """
    # msgspec, as most decoders, takes the last of two equal keys and says nothing: `"results": [...]` and further
    # down `"results": []` would be a clean report here and a bad one in the tool that shows it to people.
    if decoded is not None and len(document) > EXACT_BYTES and not _may_repeat(document, decoded):
        return
    try:
        json.loads(document.decode(), object_pairs_hook=_refuse_repeats, parse_int=_ignore, parse_float=_finite)
    except ValueError as error:
        raise ReportError(f"is no whole JSON document: {error}", mend=_AGAIN) from error
    except RecursionError as error:
        raise ReportError("is nested too deeply to be a report", mend=_AGAIN) from error


EXACT_BYTES = 8 * 1024 * 1024  #: up to this size every key is looked at; it takes a tenth of a second


def _may_repeat(document: bytes, decoded: Mapping[str, int]) -> bool:
    """Sound for the keys given: a repeat is written oftener than decoded, or with an escape, which is then found.

    A wrong suspicion (the word also stands as a value, or as a key elsewhere) costs time only.
    """
    if any(document.count(f'"{key}"'.encode()) > count for key, count in decoded.items()):
        return True
    # Most documents have not a single backslash, and one byte is found ten times as fast as four.
    return b"\\" in document and b"\\u00" in document and bool(_ESCAPED_LETTER.search(document))


# A letter, digit or underscore written as an escape: to a decoder "resul\u0074s" is the key "results".
_ESCAPED_LETTER = re.compile(rb"\\u00(?:3\d|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])")


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> None:
    """Keeps nothing, so that the check of a big document costs no memory."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        name = next(name for place, name in enumerate(names) if name in names[:place])
        raise ReportError(
            f"names the key {name[:80]!r} twice in one object, so it has two meanings",
            mend="mend the tool that wrote it",
        )


def _ignore(_: str) -> None:
    """Numbers of any length cost nothing where nobody asks for them."""


def _finite(written: str) -> None:
    if not fits_double(written):
        raise ValueError(f"the number {written[:20]} is too big")
