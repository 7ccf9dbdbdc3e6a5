"""LCOV tracefile, of lcov, istanbul, Rust, Dart and others, to Scan. https://man.archlinux.org/man/geninfo.1"""

from __future__ import annotations

import re
from collections import defaultdict

from deliverygate.errors import ReportError
from deliverygate.evidence import NOTHING, Tally
from deliverygate.model import Scan
from deliverygate.scans.lines import Lines, make_scan
from deliverygate.scans.numbers import is_hit, whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader

_SIGN = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:TN:[^\n]*\n\s*)?(?:SF:|TN:)")
_LINE = re.compile(r"DA:\s*([0-9]{1,20})\s*,\s*([^,]+)(?:,.*)?")
_BRANCH = re.compile(r"BRDA:([0-9]{1,20}),(.*),([^,]+)")
_COUNT = re.compile(r"L([FH]):([0-9]{1,20})")

OUTSIDE = ("TN:", "#")  #: what may stand between two records
WANTED = ("DA:", "BRDA:", "LF:", "LH:")


def recognise(outline: Outline) -> bool:
    return outline.kind == "text" and bool(_SIGN.match(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """One record a file and test; the same file in several records is one file, covered where one of them covers it."""
    files: dict[str, Lines] = defaultdict(lambda: Lines(records=0))
    record: Lines | None = None
    counts: dict[str, int] = {}
    promised: list[Tally] = []  # of each record
    lost, begun = 0, 0  # lines that a record counts and does not list; what its file had before it
    for number, raw in enumerate(document.split(b"\n"), start=1):
        text = raw.strip().decode()
        if text.startswith("SF:"):
            if record is not None:
                raise _broken(number, text, "the record before it has no end")
            record, counts = files[below(text[3:].strip(), root)], {}
            record.records += 1
            begun = record.listed
        elif text == "end_of_record":
            if record is None:
                raise _broken(number, text, "no record has begun")
            promised.append(_count(record, counts))
            lost += max(0, counts.get("F", 0) - record.listed + begun) if record.listed > begun else 0
            record = None
        elif record is not None:
            _gather(text, number, record, counts)
        elif text and not text.startswith(OUTSIDE):
            raise _broken(number, text, "it belongs to no file")
    if record is not None:
        raise ReportError("breaks off: its last record has no end", mend="run the tool again and keep its whole output")
    # Counts of several records of one file cannot be added up.
    totals = sum(promised, NOTHING) if len(promised) == len(files) else None
    return make_scan(files, tool="LCOV", version=None, format="lcov", promised=totals, lost=lost)


def _gather(text: str, number: int, record: Lines, counts: dict[str, int]) -> None:
    """Take what a line says of lines and branches; functions and what later releases add are left aside."""
    if not text.startswith(WANTED):
        return
    if (found := _LINE.fullmatch(text)) and (hit := is_hit(found[2])) is not None:
        record.add(whole(found[1]) or 0, is_hit=hit)
    elif (found := _BRANCH.fullmatch(text)) and (taken := _taken(found[3])) is not None:
        record.add_branches((found[1], found[2]), Tally(1 if taken else 0, 1))
    elif found := _COUNT.fullmatch(text):
        counts[found[1]] = whole(found[2]) or 0
    else:
        raise _broken(number, text, "it is not as its format demands")


def _taken(written: str) -> bool | None:
    """A hyphen says that the condition itself was never evaluated."""
    return False if written.strip() == "-" else is_hit(written)


def _count(record: Lines, counts: dict[str, int]) -> Tally:
    """What the record itself counts. It is all there is where it does not list its lines."""
    if "F" not in counts:
        return Tally(len(record.covered), len(record.seen))
    counted = Tally(min(counts.get("H", 0), counts["F"]), counts["F"])
    record.counted = counted if not record.seen else None
    return counted


def _broken(number: int, text: str, why: str) -> ReportError:
    return ReportError(
        f"is no whole LCOV tracefile: line {number} ({text[:60]!r}): {why}",
        mend="run the tool again and keep its whole output",
    )


reader = Reader(name="lcov", summary="LCOV tracefile", recognises=recognise, read=read)
