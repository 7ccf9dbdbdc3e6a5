"""``npm audit --json`` of npm 7 and later to Scan. https://docs.npmjs.com/cli/commands/npm-audit"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of

VERSION = 2


class Advisory(msgspec.Struct):
    severity: str
    source: int | str = ""
    name: str = ""
    title: str = ""
    url: str = ""
    range: str = ""


class Fix(msgspec.Struct):
    """What to install at the top so that the vulnerable package goes; it may be another package."""

    name: str = ""
    version: str = ""


class Package(msgspec.Struct, rename="camel"):
    severity: str
    via: list[str | Advisory]  #: an advisory, or the name of a vulnerable package that it depends on
    fix_available: bool | Fix = False


class Total(msgspec.Struct):
    total: int = 0


class Metadata(msgspec.Struct):
    dependencies: Total | None = None
    vulnerabilities: Total | None = None  #: packages, not advisories


class Report(msgspec.Struct, rename="camel"):
    audit_report_version: int
    vulnerabilities: dict[str, Package]
    metadata: Metadata | None = None


class Failure(msgspec.Struct):
    """What npm writes where the report should be when there is no lock file or no answer from the registry."""

    error: Any = None
    message: str = ""


def recognise(outline: Outline) -> bool:
    """The second form is a failure, the third the report of npm 6; both deserve to be told so."""
    return outline.kind == "object" and (
        "auditReportVersion" in outline.keys
        or outline.keys == {"error"}
        or outline.keys >= {"error", "message", "method", "uri"}
        or outline.keys >= {"advisories", "actions", "muted"}
    )


def read(document: bytes, *, root: str) -> Scan:
    """A package that is vulnerable only for what it depends on has no advisory of its own, and is no finding.

    npm itself counts packages, not advisories. It names no file, so findings have no location.
    """
    require_unique_keys(document)
    report = _report(document)
    found: dict[tuple[str, str], Finding] = {}
    rules: dict[str, Rule] = {}
    for name, package in report.vulnerabilities.items():
        for advisory in package.via:
            if isinstance(advisory, Advisory):
                finding = _finding(name, package, advisory)
                found.setdefault((finding.rule, advisory.name or name), finding)
                rule = Rule(id=finding.rule, summary=advisory.title, help_uri=advisory.url or None)
                rules.setdefault(rule.id, rule)
    faults = tuple(_faults(report))
    return Scan(
        tool="npm audit",
        version=None,
        format="npm-audit",
        findings=tuple(found.values()),
        complete=not faults,
        notes=(*faults, *_notes(report, found)),
        rules=tuple(rules.values()),
    )


def _report(document: bytes) -> Report:
    fields = decode(document, dict[str, msgspec.Raw])
    if "auditReportVersion" not in fields and "error" in fields:
        raise ReportError(
            f"is no report but npm's message that the audit failed: {_said(document)[:200]}",
            mend="npm audit needs a lock file and a registry that answers; mend what it says and run it again",
        )
    if "auditReportVersion" not in fields and "advisories" in fields:
        raise ReportError("is a report of npm 6, which is not read", mend="use npm 7 or later")
    report = decode(document, Report)
    if report.audit_report_version != VERSION:
        raise ReportError(
            f"has auditReportVersion {report.audit_report_version}, known is {VERSION}",
            mend="use a release of deliverygate that knows it",
        )
    return report


def _said(document: bytes) -> str:
    failure = decode(document, Failure)
    error = failure.error if isinstance(failure.error, dict) else {}
    parts = (error.get("code"), error.get("summary"), failure.message)
    return " ".join(part for part in parts if isinstance(part, str) and part).strip() or "it does not say why"


def _finding(name: str, package: Package, advisory: Advisory) -> Finding:
    affected = advisory.name or name
    fix = package.fix_available
    return Finding(
        rule=_rule_id(advisory),
        message=f"{advisory.title or 'A known vulnerability'} in {affected} {advisory.range}".rstrip(),
        severity=severity_of(advisory.severity),
        tool="npm audit",
        is_security=True,
        package=f"pkg:npm/{quote(affected, safe='/')}",
        fixed_in=_fixed_in(fix, affected) if isinstance(fix, Fix) else None,
        fixable=bool(fix),
    )


def _rule_id(advisory: Advisory) -> str:
    """The id of GitHub's advisory, with which the registry's addresses end; else the registry's own number."""
    last = advisory.url.rstrip("/").rpartition("/")[2]
    return last if last.startswith(("GHSA-", "CVE-")) else str(advisory.source) or advisory.title or "unnamed"


def _fixed_in(fix: Fix, affected: str) -> str | None:
    if not fix.version:
        return None
    return fix.version if fix.name in ("", affected) else f"{fix.name}@{fix.version}"


def _faults(report: Report) -> Iterator[str]:
    """What is not whole: a package without a reason, a reason that is not there, a package that is only counted."""
    listed = report.vulnerabilities
    silent = sum(1 for package in listed.values() if not _has_reason(package, listed))
    if silent:
        yield f"{silent} vulnerable package(s) are listed without the advisory that says why."
    counted = report.metadata.vulnerabilities if report.metadata else None
    lost = counted.total - len(listed) if counted else 0
    if lost > 0:
        yield f"{lost} vulnerable package(s) were counted and not listed."


def _has_reason(package: Package, listed: Mapping[str, Package]) -> bool:
    return any(isinstance(via, Advisory) or via in listed for via in package.via)


def _notes(report: Report, found: dict[tuple[str, str], Finding]) -> Iterator[str]:
    carriers = sum(1 for package in report.vulnerabilities.values() if all(isinstance(via, str) for via in package.via))
    if carriers and found:
        yield f"{carriers} package(s) are vulnerable only for what they depend on."
    total = report.metadata.dependencies.total if report.metadata and report.metadata.dependencies else None
    if total == 0:
        yield "npm counted no dependency."


reader = Reader(name="npm-audit", summary="npm audit JSON, npm 7 and later", recognises=recognise, read=read)
