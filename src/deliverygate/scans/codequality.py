"""GitLab Code Quality to Scan. https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from typing import NamedTuple

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Scan, Severity
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.listed import note_on
from deliverygate.scans.paths import below, locate
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.unchecked import IGNORED, IGNORED_RULES, RULES

SEVERITIES = {
    "blocker": Severity.CRITICAL,
    "critical": Severity.HIGH,
    "major": Severity.MEDIUM,
    "minor": Severity.LOW,
    "info": Severity.INFO,
}

NO_RULE = frozenset((None, "", "eslint", "null"))  #: how writers spell what no rule of ESLint says

# Trivy's template shifts its own words, and writes "info" for LOW as well as for UNKNOWN.
TRIVY_CHECK = "container_scanning"
TRIVY_SEVERITIES = {"critical": Severity.CRITICAL, "major": Severity.HIGH, "minor": Severity.MEDIUM}
TRIVY_KINDS = {"Misconfig": "{title}", "Secret": "{title} in {path}"}  # with the words of its JSON's reader
_TRIVY_PACKAGE = re.compile(r"(?P<rule>\S+) - (?P<name>\S+) - (?P<version>\S+) - (?P<title>.*)", re.DOTALL)


class Begin(msgspec.Struct, frozen=True):
    line: int = 0
    column: int = 0


class Lines(msgspec.Struct, frozen=True):
    begin: int = 0
    end: int | None = None


class Positions(msgspec.Struct, frozen=True):
    begin: Begin = Begin()
    end: Begin = Begin()


class Place(msgspec.Struct):
    path: str
    lines: Lines | None = None
    positions: Positions | None = None


class Entry(msgspec.Struct):
    description: str
    fingerprint: str
    location: Place
    other_locations: list[Place] | None = None
    severity: str = ""
    check_name: str | None = None
    engine_name: str | None = None
    categories: list[str] = []

    @property
    def is_ignored(self) -> bool:
        """Not the entry, but the file: the tool says that it did not look at it."""
        return self.check_name in IGNORED_RULES or (self.check_name in NO_RULE and self.description.startswith(IGNORED))


def recognise(outline: Outline) -> bool:
    return outline.kind == "list" and outline.keys >= {"description", "fingerprint", "location"}


def read(document: bytes, *, root: str) -> Scan:
    """Every entry counts, also those that GitLab hides because another one has the same fingerprint."""
    require_unique_keys(document)
    entries = decode(document, list[Entry])
    findings = tuple(_finding(entry, root) for entry in entries if not entry.is_ignored)
    if entries and not findings:
        raise ReportError(
            f"says of each of its {len(entries)} file(s) that it was ignored: nothing was looked at",
            mend="check the paths given to the tool, and what its configuration ignores",
        )
    tools = dict.fromkeys(finding.tool for finding in findings)
    broken = dict.fromkeys(below(entry.location.path, root) for entry in entries if entry.check_name in RULES)
    ignored = dict.fromkeys(below(entry.location.path, root) for entry in entries if entry.is_ignored)
    return Scan(
        tool=", ".join(tools) or "Code Quality",
        version=None,
        format="codequality",
        findings=findings,
        not_analysed=(*broken, *ignored),
        complete=not broken,
        notes=tuple(_notes(broken, ignored)) + note_on(entries, tool="its writer"),
    )


def _notes(broken: Sized, ignored: Sized) -> Iterator[str]:
    if broken:
        yield f"The tool could not check {len(broken)} file(s)."
    if ignored:
        yield f"The tool ignored {len(ignored)} file(s), which count for nothing."


def _finding(entry: Entry, root: str) -> Finding:
    if entry.check_name == TRIVY_CHECK:
        return _finding_of_trivy(entry, root)
    return Finding(
        rule=entry.check_name or "codequality",
        message=entry.description,
        severity=SEVERITIES.get(entry.severity, Severity.UNKNOWN),
        tool=entry.engine_name or "Code Quality",
        location=_location(entry.location, root),
        is_security="security" in map(str.lower, entry.categories),
        others=tuple(filter(None, (_location(each, root) for each in entry.other_locations or ()))),
        category=", ".join(entry.categories),
        native=entry.fingerprint,
    )


def _location(place: Place, root: str) -> Location | None:
    lines, positions = place.lines or Lines(), place.positions or Positions()
    return locate(
        place.path,
        root,
        line=lines.begin or positions.begin.line,
        column=positions.begin.column,
        end_line=lines.end or positions.end.line,
    )


def _finding_of_trivy(entry: Entry, root: str) -> Finding:
    """The same finding as in Trivy's JSON: the package and the vulnerability stand in the description."""
    what = _read_description(entry.description, entry.location.path)
    return Finding(
        rule=what.rule,
        message=what.title,
        severity=TRIVY_SEVERITIES.get(entry.severity, Severity.UNKNOWN),
        tool="Trivy",
        is_security=True,
        location=None if entry.location.path.endswith(")") else _location(entry.location, root),
        package=what.package,
        native=entry.fingerprint,
    )


class Described(NamedTuple):
    rule: str
    title: str
    package: str | None


def _read_description(written: str, path: str) -> Described:
    """``CVE-2019-1549 - libssl1.1 - 1.1.1c-r0 - title`` of a package, ``DS002 - title`` of anything else.

    Later templates put a word before the latter, ``Misconfig`` or ``Secret``.
    """
    kind, _, rest = written.partition(" - ")
    if kind in TRIVY_KINDS and rest:
        rule, _, title = rest.partition(" - ")
        return Described(rule, TRIVY_KINDS[kind].format(title=title or rule, path=path), None)
    package = _TRIVY_PACKAGE.fullmatch(written)
    if package:
        return Described(package["rule"], package["title"], f"{package['name']}@{package['version']}")
    rule, _, title = written.partition(" - ")
    return Described(rule, title or rule, None)


reader = Reader(name="codequality", summary="GitLab Code Quality", recognises=recognise, read=read)
