"""Grype's JSON report to Scan. https://github.com/anchore/grype#output-formats"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join
from typing import Any

import msgspec

from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode, decode_each, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time

# Of these the first location is a file of the package manager, the same for every package.
SYSTEM_PACKAGES = frozenset(("apk", "deb", "rpm", "alpm", "portage", "msrc-kb", "linux-kernel"))
FOLDERS = frozenset(("directory", "file"))  #: kinds of source whose paths are paths of the checkout


class Fix(msgspec.Struct, gc=False):
    versions: list[str] | None = None
    state: str = ""


class Vulnerability(msgspec.Struct, gc=False, rename="camel"):
    id: str
    severity: str = ""
    description: str = ""
    data_source: str = ""
    fix: Fix | None = None


class Place(msgspec.Struct, gc=False):
    path: str


class Artifact(msgspec.Struct, gc=False):
    name: str
    version: str = ""
    type: str = ""
    purl: str = ""
    locations: list[Place] | None = None


class Related(msgspec.Struct, gc=False):
    id: str = ""


class Ignored(msgspec.Struct, gc=False, rename="kebab"):
    vulnerability: str = ""
    reason: str = ""
    namespace: str = ""
    vex_status: str = ""
    vex_justification: str = ""


class Match(msgspec.Struct, gc=False, rename="camel"):
    vulnerability: Vulnerability
    artifact: Artifact
    related_vulnerabilities: list[Related] | None = None
    applied_ignore_rules: list[Ignored] | None = None


class Source(msgspec.Struct):
    type: str = ""
    target: Any = None  #: the folder's path, or an object about the image


class Database(msgspec.Struct):
    error: str | None = None


class DatabaseStatus(Database):
    status: Database | None = None  #: since 0.88


class Descriptor(msgspec.Struct):
    name: str = ""
    version: str | None = None
    timestamp: str | None = None
    db: DatabaseStatus | None = None


class Report(msgspec.Struct, rename="camel"):
    matches: list[msgspec.Raw]
    descriptor: Descriptor
    source: Source | None = None
    ignored_matches: list[msgspec.Raw] | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"matches", "descriptor"}


def read(document: bytes, *, root: str) -> Scan:
    """``matches`` is always there: an empty list is what Grype writes when it found nothing wrong.

    Grype does not say which files or packages it looked at, so ``analysed`` stays unknown.
    """
    report = decode(document, Report)
    require_unique_keys(document, decoded={"matches": 1, "ignoredMatches": report.ignored_matches is not None})
    collection = _Collection(report.source or Source(), root)
    findings = tuple(collection.add_all(report.matches, place="$.matches"))
    suppressed = tuple(collection.add_all(report.ignored_matches or [], place="$.ignoredMatches", is_ignored=True))
    faults = tuple(_faults(report.descriptor.db))
    return Scan(
        tool="Grype",
        version=report.descriptor.version,
        format="grype",
        findings=findings,
        suppressed=suppressed,
        complete=not faults,
        notes=faults,
        rules=tuple(collection.rules.values()),
        created_at=read_time(report.descriptor.timestamp),
        in_image=collection.places.in_image,
    )


class _Collection:
    """Matches to findings, and to the rules that they name."""

    def __init__(self, source: Source, root: str) -> None:
        self.places = _Places(source, root)
        self.rules: dict[str, Rule] = {}

    def add_all(self, matches: list[msgspec.Raw], *, place: str, is_ignored: bool = False) -> Iterator[Finding]:
        for match in decode_each(matches, Match, place=place):
            if match.vulnerability.id not in self.rules:
                self.rules[match.vulnerability.id] = _rule(match.vulnerability)
            yield _finding(match, self.places, waiver=_waiver(match) if is_ignored else None)


class _Places:
    """Where an artifact lies: a path of the checkout where a folder was scanned, else a path inside of the image."""

    def __init__(self, source: Source, root: str) -> None:
        self.root = root
        self.in_image = bool(source.type) and source.type not in FOLDERS
        self.folder = source.target if source.type in FOLDERS and isinstance(source.target, str) else None

    def locate(self, artifact: Artifact) -> Location | None:
        """None for packages of an operating system."""
        path = artifact.locations[0].path if artifact.locations else ""
        if not path or artifact.type in SYSTEM_PACKAGES:
            return None
        shortened = below(path, self.root)
        if self.folder is not None and shortened.startswith("/"):
            # Newer releases write "/package-lock.json" for a file right below the folder that was scanned.
            folder = below(self.folder, self.root)
            shortened = below(join("" if folder.startswith("/") else folder, shortened.lstrip("/")), self.root)
        return Location(shortened)


def _finding(match: Match, places: _Places, *, waiver: Waiver | None) -> Finding:
    vulnerability, artifact = match.vulnerability, match.artifact
    fix = vulnerability.fix or Fix()
    return Finding(
        rule=vulnerability.id,
        message=f"{vulnerability.id} in {artifact.name} {artifact.version}".rstrip(),
        severity=severity_of(vulnerability.severity),
        tool="Grype",
        location=places.locate(artifact),
        category=artifact.type,
        package=artifact.purl or "@".join(filter(None, (artifact.name, artifact.version))),
        aliases=other_ids(vulnerability.id, (related.id for related in match.related_vulnerabilities or ())),
        fixed_in=", ".join(fix.versions or ()) or None,
        fixable=fix.state == "fixed" if fix.state else bool(fix.versions),
        waiver=waiver,
    )


def _waiver(match: Match) -> Waiver:
    """Of a match in the list of the ignored ones, which the rules beside it only explain."""
    rules = match.applied_ignore_rules or []
    vex = next((rule for rule in rules if rule.vex_status), None)
    reasons = dict.fromkeys(filter(None, (rule.reason or rule.vex_justification for rule in rules)))
    return Waiver(
        id=match.vulnerability.id,
        reason="; ".join(reasons) or (vex.vex_status if vex else ""),
        vex=(vex.vex_justification or None) if vex else None,
        source="grype vex" if vex else "grype ignore",
    )


def _rule(vulnerability: Vulnerability) -> Rule:
    return Rule(
        id=vulnerability.id,
        summary=vulnerability.id,
        why=vulnerability.description,
        help_uri=vulnerability.data_source or None,
    )


def _faults(db: DatabaseStatus | None) -> Iterator[str]:
    for part in (db, db.status if db else None):
        if part and part.error:
            yield f"Grype had no good database: {part.error[:200]}"


reader = Reader(name="grype", summary="Grype JSON", recognises=recognise, read=read)
