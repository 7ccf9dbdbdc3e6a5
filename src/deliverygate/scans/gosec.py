"""gosec's JSON to Scan. https://github.com/securego/gosec#output-formats"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.numbers import whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of

SHOWN_FAULTS = 3


class Weakness(msgspec.Struct):
    url: str = ""


class Suppression(msgspec.Struct):
    kind: str = ""
    justification: str = ""


class Issue(msgspec.Struct):
    rule_id: str
    severity: str
    file: str
    details: str = ""
    line: str = ""  #: "12", or "12-14"
    column: str = ""
    nosec: bool = False
    cwe: Weakness | None = None
    suppressions: list[Suppression] | None = None
    autofix: str = ""


class Fault(msgspec.Struct):
    error: str = ""


class Stats(msgspec.Struct):
    files: int
    nosec: int = 0
    found: int = 0  #: what is listed, less what the source suppresses


class Report(msgspec.Struct):
    Stats: Stats
    Issues: list[Issue] | None = None
    errors: dict[str, list[Fault] | None] | None = msgspec.field(name="Golang errors", default=None)
    GosecVersion: str | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"Issues", "Stats"}


def read(document: bytes, *, root: str) -> Scan:
    """``Stats.files`` counts what was looked at. ``#nosec`` is listed only with ``-track-suppressions``."""
    require_unique_keys(document)
    report = decode(document, Report)
    faults = (*_faults(report.errors or {}, root), *_lost(report))
    if not report.Stats.files and not report.Issues:
        raise ReportError(
            "counts no file: nothing was looked at" + (f"; {faults[0]}" if faults else ""),
            mend="check the packages given to gosec, and that they compile",
        )
    found = tuple(_finding(issue, root) for issue in report.Issues or ())
    return Scan(
        tool="gosec",
        version=report.GosecVersion,
        format="gosec",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        analysed=report.Stats.files or None,
        not_analysed=tuple(dict.fromkeys(below(name, root) for name in report.errors or () if name)),
        complete=not faults,
        notes=(*faults, *_notes(report)),
        rules=tuple({issue.rule_id: _rule(issue) for issue in report.Issues or ()}.values()),
    )


def _finding(issue: Issue, root: str) -> Finding:
    first, _, last = issue.line.partition("-")
    return Finding(
        rule=issue.rule_id,
        message=issue.details or issue.rule_id,
        severity=severity_of(issue.severity),
        tool="gosec",
        is_security=True,
        location=Location(below(issue.file, root), _number(first), _number(issue.column), _number(last)),
        fixable=bool(issue.autofix),
        waiver=_waiver(issue),
    )


def _number(written: str) -> int | None:
    """None where there is none: gosec writes its numbers as text."""
    return whole(written) or None


def _waiver(issue: Issue) -> Waiver | None:
    if not issue.nosec and not issue.suppressions:
        return None
    suppressions: Sequence[Suppression] = issue.suppressions or (Suppression(kind="inSource"),)
    kinds = dict.fromkeys(suppression.kind for suppression in suppressions)
    reasons = dict.fromkeys(suppression.justification for suppression in suppressions if suppression.justification)
    return Waiver(id=issue.rule_id, reason="; ".join(reasons), source=f"gosec {', '.join(kinds)}".rstrip())


def _rule(issue: Issue) -> Rule:
    return Rule(id=issue.rule_id, summary=issue.details, help_uri=(issue.cwe.url if issue.cwe else "") or None)


def _faults(errors: dict[str, list[Fault] | None], root: str) -> Iterator[str]:
    """The package of a file that does not compile is not analysed."""
    for name, faults in list(errors.items())[:SHOWN_FAULTS]:
        said = next((fault.error for fault in faults or ()), "it does not say why")
        yield f"gosec could not analyse {below(name, root)[:200] or 'a package'}: {' '.join(said.split())[:200]}."
    if len(errors) > SHOWN_FAULTS:
        yield f"gosec could not analyse {len(errors) - SHOWN_FAULTS} further places."


def _lost(report: Report) -> Iterator[str]:
    """gosec counts after ``-severity`` and ``-confidence`` took theirs out."""
    lost = report.Stats.found - len(report.Issues or ())
    if lost > 0:
        yield f"{lost} issue(s) were counted and not listed."


def _notes(report: Report) -> Iterator[str]:
    listed = sum(1 for issue in report.Issues or () if _waiver(issue))
    if report.Stats.nosec > listed:
        yield f"{report.Stats.nosec - listed} line(s) say #nosec and are not listed; -track-suppressions lists them."


reader = Reader(name="gosec", summary="gosec JSON", recognises=recognise, read=read)
