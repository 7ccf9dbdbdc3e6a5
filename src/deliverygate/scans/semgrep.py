"""Semgrep's JSON to Scan. https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Severity, Waiver
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of

# The rules' old words, beside the new ones from CRITICAL to LOW.
LEVELS = {"ERROR": Severity.HIGH, "WARNING": Severity.MEDIUM, "INFO": Severity.LOW}
OLD_KEYS = frozenset(("results", "errors", "version"))  #: of the releases that did not write what they scanned
NO_FINGERPRINT = "requires login"
SHOWN_FAULTS = 3


class Position(msgspec.Struct, gc=False):
    line: int = 0
    col: int = 0


class Found(msgspec.Struct, gc=False):
    package: str = ""
    version: str = ""


class DependencyMatch(msgspec.Struct, gc=False):
    found_dependency: Found | None = None


class SupplyChain(msgspec.Struct, gc=False):
    dependency_match: DependencyMatch | None = None


class Metadata(msgspec.Struct, gc=False):
    """Rules write what they like here, so only text is taken."""

    source: Any = None
    shortlink: Any = None


class Span(msgspec.Struct, gc=False):
    path: str = ""
    start: Position | None = None
    end: Position | None = None


class Step(msgspec.Struct, gc=False):
    location: Span | None = None


class Trace(msgspec.Struct, gc=False):
    """The way of a value from where it comes in to where it does harm."""

    taint_source: Any = None
    intermediate_vars: list[Step] | None = None
    taint_sink: Any = None


class Extra(msgspec.Struct, gc=False):
    message: str = ""
    severity: str = ""
    fingerprint: str = ""
    is_ignored: bool = False
    fix: str | None = None
    metadata: Metadata | None = None
    sca_info: SupplyChain | None = None
    dataflow_trace: Trace | None = None


class Result(msgspec.Struct, gc=False):
    check_id: str
    path: str
    start: Position
    extra: Extra
    end: Position | None = None


class Fault(msgspec.Struct):
    level: str = "error"
    message: str = ""
    path: str = ""


class Paths(msgspec.Struct):
    scanned: list[str]


class Report(msgspec.Struct):
    results: list[Result]
    errors: list[Fault]
    version: str | None = None
    paths: Paths | None = None  #: absent in old reports


def recognise(outline: Outline) -> bool:
    """``results`` and ``errors`` alone are too little: then the first result has to be one of Semgrep's."""
    if outline.kind != "object" or not outline.keys >= {"results", "errors"} or "metrics" in outline.keys:
        return False
    return "paths" in outline.keys or '"check_id"' in outline.text


def read(document: bytes, *, root: str) -> Scan:
    """``paths.scanned`` says what was looked at. Where it is there and empty, nothing was."""
    require_unique_keys(document)
    report = decode(document, Report)
    if report.paths is not None and not report.paths.scanned:
        raise ReportError(
            "names no scanned path: nothing was looked at",
            mend="check the paths given to Semgrep, and what .semgrepignore and git leave of them",
        )
    if report.paths is None and not report.results:
        _require_own(document)
    found = _without_constants(tuple(_finding(result, root) for result in report.results))
    return Scan(
        tool="Semgrep",
        version=report.version,
        format="semgrep",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        analysed=tuple(dict.fromkeys(below(path, root) for path in report.paths.scanned)) if report.paths else None,
        complete=not any(_is_error(fault) for fault in report.errors),
        notes=tuple(_notes(report)),
        rules=tuple({result.check_id: _rule(result) for result in report.results}.values()),
    )


def _require_own(document: bytes) -> None:
    """Raise ReportError for the empty ``results`` of another tool: without any, nothing else tells them apart."""
    foreign = sorted(decode(document, dict[str, msgspec.Raw]).keys() - OLD_KEYS)
    if foreign:
        raise ReportError(
            f"lists neither a result nor what was scanned, and {foreign[0][:80]!r} is no key of Semgrep's old reports",
            mend="check that it is the report you mean, or correct `format:`",
        )


def _finding(result: Result, root: str) -> Finding:
    extra = result.extra
    end = result.end or Position()
    waiver = Waiver(id=result.check_id, reason="", source="semgrep nosem") if extra.is_ignored else None
    return Finding(
        rule=result.check_id,
        message=extra.message or result.check_id,
        severity=LEVELS.get(extra.severity.upper()) or severity_of(extra.severity),
        tool="Semgrep",
        location=Location(
            below(result.path, root), result.start.line or None, result.start.col or None, end.line or None
        ),
        related=tuple(dict.fromkeys(_related(extra.dataflow_trace, root))) if extra.dataflow_trace else (),
        package=_package(extra.sca_info),
        fixable=extra.fix is not None,
        native=extra.fingerprint if extra.fingerprint not in ("", NO_FINGERPRINT) else None,
        waiver=waiver,
    )


def _related(trace: Trace, root: str) -> Iterator[Location]:
    """Where the value comes in, what it passes, and where it ends."""
    variables = (step.location for step in trace.intermediate_vars or () if step.location)
    for span in (*_spans(trace.taint_source), *variables, *_spans(trace.taint_sink)):
        if span.path:
            start, end = span.start or Position(), span.end or Position()
            yield Location(below(span.path, root), start.line or None, start.col or None, end.line or None)


def _spans(written: Any) -> Iterator[Span]:
    """Those of a call trace: ``["CliLoc", [span, text]]`` or ``["CliCall", [[span, text], variables, trace]]``."""
    left = [written]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left.extend(reversed(each))
        elif isinstance(each, dict):
            yield decode(msgspec.json.encode(each.get("location", each)), Span, place="$.results[...].dataflow_trace")


def _package(info: SupplyChain | None) -> str | None:
    found = info.dependency_match.found_dependency if info and info.dependency_match else None
    return "@".join(filter(None, (found.package, found.version))) or None if found else None


def _without_constants(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A fingerprint that all findings share identifies none of them."""
    if len(findings) < 2 or len({finding.native for finding in findings}) > 1 or findings[0].native is None:
        return findings
    return tuple(replace(finding, native=None) for finding in findings)


def _rule(result: Result) -> Rule:
    metadata = result.extra.metadata or Metadata()
    addresses = (address for address in (metadata.source, metadata.shortlink) if isinstance(address, str))
    return Rule(id=result.check_id, summary=result.extra.message, help_uri=next(addresses, None))


def _is_error(fault: Fault) -> bool:
    """Warnings are mostly of files of which Semgrep understood all but a few lines."""
    return fault.level.lower() not in ("warn", "warning", "info")


def _notes(report: Report) -> Iterator[str]:
    errors = [fault for fault in report.errors if _is_error(fault)]
    yield from _sentences(errors, "Semgrep reported an error of its own")
    yield from _sentences([fault for fault in report.errors if not _is_error(fault)], "Semgrep warned")
    if report.paths is None:
        yield "The report does not say which files were scanned."


def _sentences(faults: Sequence[Fault], opening: str) -> Iterator[str]:
    for fault in faults[:SHOWN_FAULTS]:
        said = fault.message.strip().partition("\n")[0] or fault.path or "without a word"
        yield f"{opening}: {said[:200]}"
    if len(faults) > SHOWN_FAULTS:
        yield f"{opening} {len(faults) - SHOWN_FAULTS} further time(s)."


reader = Reader(name="semgrep", summary="Semgrep JSON", recognises=recognise, read=read)
