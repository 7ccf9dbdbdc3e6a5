"""pyright's ``--outputjson`` to Scan. https://github.com/microsoft/pyright/blob/main/docs/command-line.md"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.times import read_epoch

_GAVE_UP = re.compile(r"Code is too complex|Maximum parse depth|An internal error|.{0,200}\btoo large\b")

SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "information": Severity.LOW}


class Position(msgspec.Struct):
    line: int  #: counted from 0, as in the Language Server Protocol
    character: int


class Range(msgspec.Struct):
    start: Position
    end: Position


class Diagnostic(msgspec.Struct):
    file: str
    severity: str
    message: str
    rule: str | None = None
    range: Range | None = None

    @property
    def gave_up(self) -> bool:
        """What no rule says is about the syntax, or about code that pyright could not look at."""
        return self.rule is None and bool(_GAVE_UP.match(self.message))


class Summary(msgspec.Struct, rename="camel"):
    files_analyzed: int
    error_count: int = 0
    warning_count: int = 0
    information_count: int = 0

    @property
    def promised(self) -> int:
        return self.error_count + self.warning_count + self.information_count


class Report(msgspec.Struct, rename="camel"):
    general_diagnostics: list[Diagnostic]
    summary: Summary
    version: str | None = None
    time: str | None = None  #: milliseconds since 1970


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"generalDiagnostics", "summary"}


def read(document: bytes, *, root: str) -> Scan:
    """pyright counts the files that it looked at, and exits with 0 when there were none."""
    require_unique_keys(document)
    report = decode(document, Report)
    if report.summary.files_analyzed < 1:
        raise ReportError("counts no file: nothing was analysed", mend="check the paths given to pyright")
    faults = tuple(_faults(report))
    unseen = dict.fromkeys(below(each.file, root) for each in report.general_diagnostics if each.gave_up)
    return Scan(
        tool="pyright",
        version=report.version,
        format="pyright",
        findings=tuple(_finding(diagnostic, root) for diagnostic in report.general_diagnostics),
        analysed=report.summary.files_analyzed - len(unseen) if report.summary.files_analyzed > len(unseen) else None,
        not_analysed=tuple(unseen),
        complete=not faults,
        created_at=read_epoch(report.time),
        notes=faults,
    )


def _faults(report: Report) -> Iterator[str]:
    given_up = [each for each in report.general_diagnostics if each.gave_up]
    if given_up:
        said = given_up[0].message.partition("\n")[0][:200].rstrip(".")
        yield f"pyright gave up in {len(given_up)} place(s), e.g. {given_up[0].file[:200]}: {said}."
    lost = report.summary.promised - len(report.general_diagnostics)
    if lost > 0:
        yield f"{lost} diagnostic(s) were counted and not listed."


def _finding(diagnostic: Diagnostic, root: str) -> Finding:
    """What no rule says, such as an error in the syntax, has the rule ``pyright``."""
    span = diagnostic.range
    return Finding(
        rule=diagnostic.rule or "pyright",
        message=diagnostic.message,
        severity=SEVERITIES.get(diagnostic.severity, Severity.UNKNOWN),
        tool="pyright",
        location=locate(
            diagnostic.file,
            root,
            line=span.start.line + 1 if span else None,
            column=span.start.character + 1 if span else None,
            end_line=span.end.line + 1 if span else None,
        ),
    )


reader = Reader(name="pyright", summary="pyright JSON", recognises=recognise, read=read)
