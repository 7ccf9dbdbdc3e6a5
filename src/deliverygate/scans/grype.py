"""Grype's JSON report to Scan. https://github.com/anchore/grype#output-formats"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from posixpath import join
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode, decode_each, require_unique_keys
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time

# Of these the first location is a file of the package manager, the same for every package.
SYSTEM_PACKAGES = frozenset(("apk", "deb", "rpm", "alpm", "portage", "msrc-kb", "linux-kernel"))
END_OF_LIFE = "distro-eol"
OWN_NAMES = frozenset(("grype",))
SHOWN_FAULTS = 3
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
    valid: bool | None = None


class System(msgspec.Struct):
    name: Any = None
    version: Any = None


class DatabaseStatus(Database):
    status: Database | None = None  #: since 0.88


class Alert(msgspec.Struct):
    type: str = ""
    message: str = ""


class Alerted(msgspec.Struct):
    """A package of which Grype says why it could not look at it well."""

    package: Artifact | None = None
    alerts: list[Alert] | None = None


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
    alerts_by_package: list[Alerted] | None = None  #: since 0.105
    distro: System | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and outline.keys >= {"matches", "descriptor"}


def read(document: bytes, *, root: str) -> Scan:
    """``matches`` is always there: an empty list is what Grype writes when it found nothing wrong.

    Grype does not say which files or packages it looked at, so ``analysed`` stays unknown.
    """
    report = decode(document, Report)
    _require_own(report.descriptor)
    require_unique_keys(document, decoded={"matches": 1, "ignoredMatches": report.ignored_matches is not None})
    collection = _Collection(report.source or Source(), root)
    findings = tuple(collection.add_all(report.matches, place="$.matches"))
    suppressed = tuple(collection.add_all(report.ignored_matches or [], place="$.ignoredMatches", is_ignored=True))
    faults = (*_faults(report.descriptor.db), *_unmatched(report.alerts_by_package or ()))
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
        end_of_life=_end_of_life(report),
        in_image=collection.places.in_image,
    )


def _require_own(descriptor: Descriptor) -> None:
    """Raise ReportError for the tools that are made of Grype's parts and look for something else, e.g. xeol."""
    name = descriptor.name.strip()
    if name and name.lower() not in OWN_NAMES:
        raise ReportError(
            f"is a report of {name[:80]}, which has the shape of Grype's and looks for something else",
            mend="give the report of Grype itself: grype -o json",
        )


def _unmatched(packages: Sequence[Alerted]) -> Iterator[str]:
    """Packages of a distribution of which Grype has no advisories match nothing, whatever is wrong with them."""
    found = [(each, alert) for each in packages for alert in each.alerts or () if alert.type != END_OF_LIFE]
    if found:
        names = ", ".join(dict.fromkeys(each.package.name for each, _ in found[:SHOWN_FAULTS] if each.package))
        said = found[0][1].message or found[0][1].type
        yield (
            f"Grype could not look up {len(found)} package(s), e.g. {names[:200] or 'one without a name'}: "
            f"{said[:200].rstrip('.')}. Scan what is of this distribution with a scanner that knows it."
        )


def _end_of_life(report: Report) -> tuple[str, ...]:
    alerts = (alert for each in report.alerts_by_package or () for alert in each.alerts or ())
    if not any(alert.type == END_OF_LIFE for alert in alerts):
        return ()
    system = report.distro or System()
    names = [part for part in (system.name, system.version) if isinstance(part, str) and part]
    return (" ".join(names) or "the distribution",)


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
        is_security=True,
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
        elif part and part.valid is False:
            yield "Grype had no good database: it says that it is not valid. Run `grype db update`."


reader = Reader(name="grype", summary="Grype JSON", recognises=recognise, read=read)
