"""mypy's ``--output json`` to Scan. https://mypy.readthedocs.io/en/stable/command_line.html#cmdoption-mypy-output"""

from __future__ import annotations

import re

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan, Severity
from deliverygate.scans.documents import decode_lines
from deliverygate.scans.numbers import whole
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader

SEVERITIES = {"error": Severity.HIGH, "note": Severity.LOW}

NOT_PARSED = "syntax"

# mypy writes its summary behind the lines when a message happens to look like one of its plain texts.
_SUMMARY = re.compile(
    rb"\nFound (?P<errors>\d+) errors? in \d+ files? "
    rb"\((?:checked (?P<files>\d+) source files?|(?P<why>[^()\n]*))\)\s*\Z"
)
_PAGE = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"


class Line(msgspec.Struct):
    file: str
    line: int
    column: int  #: counted from 0; -1 when unknown
    message: str
    code: str | None
    severity: str
    hint: str | None = None
    end_line: int | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind in {"lines", "object"} and outline.keys >= {"file", "line", "hint", "code", "severity"}


def read(document: bytes, *, root: str) -> Scan:
    """A clean run writes nothing at all, so this format can show faults, and never that there are none."""
    summary = _SUMMARY.search(document)
    lines = list(decode_lines(document[: summary.start()] if summary else document, Line))
    if not lines:
        raise ReportError("holds no line of mypy's", mend="mypy writes none when all is well: use its --junit-xml then")
    notes = _notes(lines, prevented=summary["why"].decode() if summary and summary["why"] else "")
    promised = whole(summary["errors"].decode()) if summary else None
    lost = (promised or 0) - sum(line.severity == "error" for line in lines)
    if lost > 0:
        notes += (f"{lost} error(s) were counted and not listed.",)
    return Scan(
        tool="mypy",
        version=None,
        format="mypy",
        findings=tuple(_finding(line, root) for line in lines),
        analysed=whole(summary["files"].decode()) if summary and summary["files"] else None,
        not_analysed=tuple(dict.fromkeys(below(line.file, root) for line in lines if line.code == NOT_PARSED)),
        complete=not notes,
        notes=notes,
        rules=tuple(
            Rule(id=code, help_uri=_PAGE + code) for code in dict.fromkeys(line.code for line in lines) if code
        ),
    )


def _notes(lines: list[Line], *, prevented: str) -> tuple[str, ...]:
    """mypy stops at the first file that it cannot parse, whatever else it was given."""
    broken = any(line.code == NOT_PARSED for line in lines)
    reason = prevented or ("a file could not be parsed, and mypy looked no further" if broken else "")
    return (f"The run broke off: {reason}.",) if reason else ()


def _finding(line: Line, root: str) -> Finding:
    return Finding(
        rule=line.code or line.severity,
        message="\n".join(filter(None, (line.message, line.hint))),
        severity=SEVERITIES.get(line.severity, Severity.UNKNOWN),
        tool="mypy",
        location=locate(line.file, root, line=line.line, column=line.column + 1, end_line=line.end_line),
    )


reader = Reader(name="mypy", summary="mypy JSON lines", recognises=recognise, read=read)
