"""Bandit's JSON to Scan. https://bandit.readthedocs.io/en/latest/formatters/json.html"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.numbers import nearest
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time

TOTALS = "_totals"
SHOWN_FAULTS = 3


class Result(msgspec.Struct):
    test_id: str
    filename: str
    issue_severity: str
    issue_text: str = ""
    test_name: str = ""
    line_number: int | None = None
    line_range: list[int] | None = None
    col_offset: int = -1  #: counted from 0
    more_info: str = ""


class Fault(msgspec.Struct):
    filename: str = ""
    reason: str = ""


class Metrics(msgspec.Struct):
    high: float = msgspec.field(name="SEVERITY.HIGH", default=0)  #: Bandit 1.7 and older write whole numbers as "1.0"
    medium: float = msgspec.field(name="SEVERITY.MEDIUM", default=0)
    low: float = msgspec.field(name="SEVERITY.LOW", default=0)
    undefined: float = msgspec.field(name="SEVERITY.UNDEFINED", default=0)
    nosec: int = 0
    skipped_tests: int = 0  #: findings silenced by a ``# nosec`` that names their test


class Report(msgspec.Struct):
    results: list[Result]
    metrics: dict[str, Metrics]
    errors: list[Fault] = []
    generated_at: str | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"results", "metrics", "errors"}


def read(document: bytes, *, root: str) -> Scan:
    """``metrics`` has a line for each file, clean or not: the report itself says what was looked at.

    What ``# nosec`` silences is counted there, and nowhere listed.
    """
    require_unique_keys(document)
    report = decode(document, Report)
    broken = dict.fromkeys(below(fault.filename, root) for fault in report.errors)
    analysed = dict.fromkeys(below(name, root) for name in report.metrics if name != TOTALS)
    if not analysed.keys() - broken.keys():
        raise ReportError(
            "names no file that was analysed: nothing was looked at", mend="check the paths given to Bandit"
        )
    return Scan(
        tool="Bandit",
        version=None,
        format="bandit",
        findings=tuple(_finding(result, root) for result in report.results),
        analysed=tuple(path for path in analysed if path not in broken),
        not_analysed=tuple(broken),
        complete=not report.errors,
        notes=tuple(_notes(report)),
        rules=tuple({result.test_id: _rule(result) for result in report.results}.values()),
        created_at=read_time(report.generated_at),
    )


def _finding(result: Result, root: str) -> Finding:
    last = max(result.line_range or (), default=None)
    return Finding(
        rule=result.test_id,
        message=result.issue_text or result.test_name or result.test_id,
        severity=severity_of(result.issue_severity),
        tool="Bandit",
        is_security=True,
        location=Location(
            below(result.filename, root), result.line_number or None, max(result.col_offset + 1, 0) or None, last
        ),
    )


def _rule(result: Result) -> Rule:
    return Rule(id=result.test_id, summary=result.test_name, help_uri=result.more_info or None)


def _notes(report: Report) -> Iterator[str]:
    for fault in report.errors[:SHOWN_FAULTS]:
        yield f"Bandit could not analyse {fault.filename[:200]}: {fault.reason[:200]}."
    if len(report.errors) > SHOWN_FAULTS:
        yield f"Bandit could not analyse {len(report.errors) - SHOWN_FAULTS} further files."
    totals = report.metrics.get(TOTALS, Metrics())
    if totals.nosec or totals.skipped_tests:
        yield f"{totals.nosec + totals.skipped_tests} finding(s) are silenced by # nosec; Bandit only counts them."
    counted = nearest(totals.high + totals.medium + totals.low + totals.undefined)
    if counted > len(report.results):
        # No fault: -l and -i leave out what is less severe or less sure, and --baseline what was there before.
        yield f"Bandit counted {counted} finding(s) and lists {len(report.results)}."


reader = Reader(name="bandit", summary="Bandit JSON", recognises=recognise, read=read)
