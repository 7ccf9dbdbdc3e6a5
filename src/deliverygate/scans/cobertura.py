"""Cobertura XML to Scan. https://github.com/cobertura/web/blob/master/htdocs/xml/coverage-04.dtd"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from posixpath import isabs, join
from typing import TYPE_CHECKING

from deliverygate.evidence import Tally
from deliverygate.model import Scan
from deliverygate.scans.lines import Lines, make_scan
from deliverygate.scans.numbers import LONGEST, whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import read_epoch, read_time
from deliverygate.scans.xml import walk, was_hit, whole_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIGN = re.compile(r"<coverage\b[^>]*\s(?:line-rate|branch-rate|lines-valid)\s*=|<(?:sources|packages)\b")
_CONDITION = re.compile(rf"\(([0-9]{{1,{LONGEST}}})/([0-9]{{1,{LONGEST}}})\)")


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and "coverage" in outline.keys and bool(_SIGN.search(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """Lines are counted one by one and by file: a file may hold many classes, and totals may be of another run."""
    files: dict[str, Lines] = defaultdict(Lines)
    sources: list[str] = []
    steps = walk(document, roots={"coverage"}, whole={"class"})
    head = next(steps)[1]
    promised, made_at = _totals(head), _made_at(head)  # of an element that is emptied later
    for event, element in steps:
        if event == "end" and element.tag == "source":
            sources.append((element.text or "").strip())
        elif event == "end" and element.tag == "class" and element.get("filename"):
            _gather(element, files[_path(element.get("filename", ""), sources, root)])
    return make_scan(
        files,
        tool="Cobertura",
        version=None,
        format="cobertura",
        promised=promised,
        sources=_folders(sources, root),
        created_at=made_at,
    )


def _made_at(head: Element) -> datetime | None:
    written = head.get("timestamp")
    return read_epoch(written) or read_time(written)


def _totals(head: Element) -> Tally | None:
    """Some writers give only rates, which say nothing that the lines do not."""
    if head.get("lines-valid") is None:
        return None
    return Tally(whole_number(head, "lines-covered", default=0), whole_number(head, "lines-valid"))


def _gather(of_class: Element, lines: Lines) -> None:
    """The lines of the class; those of its methods are among them, or, from istanbul, no lines of code at all."""
    for line in of_class.findall("lines/line") or of_class.iter("line"):
        number = whole_number(line, "number")
        lines.add(number, is_hit=was_hit(line, "hits"))
        if found := _CONDITION.search(line.get("condition-coverage", "")):
            covered, valid = (whole(each) or 0 for each in found.groups())
            lines.add_branches(number, Tally(min(covered, valid), valid))


def _path(name: str, sources: Sequence[str], root: str) -> str:
    """The file name, behind the only source where that lies in the checkout."""
    whole = below(join(sources[0], name), root) if len(sources) == 1 else ""
    return below(name, root) if not whole or isabs(whole) else whole


def _folders(sources: Sequence[str], root: str) -> tuple[str, ...]:
    """The folders that file names are relative to, each to one of them, which one is not said."""
    named = (below(source, root) for source in sources if source)
    return tuple(dict.fromkeys("." if folder == root.rstrip("/") else folder for folder in named))


reader = Reader(name="cobertura", summary="Cobertura XML", recognises=recognise, read=read)
