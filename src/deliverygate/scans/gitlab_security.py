"""GitLab's security reports to Scan, schemas 14 and 15 and those before them.

https://docs.gitlab.com/development/integrations/secure/#report and the schemas of gitlab-org/security-products.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Scan, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode, decode_each, require_unique_keys
from deliverygate.scans.numbers import whole
from deliverygate.scans.paths import below
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of
from deliverygate.scans.times import read_time
from deliverygate.scans.tools import tool_name
from deliverygate.scans.unchecked import says_so

SCAN_SINCE = 14  #: the schema that demands ``scan``, which says whether the scanner came to its end
ADVISORIES = ("cve", "ghsa")  #: kinds of identifiers that several scanners share, the best known first
IMAGES = "container_scanning"  #: a file that is named there is one of the image
FAULTS = frozenset(("fatal", "error"))
OLD_KEYS = frozenset(("version", "vulnerabilities", "remediations", "dependency_files", "schema"))
SHOWN_FAULTS = 3

_FIX = re.compile(r"Upgrade (?:\S+ )?to (?:versions? )?(\S.*?)(?: or above)?\.?")


class Package(msgspec.Struct, gc=False):
    name: str = ""


class Dependency(msgspec.Struct, gc=False):
    package: Package | None = None
    version: str = ""


class Place(msgspec.Struct, gc=False):
    file: str = ""
    start_line: int | None = None
    end_line: int | None = None
    dependency: Dependency | None = None


class Identifier(msgspec.Struct, gc=False):
    type: str = ""
    name: str = ""
    value: str = ""
    url: str = ""


class Flag(msgspec.Struct, gc=False):
    type: str = ""
    origin: str = ""
    description: str = ""


class Vulnerability(msgspec.Struct, gc=False):
    """Without ``raw_source_code_extract``: of a secret it is the secret."""

    id: str = ""
    name: str = ""
    message: str = ""
    description: str = ""
    cve: str = ""  #: of schemas before 15: no CVE but a key, such as "file:hash:rule"
    severity: str = ""
    solution: str = ""
    location: Place | None = None
    identifiers: list[Identifier] | None = None
    flags: list[Flag] | None = None
    details: Any = None  #: of many kinds, also the way of a value through the code


class FilePlace(msgspec.Struct, gc=False):
    """A detail of the type ``file-location``."""

    file_name: str
    line_start: int | None = None
    line_end: int | None = None


class Message(msgspec.Struct):
    level: str = ""
    value: str = ""


class Scanner(msgspec.Struct):
    name: str = ""
    version: str | None = None


class ScanOf(msgspec.Struct):
    scanner: Scanner | None = None
    type: str = ""
    status: str = ""
    end_time: str | None = None
    messages: list[Message] | None = None


class Report(msgspec.Struct):
    version: str
    vulnerabilities: list[msgspec.Raw]
    scan: ScanOf | None = None


def recognise(outline: Outline) -> bool:
    """CycloneDX has a version and vulnerabilities, too, and says what it is."""
    return (
        outline.kind == "object" and outline.keys >= {"version", "vulnerabilities"} and "bomFormat" not in outline.keys
    )


def read(document: bytes, *, root: str) -> Scan:
    """An empty list of vulnerabilities is a clean run as far as ``scan`` says that there was one."""
    report = decode(document, Report)
    require_unique_keys(document, decoded={"vulnerabilities": 1})
    scan = report.scan or ScanOf()
    scanner = scan.scanner or Scanner()
    tool = tool_name(scanner.name) or "GitLab"
    found: list[Finding] = []
    rules: dict[str, Rule] = {}
    for item in decode_each(report.vulnerabilities, Vulnerability, place="$.vulnerabilities"):
        found.append(_finding(item, tool=tool, category=scan.type, root=root))
        rules.setdefault(found[-1].rule, _rule(item))
    faults = tuple(_faults(report))
    if not found and report.scan is None:
        _require_own(document)
    if not found and report.scan is None and faults:
        raise ReportError(
            "lists no vulnerability and no `scan`: nothing shows that a scanner ran",
            mend="run the scanner again and keep its whole output",
        )
    return Scan(
        tool=tool,
        version=scanner.version,
        format="gitlab-security",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        complete=not faults,
        notes=(*faults, *_notes(report)),
        rules=tuple(rules.values()),
        created_at=read_time(scan.end_time),
        categories=(scan.type,) if scan.type else (),
        in_image=scan.type == IMAGES,
    )


def _require_own(document: bytes) -> None:
    """Raise ReportError for another tool's empty list: without a scan and a finding, only its keys tell them apart."""
    foreign = sorted(decode(document, dict[str, msgspec.Raw]).keys() - OLD_KEYS)
    if foreign:
        raise ReportError(
            f"lists no vulnerability and no `scan`, and {foreign[0][:80]!r} is no key of GitLab's old reports",
            mend="check that it is the report you mean, or correct `format:`",
        )


def _finding(item: Vulnerability, *, tool: str, category: str, root: str) -> Finding:
    place = item.location or Place()
    fix = _FIX.fullmatch(item.solution)
    rule = _rule_id(item)
    return Finding(
        rule=rule,
        message=item.message or item.name or item.description.partition("\n")[0] or rule,
        severity=severity_of(item.severity),
        tool=tool,
        is_security=True,
        location=_locate(place, root),
        related=tuple(dict.fromkeys(_related(item.details, root))) if item.details else (),
        category=category,
        package=_package(place.dependency),
        aliases=other_ids(rule, (each.value for each in item.identifiers or () if each.type.lower() in ADVISORIES)),
        fixed_in=fix[1] if fix else None,
        fixable=fix is not None,
        native=item.id if item.id not in ("", rule) else None,
        waiver=_waiver(item, rule),
    )


def _locate(place: Place, root: str) -> Location | None:
    """None for a package of an image: the name of the image is no path."""
    path = below(place.file, root)
    return Location(path, place.start_line or None, None, place.end_line or None) if path else None


def _related(details: Any, root: str) -> Iterator[Location]:
    """The places that the details name, at any depth: a flow of code is a list of lists of them."""
    left = [details]
    while left:
        each = left.pop()
        if isinstance(each, dict) and each.get("type") == "file-location":
            place = decode(msgspec.json.encode(each), FilePlace, place="$.vulnerabilities[...].details")
            yield Location(below(place.file_name, root), place.line_start or None, None, place.line_end or None)
        elif isinstance(each, dict):
            left.extend(reversed(each.values()))
        elif isinstance(each, list):
            left.extend(reversed(each))


def _package(dependency: Dependency | None) -> str | None:
    """Reports of source code hold an empty package as well."""
    name = dependency.package.name if dependency and dependency.package else ""
    return "@".join(filter(None, (name, dependency.version))) if dependency and name else None


def _rule_id(item: Vulnerability) -> str:
    """The first identifier is the scanner's own (GitLab's primary one); of a package, the CVE names it everywhere."""
    identifiers = [identifier for identifier in item.identifiers or () if identifier.value or identifier.name]
    if _package((item.location or Place()).dependency):
        identifiers.sort(key=lambda identifier: _rank(identifier.type))
    first = identifiers[0] if identifiers else Identifier(value=item.name or item.cve or "unnamed")
    return first.value or first.name


def _rank(kind: str) -> int:
    return ADVISORIES.index(kind.lower()) if kind.lower() in ADVISORIES else len(ADVISORIES)


def _waiver(item: Vulnerability, rule: str) -> Waiver | None:
    """Flags take a finding for a false positive, e.g. GitLab's post-analyzers."""
    if not item.flags:
        return None
    origins = dict.fromkeys(flag.origin for flag in item.flags if flag.origin)
    reasons = dict.fromkeys(flag.description or flag.type for flag in item.flags)
    return Waiver(id=rule, reason="; ".join(reasons), source=f"gitlab flag {', '.join(origins)}".rstrip())


def _rule(item: Vulnerability) -> Rule:
    address = next((identifier.url for identifier in item.identifiers or () if identifier.url), None)
    return Rule(
        id=_rule_id(item),
        summary=item.name or item.message,
        why=item.description,
        remedy=item.solution,
        help_uri=address,
    )


def _faults(report: Report) -> Iterator[str]:
    if report.scan is None:
        if _major(report.version) >= SCAN_SINCE:
            yield f"The report lacks `scan`, which its schema {report.version[:20]} demands: it may not be whole."
        return
    if report.scan.status.lower() != "success":
        yield f"The scan did not end well: its status is {report.scan.status[:40] or 'not given'}."
    messages = [message.value for message in report.scan.messages or () if _is_fault(message)]
    yield from (f"The scanner reported an error of its own: {said[:200]}" for said in messages[:SHOWN_FAULTS])


def _is_fault(message: Message) -> bool:
    """Analyzers only warn of files that they could not parse."""
    level = message.level.lower()
    return level in FAULTS or (level.startswith("warn") and says_so(message.value))


def _notes(report: Report) -> Iterator[str]:
    if report.scan is None and _major(report.version) < SCAN_SINCE:
        yield f"Schema {report.version[:20]} does not say which scanner ran, nor whether it came to its end."


def _major(version: str) -> int:
    """0 for what is no version."""
    return whole(version.partition(".")[0]) or 0


reader = Reader(
    name="gitlab-security",
    summary="GitLab security report: SAST, secrets, dependencies, containers",
    recognises=recognise,
    read=read,
)
