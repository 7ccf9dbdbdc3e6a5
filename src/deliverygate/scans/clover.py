"""Clover XML, of istanbul, PHPUnit and OpenClover, to Scan. https://openclover.org/doc/manual/latest/"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from deliverygate.evidence import NOTHING, Tally
from deliverygate.model import Scan
from deliverygate.scans.lines import InGroup, Lines, make_scan
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import read_epoch
from deliverygate.scans.xml import walk, was_hit, whole_number

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIGN = re.compile(r"<coverage\b[^>]*\s(?:clover|generated)\s*=|<project\b")
TIMES = {"coverage": ("generated",), "project": ("timestamp",)}  #: in seconds, of istanbul in milliseconds
CODE = frozenset({"stmt", "cond"})  #: kinds of line that are code; a "method" is counted as a method


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and "coverage" in outline.keys and bool(_SIGN.search(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """Statements and conditions by their lines; ``testproject`` holds the tests themselves and is not counted."""
    files: dict[InGroup, Lines] = defaultdict(Lines)
    promised, lost = NOTHING, 0
    around: list[Element] = []
    times: list[datetime | None] = []
    for event, element in walk(document, roots={"coverage"}, whole={"file"}):
        if event == "start":
            around.append(element)
            times += [read_epoch(element.get(name)) for name in TIMES.get(element.tag, ())]
            continue
        around.pop()
        tags = [each.tag for each in around]
        if "testproject" in tags:
            continue
        if element.tag == "file" and (element.get("path") or element.get("name")):
            lost += _gather(element, files[_named(element, around, root)])
        elif element.tag == "metrics" and tags == ["coverage", "project"]:
            covered = whole_number(element, "coveredstatements", default=0)
            promised = Tally(covered, whole_number(element, "statements", default=0))
    made_at = min(filter(None, times), default=None)
    return make_scan(
        files, tool="Clover", version=None, format="clover", promised=promised, lost=lost, created_at=made_at
    )


def _named(file: Element, around: Sequence[Element], root: str) -> InGroup:
    """The path of a file. A bare name is unique in its package only."""
    name = below(file.get("path") or file.get("name") or "", root)
    package = next((each.get("name", "") for each in reversed(around) if each.tag == "package"), "")
    return InGroup("" if "/" in name else package, name)


def _gather(file: Element, lines: Lines) -> int:
    """Take the lines of a file; returned is how many more its own metrics count."""
    before, metrics = lines.listed, file.find("metrics")
    for line in file.iter("line"):
        if line.get("type", "stmt") not in CODE:
            continue
        number = whole_number(line, "num")
        sides = [was_hit(line, name) for name in ("truecount", "falsecount") if line.get(name) is not None]
        lines.add(number, is_hit=any(sides) if sides and line.get("count") is None else was_hit(line, "count"))
        if sides:
            lines.add_branches(number, Tally(sum(sides), len(sides)))
    counted = 0 if metrics is None else whole_number(metrics, "statements", default=0)
    return max(0, counted - (lines.listed - before))


reader = Reader(name="clover", summary="Clover XML", recognises=recognise, read=read)
