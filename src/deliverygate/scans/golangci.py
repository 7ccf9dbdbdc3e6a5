"""golangci-lint's JSON, of version 1 and 2, to Scan. https://golangci-lint.run/docs/configuration/file/#output"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.linters import severity_by_rule
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import WORDS
from deliverygate.scans.unchecked import says_so

# Teams choose the words. Where they choose none, the linter decides.
SEVERITIES = WORDS | {"error": Severity.HIGH, "warning": Severity.MEDIUM, "info": Severity.LOW}

NOT_COMPILED = "typecheck"
STATICCHECK = "staticcheck"  #: since version 2 it holds stylecheck (ST), gosimple (S) and quick fixes (QF) as well
_STYLE = re.compile(r"(?:ST|S|QF)\d{4}:|SA1019:")


class Position(msgspec.Struct):
    Filename: str = ""
    Line: int = 0
    Column: int = 0


class Range(msgspec.Struct):
    From: int = 0
    To: int = 0


class Issue(msgspec.Struct):
    FromLinter: str
    Text: str
    Severity: str = ""
    Pos: Position | None = None
    LineRange: Range | None = None
    SuggestedFixes: list[Any] | None = None
    Replacement: Any = None  #: of version 1


class Linter(msgspec.Struct):
    Name: str
    Enabled: bool = False


class Warning(msgspec.Struct):  # noqa: A001  golangci-lint's own word
    Text: str = ""


class Run(msgspec.Struct):
    Linters: list[Linter] | None = None
    Warnings: list[Warning] | None = None
    Error: str = ""


class Report(msgspec.Struct):
    Issues: list[Issue] | None
    Report: Run


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"Issues", "Report"}


def read(document: bytes, *, root: str) -> Scan:
    """The report names the linters that were enabled and no file. Without issues its list is empty, or null."""
    require_unique_keys(document)
    report = decode(document, Report)
    enabled = tuple(linter.Name for linter in report.Report.Linters or () if linter.Enabled)
    if not enabled:
        raise ReportError("names no linter that was enabled", mend="enable linters in golangci-lint's configuration")
    issues = report.Issues or []
    faults = tuple(_faults(report.Report, issues))
    return Scan(
        tool="golangci-lint",
        version=None,
        format="golangci",
        findings=tuple(_finding(issue, root) for issue in issues),
        complete=not faults,
        notes=(*faults, *(f"golangci-lint warns: {warning.Text}" for warning in report.Report.Warnings or ())),
        not_analysed=tuple(dict.fromkeys(below(_file(issue), root) for issue in issues if _is_broken(issue))),
        categories=enabled,
    )


def _is_broken(issue: Issue) -> bool:
    return issue.FromLinter == NOT_COMPILED and bool(_file(issue))


def _file(issue: Issue) -> str:
    return issue.Pos.Filename if issue.Pos else ""


def _faults(run: Run, issues: list[Issue]) -> Iterator[str]:
    """What leaves the run incomplete. A pattern that matches nothing is an error beside an empty list of issues."""
    if run.Error:
        yield f"The run broke off: {run.Error.rstrip('.')}."
    for warning in run.Warnings or ():
        if warning.Text.startswith("Can't run linter"):
            yield "A linter could not run."
        elif says_so(warning.Text):
            yield "golangci-lint did not look at everything, as its warning says."
    broken = sum(1 for issue in issues if issue.FromLinter == NOT_COMPILED)
    if broken:
        yield f"The code does not compile in {broken} place(s), and most linters look at code only that does."


def _severity(issue: Issue) -> Severity:
    if issue.Severity:
        return SEVERITIES.get(issue.Severity.lower(), Severity.UNKNOWN)
    if issue.FromLinter == STATICCHECK:
        return Severity.LOW if _STYLE.match(issue.Text) else Severity.HIGH
    return severity_by_rule("golangci-lint", issue.FromLinter) or Severity.UNKNOWN


def _finding(issue: Issue, root: str) -> Finding:
    return Finding(
        rule=issue.FromLinter,
        message=issue.Text,
        severity=_severity(issue),
        tool="golangci-lint",
        is_security=issue.FromLinter == "gosec",
        location=_location(issue, root),
        category=issue.FromLinter,
        fixable=bool(issue.SuggestedFixes or issue.Replacement),
    )


def _location(issue: Issue, root: str) -> Location | None:
    place, lines = issue.Pos or Position(), issue.LineRange or Range()
    return locate(place.Filename, root, line=place.Line or lines.From, column=place.Column, end_line=lines.To)


reader = Reader(name="golangci", summary="golangci-lint JSON", recognises=recognise, read=read)
