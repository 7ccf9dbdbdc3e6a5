"""JaCoCo XML to Scan; Kover writes it too. https://www.jacoco.org/jacoco/trunk/coverage/report.dtd"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from posixpath import join
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

_SIGN = re.compile(r'-//JACOCO//DTD|<sessioninfo\b|<counter\b[^>]*\stype="(?:INSTRUCTION|LINE)"|<sourcefile\b')


def recognise(outline: Outline) -> bool:
    return outline.kind == "xml" and "report" in outline.keys and bool(_SIGN.search(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """The report names a file by its package: in which folder of sources it lies, the policy may have to say.

    A group (a module of an aggregated report) is a name space of its own: the same name in two of them is two files.
    """
    files: dict[InGroup, Lines] = defaultdict(Lines)
    promised = NOTHING
    around: list[Element] = []
    times: list[datetime | None] = []
    for event, element in walk(document, roots={"report"}, whole={"sourcefile"}):
        if event == "start":
            around.append(element)
            times += [read_epoch(element.get("dump"))] if element.tag == "sessioninfo" else []
            continue
        around.pop()
        if element.tag == "sourcefile":
            package = next((each.get("name") for each in reversed(around) if each.tag == "package"), None)
            path = join(package or "", element.get("name") or "(without a name)")
            group = "/".join(each.get("name", "") for each in around if each.tag == "group")
            _gather(element, files[InGroup(group, below(path, root))])
        elif element.tag == "counter" and element.get("type") == "LINE" and len(around) == 1:
            covered = whole_number(element, "covered")
            promised = Tally(covered, covered + whole_number(element, "missed"))
    # JaCoCo appends to what it finds: the oldest session is as much part of the report as the last one.
    made_at = min(filter(None, times), default=None)
    return make_scan(
        files, tool="JaCoCo", version=None, format="jacoco", promised=promised, by_package=True, created_at=made_at
    )


def _gather(source: Element, lines: Lines) -> None:
    """A line is covered when one of its instructions was executed: so JaCoCo counts them itself."""
    for line in source.findall("line"):
        number = whole_number(line, "nr")
        lines.add(number, is_hit=line.get("ci") is not None and was_hit(line, "ci"))
        covered, missed = whole_number(line, "cb", default=0), whole_number(line, "mb", default=0)
        if covered + missed:
            lines.add_branches(number, Tally(covered, covered + missed))


reader = Reader(name="jacoco", summary="JaCoCo XML", recognises=recognise, read=read)
