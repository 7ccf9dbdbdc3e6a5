"""coverage.py's JSON report to Scan. https://coverage.readthedocs.io/en/latest/commands/cmd_json.html"""

from __future__ import annotations

from typing import Annotated

import msgspec

from deliverygate.evidence import Tally
from deliverygate.model import Scan
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.lines import Lines, make_scan
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import has_zone, read_time

Count = Annotated[int, msgspec.Meta(ge=0)]


class Meta(msgspec.Struct, frozen=True):
    version: str | None = None
    timestamp: str | None = None  #: in the local time of the machine, without a zone


class Summary(msgspec.Struct, frozen=True):
    num_statements: Count = 0
    num_branches: Count = 0
    covered_branches: Count = 0


class Totals(msgspec.Struct):
    covered_lines: Count
    num_statements: Count


class File(msgspec.Struct):
    executed_lines: list[Count]
    missing_lines: list[Count]
    excluded_lines: list[Count] = []
    summary: Summary = Summary()


class Report(msgspec.Struct):
    files: dict[str, File]
    totals: Totals
    meta: Meta = Meta()


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"meta", "files", "totals"}


def read(document: bytes, *, root: str) -> Scan:
    """Executed and missing lines by file; what a comment excludes is no line that can be covered."""
    require_unique_keys(document)
    report = decode(document, Report)
    files: dict[str, Lines] = {}
    for name, file in report.files.items():
        _gather(file, files.setdefault(below(name, root), Lines()))
    return make_scan(
        files,
        tool="coverage.py",
        version=report.meta.version,
        format="coverage-py",
        promised=Tally(report.totals.covered_lines, report.totals.num_statements),
        lost=sum(_lost(file) for file in report.files.values()),
        created_at=read_time(report.meta.timestamp),
        zone_is_known=has_zone(report.meta.timestamp),
    )


def _lost(file: File) -> int:
    """Lines that the file's own summary counts and the report does not list."""
    return max(0, file.summary.num_statements - len({*file.executed_lines, *file.missing_lines}))


def _gather(file: File, lines: Lines) -> None:
    executed = set(file.executed_lines) - set(file.excluded_lines)
    lines.seen |= executed | set(file.missing_lines)
    lines.covered |= executed - set(file.missing_lines)
    if file.summary.num_branches:
        covered = min(file.summary.covered_branches, file.summary.num_branches)
        lines.add_branches("summary", Tally(covered, file.summary.num_branches))


reader = Reader(name="coverage-py", summary="coverage.py JSON", recognises=recognise, read=read)
