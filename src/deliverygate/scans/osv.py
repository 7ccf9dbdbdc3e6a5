"""OSV-Scanner's JSON to Scan. https://google.github.io/osv-scanner/output/#json

The entries of a vulnerability follow https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Severity
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.cvss import base_score
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.numbers import decimal
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of, severity_of_score

KEYS = frozenset(
    ("results", "experimental_config", "image_metadata", "license_summary", "experimental_generic_findings")
)
PURL_TYPES = {
    "crates.io": "cargo",
    "Go": "golang",
    "Hex": "hex",
    "Maven": "maven",
    "npm": "npm",
    "NuGet": "nuget",
    "Packagist": "composer",
    "Pub": "pub",
    "PyPI": "pypi",
    "RubyGems": "gem",
}


class Source(msgspec.Struct):
    path: str = ""
    type: str = ""


class PackageName(msgspec.Struct):
    name: str
    version: str = ""
    ecosystem: str = ""


class Score(msgspec.Struct):
    type: str = ""
    score: str = ""


class Event(msgspec.Struct):
    fixed: str | None = None


class Range(msgspec.Struct):
    events: list[Event] = []


class Affected(msgspec.Struct):
    package: PackageName | None = None
    ranges: list[Range] | None = None


class DatabaseSpecific(msgspec.Struct):
    severity: Any = None  #: a word in GitHub's advisories; other databases write what they like


class Vulnerability(msgspec.Struct):
    id: str
    aliases: list[str] | None = None
    summary: str = ""
    details: str = ""
    severity: list[Score] | None = None
    affected: list[Affected] | None = None
    database_specific: DatabaseSpecific | None = None


class Group(msgspec.Struct):
    """The ids under which several databases know the same vulnerability."""

    ids: list[str]
    max_severity: str = ""  #: the highest base score, as text


class Package(msgspec.Struct):
    package: PackageName
    vulnerabilities: list[Vulnerability] | None = None
    groups: list[Group] | None = None
    license_violations: list[str] | None = None


class Result(msgspec.Struct):
    source: Source
    packages: list[Package]


class Report(msgspec.Struct):
    results: list[Result]


def recognise(outline: Outline) -> bool:
    """``results`` alone is too little: then the first one has to be one of OSV-Scanner's."""
    if outline.kind != "object" or "results" not in outline.keys or not outline.keys <= KEYS:
        return False
    return len(outline.keys) > 1 or ('"source"' in outline.text and '"packages"' in outline.text)


def read(document: bytes, *, root: str) -> Scan:
    """An empty list is what OSV-Scanner writes for a clean run; when it finds no package it writes no report.

    Only sources and packages with a finding are listed (but for ``--all-packages``), so ``analysed`` stays unknown.
    """
    require_unique_keys(document)
    report = decode(document, Report)
    if not report.results:
        _require_own(document)
    found: list[Finding] = []
    rules: dict[str, Rule] = {}
    for result in report.results:
        path = below(result.source.path, root)
        for package in result.packages:
            for group, entries in _groups(package):
                found.append(_finding(package.package, group, entries, path))
                rules.setdefault(group.ids[0], _rule(group.ids[0], entries))
            found += [_license_finding(package.package, name, path) for name in package.license_violations or ()]
    return Scan(
        tool="OSV-Scanner",
        version=None,
        format="osv",
        findings=tuple(found),
        complete=all(result.packages for result in report.results),
        notes=tuple(_notes(report)),
        rules=tuple(rules.values()),
    )


def _require_own(document: bytes) -> None:
    """Raise ReportError for the empty ``results`` of another tool: without any, nothing else tells them apart."""
    foreign = sorted(decode(document, dict[str, msgspec.Raw]).keys() - KEYS)
    if foreign:
        raise ReportError(
            f"lists no result, and {foreign[0][:80]!r} is no key of OSV-Scanner's",
            mend="check that it is the report you mean, or correct `format:`",
        )


def _notes(report: Report) -> Iterator[str]:
    if not report.results:
        yield "The report names no source: OSV-Scanner lists only those with findings."
    empty = sum(1 for result in report.results if not result.packages)
    if empty:
        yield f"{empty} source(s) are named without a package: the report is not whole."


def _groups(package: Package) -> Iterator[tuple[Group, list[Vulnerability]]]:
    """One finding a group, since the same vulnerability is listed once for each database; and one for each that no
    group names. A group counts also where none of its vulnerabilities is described."""
    left = {entry.id: entry for entry in package.vulnerabilities or ()}
    named: set[str] = set()
    for group in package.groups or ():
        entries = [left.pop(id) for id in group.ids if id in left]  # noqa: A001
        if entries or (group.ids and named.isdisjoint(group.ids)):
            yield group, entries
        named.update(group.ids)
    for entry in left.values():
        yield Group(ids=[entry.id]), [entry]


def _finding(package: PackageName, group: Group, entries: Sequence[Vulnerability], path: str) -> Finding:
    rule, fixes = group.ids[0], tuple(_fixes(entries, package))
    return Finding(
        rule=rule,
        message=next((entry.summary for entry in entries if entry.summary), "") or f"{rule} in {package.name}",
        severity=_severity(group, entries),
        tool="OSV-Scanner",
        is_security=True,
        location=Location(path) if path else None,
        package=_purl(package),
        aliases=other_ids(rule, (*group.ids, *(name for entry in entries for name in entry.aliases or ()))),
        fixed_in=", ".join(fixes) or None,
        fixable=bool(fixes),
    )


def _license_finding(package: PackageName, name: str, path: str) -> Finding:
    return Finding(
        rule=name,
        message=f"{package.name} is under {name}, which is not allowed",
        severity=Severity.UNKNOWN,
        tool="OSV-Scanner",
        location=Location(path) if path else None,
        category="license",
        package=_purl(package),
    )


def _severity(group: Group, entries: Sequence[Vulnerability]) -> Severity:
    """The worst of the entries: by their vectors, else by the word of their database, else the group's score."""
    scores = [base_score(score.score) for entry in entries for score in entry.severity or ()]
    worst = max((severity_of_score(score) for score in scores), default=Severity.UNKNOWN)
    if worst is not Severity.UNKNOWN:
        return worst
    words = (entry.database_specific.severity for entry in entries if entry.database_specific)
    worst = max((severity_of(word) for word in words if isinstance(word, str)), default=Severity.UNKNOWN)
    return worst if worst is not Severity.UNKNOWN else severity_of_score(decimal(group.max_severity))


def _fixes(entries: Sequence[Vulnerability], package: PackageName) -> Iterator[str]:
    """Each version that a database says mends it, once."""
    events = (
        event
        for entry in entries
        for affected in entry.affected or ()
        if affected.package is None or affected.package.name == package.name
        for range_ in affected.ranges or ()
        for event in range_.events
    )
    yield from dict.fromkeys(event.fixed for event in events if event.fixed)


def _purl(package: PackageName) -> str:
    version = f"@{package.version}" if package.version else ""
    kind = PURL_TYPES.get(package.ecosystem)
    if kind is None:
        return package.name + version
    name = package.name.replace(":", "/") if kind == "maven" else package.name.replace("@", "%40")
    return f"pkg:{kind}/{name}{version}"


def _rule(rule: str, entries: Sequence[Vulnerability]) -> Rule:
    first = entries[0] if entries else Vulnerability(id=rule)
    return Rule(id=rule, summary=first.summary, why=first.details, help_uri=f"https://osv.dev/{rule}")


reader = Reader(name="osv", summary="OSV-Scanner JSON", recognises=recognise, read=read)
