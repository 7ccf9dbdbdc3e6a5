"""Clover XML, of istanbul, PHPUnit and OpenClover, to Scan. https://openclover.org/doc/manual/latest/"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deliverygate.evidence import NOTHING, Tally
from deliverygate.model import Scan
from deliverygate.scans.lines import InGroup, Lines, make_scan
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.xml import walk, whole_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIGN = re.compile(r"<coverage\b[^>]*\s(?:clover|generated)\s*=|<project\b")
CODE = frozenset({"stmt", "cond"})  #: kinds of line that are code; a "method" is counted as a method


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and "coverage" in outline.keys and bool(_SIGN.search(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """Statements and conditions by their lines; ``testproject`` holds the tests themselves and is not counted."""
    files: dict[InGroup, Lines] = defaultdict(Lines)
    promised = NOTHING
    around: list[Element] = []
    for event, element in walk(document, roots={"coverage"}, whole={"file"}):
        if event == "start":
            around.append(element)
            continue
        around.pop()
        tags = [each.tag for each in around]
        if "testproject" in tags:
            continue
        if element.tag == "file" and (element.get("path") or element.get("name")):
            _gather(element, files[_named(element, around, root)])
        elif element.tag == "metrics" and tags == ["coverage", "project"]:
            covered = whole_number(element, "coveredstatements", default=0)
            promised = Tally(covered, whole_number(element, "statements", default=0))
    return make_scan(files, tool="Clover", version=None, format="clover", promised=promised)


def _named(file: Element, around: Sequence[Element], root: str) -> InGroup:
    """The path of a file. A bare name is unique in its package only."""
    name = below(file.get("path") or file.get("name") or "", root)
    package = next((each.get("name", "") for each in reversed(around) if each.tag == "package"), "")
    return InGroup("" if "/" in name else package, name)


def _gather(file: Element, lines: Lines) -> None:
    for line in file.iter("line"):
        if line.get("type", "stmt") not in CODE:
            continue
        number = whole_number(line, "num")
        sides = [whole_number(line, name) for name in ("truecount", "falsecount") if line.get(name) is not None]
        lines.add(number, whole_number(line, "count", default=max(sides, default=None)))
        if sides:
            lines.add_branches(number, Tally(sum(side > 0 for side in sides), len(sides)))


reader = Reader(name="clover", summary="Clover XML", recognises=recognise, read=read)
