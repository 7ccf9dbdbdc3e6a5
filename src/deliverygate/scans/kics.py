"""KICS' JSON to Scan. https://docs.kics.io/latest/results/#json"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time


class File(msgspec.Struct):
    file_name: str
    line: int = 0
    similarity_id: str = ""
    actual_value: str | None = None
    expected_value: str | None = None


class Query(msgspec.Struct):
    query_id: str
    severity: str
    files: list[File]
    query_name: str = ""
    query_url: str = ""
    platform: str = ""
    description: str = ""


class Report(msgspec.Struct):
    queries: list[Query]
    files_scanned: int | None = None
    files_parsed: int | None = None  #: of the scanned ones
    files_failed_to_scan: int = 0
    queries_total: int | None = None
    queries_failed_to_execute: int = 0
    total_counter: int = 0  #: the files of all queries
    kics_version: str | None = None
    end: str | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"queries", "files_scanned"}


def read(document: bytes, *, root: str) -> Scan:
    """``queries`` lists only those that found something; the counters say whether anything was looked at."""
    require_unique_keys(document)
    report = decode(document, Report)
    if not report.files_scanned and not report.queries:
        raise ReportError("counts no scanned file: nothing was looked at", mend="check the paths given to KICS")
    if report.queries_total == 0:
        raise ReportError("counts no query: nothing was looked for", mend="check the queries given to KICS")
    faults = tuple(_faults(report))
    return Scan(
        tool="KICS",
        version=report.kics_version,
        format="kics",
        findings=tuple(_finding(query, file, root) for query in report.queries for file in query.files),
        analysed=_analysed(report),
        complete=not faults,
        notes=faults,
        rules=tuple(_rule(query) for query in report.queries),
        created_at=read_time(report.end),
        categories=tuple(dict.fromkeys(query.platform for query in report.queries if query.platform)),
    )


def _analysed(report: Report) -> int | None:
    """What could not be parsed, or failed, was found and not looked at."""
    unread = max(report.files_failed_to_scan, _unparsed(report))
    return max(0, (report.files_scanned or 0) - unread) or None


def _unparsed(report: Report) -> int:
    return max(0, (report.files_scanned or 0) - report.files_parsed) if report.files_parsed is not None else 0


def _finding(query: Query, file: File, root: str) -> Finding:
    name = query.query_name or query.query_id
    return Finding(
        rule=query.query_id,
        message=f"{name}: {file.actual_value}" if file.actual_value else name,
        severity=Severity.INFO if query.severity.upper() == "TRACE" else severity_of(query.severity),
        tool="KICS",
        is_security=True,
        location=Location(below(file.file_name, root), file.line if file.line > 0 else None),
        category=query.platform,
        native=file.similarity_id or None,
    )


def _rule(query: Query) -> Rule:
    expected = next((file.expected_value for file in query.files if file.expected_value), "")
    return Rule(
        id=query.query_id,
        summary=query.query_name,
        why=query.description,
        remedy=expected,
        severity=severity_of(query.severity),
        help_uri=query.query_url or None,
    )


def _faults(report: Report) -> Iterator[str]:
    if report.files_failed_to_scan:
        yield f"KICS could not scan {report.files_failed_to_scan} file(s)."
    if unparsed := max(0, _unparsed(report) - report.files_failed_to_scan):
        yield f"KICS could not parse {unparsed} of {report.files_scanned} file(s)."
    if report.queries_failed_to_execute:
        yield f"KICS could not execute {report.queries_failed_to_execute} of its queries."
    lost = report.total_counter - sum(len(query.files) for query in report.queries)
    if lost > 0:
        yield f"{lost} result(s) were counted and not listed."


reader = Reader(name="kics", summary="KICS JSON", recognises=recognise, read=read)
