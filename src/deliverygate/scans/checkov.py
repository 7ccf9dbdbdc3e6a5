"""Checkov's JSON to Scan. https://www.checkov.io/8.Outputs/JSON.html"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of

SHOWN_FAULTS = 3
PASSED = frozenset(("", "PASSED"))  #: what a passed check says; shortened reports say nothing


class Outcome(msgspec.Struct, frozen=True):
    result: str = ""
    suppress_comment: str = ""


class Details(msgspec.Struct):
    """Of the framework ``sca_package``."""

    id: str = ""
    severity: str = ""
    package_name: str = ""
    package_version: str = ""
    lowest_fixed_version: str = ""


class Check(msgspec.Struct):
    check_id: str
    check_name: str = ""
    check_result: Outcome = Outcome()
    file_path: str = ""  #: below the folder that was scanned, with a leading slash
    file_abs_path: str = ""
    repo_file_path: str = ""  #: below the folder in which Checkov ran, with a leading slash
    file_line_range: list[int] | None = None
    resource: str = ""
    severity: str | None = None  #: known to users of the platform only
    guideline: str | None = None
    vulnerability_details: Details | None = None


class Results(msgspec.Struct):
    failed_checks: list[Check]
    passed_checks: list[Check] = []
    skipped_checks: list[Check] = []
    parsing_errors: list[str] = []


class Summary(msgspec.Struct, frozen=True):
    passed: int = 0
    failed: int = 0
    parsing_errors: int = 0  #: of ``--quiet`` all that there is of them
    checkov_version: str | None = None


class Report(msgspec.Struct):
    """What one framework, e.g. ``terraform``, said."""

    check_type: str
    results: Results
    summary: Summary = Summary()


def recognise(outline: Outline) -> bool:
    """The last form is all that Checkov 2 and later write when no framework found a file of its own."""
    return outline.kind in ("object", "list") and (
        outline.keys >= {"check_type", "results"} or outline.keys >= {"checkov_version", "passed", "failed"}
    )


def read(document: bytes, *, root: str) -> Scan:
    """Counters are not believed where the checks themselves are listed. No check at all is no evidence."""
    require_unique_keys(document)
    reports = _reports(document)
    listed = [check for report in reports for check in _all_checks(report.results)]
    passed = sum(max(report.summary.passed, len(report.results.passed_checks)) for report in reports)
    if not listed and not passed:
        raise ReportError(
            "holds no check, neither failed nor passed: nothing was looked at",
            mend="check the folder and the frameworks given to Checkov",
        )
    failed = [check for report in reports for check in report.results.failed_checks]
    skipped = [check for report in reports for check in report.results.skipped_checks]
    errors = [path for report in reports for path in report.results.parsing_errors]
    broken = dict.fromkeys(below(path, root) for path in errors)
    faults = tuple(_faults(reports, errors))
    categories = {id(check): report.check_type for report in reports for check in _all_checks(report.results)}
    return Scan(
        tool="Checkov",
        version=next((report.summary.checkov_version for report in reports), None),
        format="checkov",
        findings=tuple(_finding(check, categories[id(check)], root) for check in failed),
        suppressed=tuple(_finding(check, categories[id(check)], root, waiver=_waiver(check)) for check in skipped),
        analysed=_analysed(reports, root, broken),
        not_analysed=tuple(broken),
        complete=not faults,
        notes=(*faults, *_notes(passed)),
        rules=tuple({check.check_id: _rule(check) for check in (*failed, *skipped)}.values()),
        categories=tuple(dict.fromkeys(report.check_type for report in reports)),
    )


def _reports(document: bytes) -> list[Report]:
    """One framework writes an object, several a list of them; none writes counters alone."""
    if document.lstrip().startswith(b"["):
        return decode(document, list[Report])
    fields = decode(document, dict[str, msgspec.Raw])
    return [] if "checkov_version" in fields and "results" not in fields else [decode(document, Report)]


def _all_checks(results: Results) -> Iterator[Check]:
    yield from results.failed_checks
    yield from results.passed_checks
    yield from results.skipped_checks


def _finding(check: Check, category: str, root: str, *, waiver: Waiver | None = None) -> Finding:
    details = check.vulnerability_details or Details()
    lines = [line for line in check.file_line_range or () if line > 0]
    path = _path(check, root)
    name = check.check_name or check.check_id
    return Finding(
        rule=details.id or check.check_id,
        message=f"{name}: {check.resource}" if check.resource else name,
        severity=severity_of(check.severity or details.severity),
        tool="Checkov",
        is_security=True,
        location=Location(path, min(lines, default=None), None, max(lines, default=None)) if path else None,
        category=category,
        package="@".join(filter(None, (details.package_name, details.package_version))) or None,
        fixed_in=details.lowest_fixed_version or None,
        fixable=bool(details.lowest_fixed_version),
        waiver=waiver,
    )


def _path(check: Check, root: str) -> str:
    """From the folder of the checkout where that is known: ``file_path`` starts at the folder that was scanned."""
    whole = below(check.file_abs_path, root)
    if whole and not whole.startswith("/"):
        return whole
    return below((check.repo_file_path or check.file_path).lstrip("/"), root)


def _waiver(check: Check) -> Waiver:
    return Waiver(id=check.check_id, reason=check.check_result.suppress_comment, source="checkov skip")


def _analysed(reports: Sequence[Report], root: str, broken: Container[str]) -> tuple[str, ...] | None:
    """None where ``--quiet`` left out the passed checks: the clean files would be missing."""
    if any(report.summary.passed > len(report.results.passed_checks) for report in reports):
        return None
    paths = (_path(check, root) for report in reports for check in _all_checks(report.results))
    return tuple(dict.fromkeys(path for path in paths if path and path not in broken)) or None


def _rule(check: Check) -> Rule:
    details = check.vulnerability_details or Details()
    return Rule(id=details.id or check.check_id, summary=check.check_name, help_uri=check.guideline or None)


def _faults(reports: Sequence[Report], errors: Sequence[str]) -> Iterator[str]:
    """Counters above what is listed speak of something that is not there."""
    yield from (f"Checkov could not parse {path[:200]}." for path in errors[:SHOWN_FAULTS])
    unread = max(len(errors), sum(report.summary.parsing_errors for report in reports)) - len(errors[:SHOWN_FAULTS])
    if unread > 0:
        yield f"Checkov could not parse {unread} {'further ' if errors else ''}files."
    lost = sum(max(0, report.summary.failed - len(report.results.failed_checks)) for report in reports)
    if lost:
        yield f"{lost} failed check(s) were counted and not listed."
    odd = sum(
        1 for report in reports for check in report.results.passed_checks if check.check_result.result not in PASSED
    )
    if odd:
        yield f"{odd} check(s) are listed as passed and say something else: Checkov did not come to know."


def _notes(passed: int) -> Iterator[str]:
    if passed:
        yield f"{passed} check(s) passed."


reader = Reader(name="checkov", summary="Checkov JSON, of one framework or several", recognises=recognise, read=read)
