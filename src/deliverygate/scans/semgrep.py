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

# Why Semgrep did not look at a file although it was asked to; any other reason is somebody's choice.
CHOSEN = frozenset((
    "always_skipped", "binary", "cli_exclude_flags_match", "cli_include_flags_do_not_match", "dotfile",
    "excluded_by_config", "gitignore_patterns_match", "irrelevant_rule", "minified", "semgrepignore_patterns_match",
    "wrong_language",
))  # fmt: skip


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
    category: Any = None
    cwe: Any = None


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


class Place(msgspec.Struct):
    path: str = ""


class Fault(msgspec.Struct):
    level: str = "error"
    message: str = ""
    path: str = ""
    location: Place | None = None  #: of semgrep-core and the oldest releases

    @property
    def file(self) -> str:
        return self.path or (self.location.path if self.location else "")


class Skipped(msgspec.Struct):
    path: str
    reason: str = ""


class Paths(msgspec.Struct):
    scanned: list[str]
    skipped: list[Skipped] | None = None  #: with ``--verbose`` only


class SkippedRule(msgspec.Struct):
    rule_id: str = ""
    details: str = ""


class Report(msgspec.Struct):
    results: list[Result]
    errors: list[Fault]
    version: str | None = None
    paths: Paths | None = None  #: absent in old reports
    skipped_rules: list[SkippedRule] | None = None


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
    faults = tuple(_faults(report))
    unseen = dict.fromkeys(below(path, root) for path in _unseen(report))
    scanned = dict.fromkeys(below(path, root) for path in report.paths.scanned) if report.paths else {}
    return Scan(
        tool="Semgrep",
        version=report.version,
        format="semgrep",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        analysed=tuple(path for path in scanned if path not in unseen) if report.paths else None,
        not_analysed=tuple(unseen),
        complete=not faults,
        notes=(*faults, *_notes(report)),
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
        is_security=_is_security(extra),
        related=tuple(dict.fromkeys(_related(extra.dataflow_trace, root))) if extra.dataflow_trace else (),
        package=_package(extra.sca_info),
        fixable=extra.fix is not None,
        native=extra.fingerprint if extra.fingerprint not in ("", NO_FINGERPRINT) else None,
        waiver=waiver,
    )


def _is_security(extra: Extra) -> bool:
    """By the category that the registry's rules have, or by the weakness that a rule names."""
    metadata = extra.metadata or Metadata()
    return metadata.category == "security" or bool(metadata.cwe) or extra.sca_info is not None


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


def _is_fault(fault: Fault) -> bool:
    """Semgrep warns, and exits with 0, of files that it could not parse, or gave up on: no rule looked at them."""
    return fault.level.lower() != "info"


def _unseen(report: Report) -> Iterator[str]:
    """The files that no rule, or not every rule, looked at. Semgrep names them among the scanned ones, too."""
    yield from (fault.file for fault in report.errors if _is_fault(fault) and fault.file)
    yield from (skipped.path for skipped in (report.paths.skipped if report.paths else None) or ())


def _faults(report: Report) -> Iterator[str]:
    yield from _sentences([fault for fault in report.errors if _is_fault(fault)], "Semgrep could not check everything")
    failed = [each for each in (report.paths.skipped if report.paths else None) or () if each.reason not in CHOSEN]
    if failed:
        yield f"Semgrep skipped {len(failed)} file(s), e.g. {failed[0].path[:200]}: {failed[0].reason[:80]}."
    if rules := report.skipped_rules:
        yield f"Semgrep did not run {len(rules)} rule(s), e.g. {rules[0].rule_id[:80]}: {rules[0].details[:200]}."


def _notes(report: Report) -> Iterator[str]:
    yield from _sentences([fault for fault in report.errors if not _is_fault(fault)], "Semgrep says")
    chosen = sum(1 for each in (report.paths.skipped if report.paths else None) or () if each.reason in CHOSEN)
    if chosen:
        yield f"Semgrep was told to leave out {chosen} file(s)."
    if report.paths is None:
        yield "The report does not say which files were scanned."


def _sentences(faults: Sequence[Fault], opening: str) -> Iterator[str]:
    for fault in faults[:SHOWN_FAULTS]:
        said = fault.message.strip().partition("\n")[0] or fault.file or "without a word"
        yield f"{opening}: {said[:200]}"
    if len(faults) > SHOWN_FAULTS:
        yield f"{opening} {len(faults) - SHOWN_FAULTS} further time(s)."


reader = Reader(name="semgrep", summary="Semgrep JSON", recognises=recognise, read=read)
