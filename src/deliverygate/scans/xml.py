"""XML documents as a walk over their elements, in bounded memory; what is dangerous in XML is refused."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from deliverygate.errors import ReportError
from deliverygate.scans.numbers import is_hit, whole
from deliverygate.scans.xml_bounds import LONGEST_PROLOG, Pieces, refuse_long_tokens

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Step: TypeAlias = "tuple[Literal['start', 'end'], Element]"

DEEPEST = 200  #: elements inside each other; no report has a tenth of it

_AGAIN = "run the tool again and keep its whole output"


def walk(document: bytes, *, roots: Container[str], whole: Container[str] = ()) -> Iterator[Step]:
    """Every element twice: at its start with its attributes only, at its end with its text.

    The children of an element are gone by then, unless ``whole`` names it or one around it: so a document of any size
    costs the memory of one branch. Namespaces are taken off the names. Raises ReportError when the document is no XML
    to its end, has none of ``roots`` as its root, is nested too deeply, or declares entities.
    """
    around: list[Element] = []
    kept = 0  # how many of the elements around are wanted whole
    for event, element in _events(document):
        if event == "start":
            element.tag = element.tag.rpartition("}")[2]
            _check_place(element, around, roots)
            around.append(element)
            kept += element.tag in whole
            yield "start", element
            continue
        around.pop()
        kept -= element.tag in whole
        yield "end", element
        if not kept:
            element.clear()
            if around:
                del around[-1][:]


def _check_place(element: Element, around: list[Element], roots: Container[str]) -> None:
    if not around and element.tag not in roots:
        raise ReportError(
            f"is XML with the root {element.tag[:80]!r}, which its format does not know",
            mend="check that it is the report you mean, or correct `format:`",
        )
    if len(around) >= DEEPEST:
        raise ReportError(f"is nested more than {DEEPEST} elements deep, as no report is", mend=_AGAIN)


def _events(document: bytes) -> Iterator[tuple[str, Element]]:
    from xml.etree.ElementTree import ParseError, XMLParser, iterparse

    from defusedxml import DefusedXmlException

    mended = without_controls(document)
    refuse_long_tokens(mended)
    try:
        _refuse_declarations(mended)
        # The encoding that the document declares is the one it had before it became UTF-8.
        yield from iterparse(Pieces(mended), ("start", "end"), XMLParser(encoding="utf-8"))  # noqa: S314  see above
    except ParseError as error:
        raise ReportError(f"is no whole XML document: {error}", mend=_AGAIN) from error
    except DefusedXmlException as error:
        raise ReportError(
            f"declares entities or points outside ({type(error).__name__}), which no report needs and may do harm",
            mend="let the tool write plain XML",
        ) from error


def _refuse_declarations(document: bytes) -> None:
    """Raise DefusedXmlException for entities: XML lets them be declared before its root only, so this stops there.

    The rest is left to the parser of the standard library, which takes half the time.
    """
    from xml.etree.ElementTree import ParseError, TreeBuilder

    from defusedxml.ElementTree import XMLParser, iterparse

    # A prolog longer than that is refused, so a declaration can hide behind no more.
    parser = XMLParser(target=TreeBuilder(), encoding="utf-8")
    try:
        next(iterparse(Pieces(document[:LONGEST_PROLOG]), ("start",), parser), None)
    except ParseError as error:
        if len(document) > LONGEST_PROLOG:
            raise ReportError(f"has no element in its first {LONGEST_PROLOG >> 20} MiB", mend=_AGAIN) from error
        raise


_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_ESCAPED = rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcefBCEF]|1[\da-fA-F]));"
_ESCAPED_CONTROL = re.compile(_ESCAPED)
_COLOUR = re.compile(rb"(?:\x1b|&#(?:0*27|x0*1[bB]);)\[[\d;?]*[A-Za-z]")


def without_controls(document: bytes) -> bytes:
    """The document without colours and the characters that XML 1.0 forbids.

    Test tools copy the output of programs into their reports without a look, which leaves no XML at all.
    """
    if len(document.translate(None, _CONTROLS)) == len(document) and not _ESCAPED_CONTROL.search(document):
        return document
    return _ESCAPED_CONTROL.sub(b"", _COLOUR.sub(b"", document)).translate(None, _CONTROLS)


def whole_number(element: Element, name: str, *, default: int | None = None) -> int:
    """An attribute that counts, from 0 up. Raises ReportError for anything else, and for none without ``default``."""
    written = element.get(name)
    if written is None and default is not None:
        return default
    number = whole(written)
    if number is None:
        raise _no_count(element, name, written)
    return number


def was_hit(element: Element, name: str) -> bool:
    """Whether an attribute that counts executions is above 0. Raises ReportError for anything that is no number."""
    written = element.get(name)
    hit = is_hit(written)
    if hit is None:
        raise _no_count(element, name, written)
    return hit


def _no_count(element: Element, name: str, written: str | None) -> ReportError:
    shown = "has no" if written is None else f"has {written[:40]!r} as its"
    return ReportError(f"is not as its format demands: <{element.tag}> {shown} {name!r}, wanted a count", mend=_AGAIN)
