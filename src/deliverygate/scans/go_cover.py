"""Go's coverage profile to Scan. https://go.dev/doc/build-cover and https://pkg.go.dev/golang.org/x/tools/cover"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from deliverygate.errors import ReportError
from deliverygate.model import Scan
from deliverygate.scans.lines import Lines, make_scan
from deliverygate.scans.numbers import is_hit, whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader

_MODE = re.compile(r"mode: (?:set|count|atomic)")
_BLOCK = re.compile(r"(.+):([0-9]{1,9})\.([0-9]{1,9}),([0-9]{1,9})\.([0-9]{1,9}) ([0-9]{1,9}) (\S+)")

MOST_LINES = 5_000_000  #: of one report; blocks that span more were not written by Go


class Block(NamedTuple):
    """Statements that run together, or not at all."""

    path: str
    first: tuple[int, int]  #: line and column
    last: tuple[int, int]
    statements: int


def recognise(outline: Outline) -> bool:
    return outline.kind == "text" and bool(_MODE.match(outline.text))


def read(document: bytes, *, root: str) -> Scan:
    """Every line that a block spans can be covered, and is where one block on it was run.

    Go itself counts statements; a note tells them, since the same profile has another percentage there.
    """
    hits: dict[Block, bool] = {}
    for block, is_covered in _blocks(document, root):
        hits[block] = hits.get(block, False) or is_covered  # -coverpkg tells of a block once for each package's tests
    if sum(block.last[0] - block.first[0] + 1 for block in hits) > MOST_LINES:
        raise ReportError(f"spans more than {MOST_LINES} lines, as no Go program does", mend="run `go test` again")
    files: dict[str, Lines] = defaultdict(Lines)
    for block, is_covered in hits.items():
        for line in range(block.first[0], block.last[0] + 1):
            files[block.path].add(line, is_hit=is_covered)
    return make_scan(files, tool="Go", version=None, format="go-cover", notes=tuple(_statements(hits)))


def _blocks(document: bytes, root: str) -> Iterator[tuple[Block, bool]]:
    for number, raw in enumerate(document.split(b"\n"), start=1):
        text = raw.strip().decode()
        if _MODE.fullmatch(text) or (number > 1 and not text):  # profiles are often joined as they are
            continue
        found = _BLOCK.fullmatch(text)
        hit = is_hit(found[7]) if found else None
        if found is None or hit is None or number == 1:
            raise ReportError(
                f"is no whole Go coverage profile: line {number} ({text[:60]!r}) is not what belongs there",
                mend="run `go test -coverprofile` again and keep its whole output",
            )
        numbers = [whole(written) or 0 for written in found.groups()[1:6]]
        first, last = (numbers[0], numbers[1]), (numbers[2], numbers[3])
        yield Block(below(found[1], root), first, last, numbers[4]), hit


def _statements(hits: Mapping[Block, bool]) -> Iterator[str]:
    covered = sum(block.statements for block, is_covered in hits.items() if is_covered)
    valid = sum(block.statements for block in hits)
    if valid:
        yield f"Go counts statements: {covered} of {valid}, {1000 * covered // valid / 10} %."


reader = Reader(name="go-cover", summary="Go coverage profile", recognises=recognise, read=read)
