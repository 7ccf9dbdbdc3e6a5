"""One Trivy result to findings: what is wrong, in which file or package, and what the report itself took out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec.structs import replace

from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.documents import decode
from deliverygate.scans.paths import below
from deliverygate.scans.trivy import wire

SEVERITIES = {severity.name: severity for severity in Severity} | {"NEGLIGIBLE": Severity.INFO}

# Trivy puts what it finds in single files of a language together under these names; they are no paths.
NO_FILES = frozenset(
    ("", "Python", "Conda", "Ruby", "Node.js", "Java", "Kubernetes", "OS Packages", "Loose File License(s)")
)


class Place(NamedTuple):
    """Where the findings of a result are."""

    target: str  #: Trivy's own name of it, e.g. "alpine:3.20 (alpine 3.20.1)" or "package-lock.json"
    category: str  #: Trivy's ``Class``
    path: str | None  #: the file, or the object of a cluster; None for the packages of an operating system


def place_of(result: wire.Result, *, resource: str | None, root: str) -> Place:
    """The target is a path only where it is one: an image's name holds its version and would change every day."""
    path = resource
    if resource is None and result.Class != "os-pkgs" and not _names_image(result) and result.Target not in NO_FILES:
        path = below(result.Target, root)
    target = f"{resource}: {result.Target}" if resource else result.Target
    return Place(target, result.Class, path)


def _names_image(result: wire.Result) -> bool:
    """Releases before 0.20 wrote no class: the packages of an image stand under "name (system version)"."""
    return not result.Class and result.Target.endswith(")")


@dataclass
class Collection:
    """Everything that the results of a report held."""

    root: str
    counts_first: bool = False  #: whether the release counted failures before it filtered them
    found: dict[tuple[object, ...], Finding] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    categories: dict[str, None] = field(default_factory=dict)  #: each ``Class`` of a result, also of a clean one
    repeated: int = 0
    passed: int = 0
    excepted: int = 0
    custom: int = 0
    unlisted: int = 0  #: failures that Trivy counted and did not list

    @property
    def filtered(self) -> int:
        """Failures that an old release counted, and then filtered out."""
        return self.unlisted if self.counts_first else 0

    @property
    def lost(self) -> int:
        """Failures that are counted, and should be listed."""
        return 0 if self.counts_first else self.unlisted

    def add_result(self, result: wire.Result, *, resource: str | None = None) -> None:
        """Take in what a result holds."""
        place = place_of(result, resource=resource, root=self.root)
        self.categories[place.category] = None
        for kind, items in _lists(result):
            for item in items or ():
                self.add_item(kind, item, place)
        for modified in result.ExperimentalModifiedFindings or ():
            self.add_modified(modified, place)
        self.custom += len(result.CustomResources or ())
        self.count_checks(result)

    def count_checks(self, result: wire.Result) -> None:
        """With ``--include-non-failures`` the passes are listed, without it they are only summed up."""
        listed = [item.Status for item in result.Misconfigurations or ()]
        summary = result.MisconfSummary or wire.Summary(Successes=listed.count("PASS"))
        self.passed += summary.Successes
        self.excepted += max(summary.Exceptions, listed.count("EXCEPTION"))
        failed = sum(1 for status in listed if status not in NOT_FAILED)
        self.unlisted += max(0, summary.Failures - failed)

    def add_item(self, kind: Kind, item: Any, place: Place, *, waiver: Waiver | None = None) -> None:
        """Take in one finding; what is the same in every respect counts once, at its worst severity."""
        if isinstance(item, wire.Misconfiguration) and item.Status in NOT_FAILED:
            return
        finding, rule = kind.read(item, place, self.root)
        offset = getattr(item, "Offset", 0)
        key = (
            finding.rule,
            finding.package,
            finding.location,
            finding.message,
            waiver,
            offset,
            place.target,
            kind.name,
        )
        known = self.found.get(key)
        self.repeated += known is not None
        if known is None or known.severity < finding.severity:
            self.found[key] = replace(finding, waiver=waiver)
        self.rules.setdefault(rule.id, rule)

    def add_modified(self, modified: wire.Modified, place: Place) -> None:
        """A kind of finding that is not known is no finding either: it was taken out, and there is nothing to show."""
        kind = KINDS.get(modified.Type)
        if kind is None:
            return
        item = decode(modified.Finding, kind.type)
        waiver = Waiver(
            id=getattr(item, kind.id),
            reason=modified.Statement or modified.Status,
            source=f"trivy {modified.Source}".rstrip(),
        )
        self.add_item(kind, item, place, waiver=waiver)


NOT_FAILED = frozenset(("PASS", "EXCEPTION"))


def read_vulnerability(item: wire.Vulnerability, place: Place, root: str) -> tuple[Finding, Rule]:
    """``Status: fixed`` means that a fix exists; reports before 0.41 have no status, and only name the version."""
    purl = item.PkgIdentifier.PURL if item.PkgIdentifier else None
    finding = Finding(
        rule=item.VulnerabilityID,
        message=item.Title or f"{item.VulnerabilityID} in {item.PkgName}",
        severity=severity_of(item.Severity),
        tool="Trivy",
        is_security=True,
        location=locate(item.PkgPath and below(item.PkgPath, root), place),
        category=place.category,
        package=purl or "@".join(filter(None, (item.PkgName, item.InstalledVersion))) or None,
        fixed_in=item.FixedVersion or None,
        fixable=item.Status == "fixed" if item.Status else bool(item.FixedVersion),
    )
    return finding, Rule(
        id=item.VulnerabilityID, summary=item.Title, why=item.Description, help_uri=item.PrimaryURL or None
    )


def read_misconfiguration(item: wire.Misconfiguration, place: Place, root: str) -> tuple[Finding, Rule]:
    cause = item.CauseMetadata or wire.Cause()
    finding = Finding(
        rule=item.ID,
        message=item.Message or item.Title or item.ID,
        severity=severity_of(item.Severity),
        tool="Trivy",
        is_security=True,
        location=locate("", place, cause.StartLine, cause.EndLine),
        related=tuple(_occurrences(cause, root)),
        category=place.category,
        aliases=other_ids(item.ID, (item.AVDID, *(item.Aliases or ()))),
    )
    return finding, Rule(
        id=item.ID,
        summary=item.Title,
        why=item.Description,
        remedy=item.Resolution,
        help_uri=item.PrimaryURL or None,
    )


def _occurrences(cause: wire.Cause, root: str) -> Iterator[Location]:
    for each in cause.Occurrences or ():
        lines = each.Location or wire.Lines()
        if each.Filename:
            yield Location(below(each.Filename, root), lines.StartLine or None, None, lines.EndLine or None)


def read_secret(item: wire.Secret, place: Place, _: str) -> tuple[Finding, Rule]:
    where = locate("", place, item.StartLine, item.EndLine)
    finding = Finding(
        rule=item.RuleID,
        message=f"{item.Title or item.RuleID} in {where.path if where else place.target}",
        severity=severity_of(item.Severity),
        tool="Trivy",
        is_security=True,
        location=where,
        category=place.category,
    )
    return finding, Rule(
        id=item.RuleID,
        summary=item.Title,
        why="Whoever can read the file can use the secret.",
        remedy="Revoke the secret, then take it out of the file and of the history.",
    )


def read_license(item: wire.License, place: Place, root: str) -> tuple[Finding, Rule]:
    what = item.PkgName or item.FilePath or place.target
    finding = Finding(
        rule=item.Name,
        message=f"{what} is under {item.Name}" + (f" ({item.Category})" if item.Category else ""),
        severity=severity_of(item.Severity),
        tool="Trivy",
        location=locate(item.FilePath and below(item.FilePath, root), place),
        category=place.category,
        package=item.PkgName or None,
    )
    return finding, Rule(id=item.Name, summary=f"Licence {item.Name}", help_uri=item.Link or None)


def severity_of(word: str) -> Severity:
    return SEVERITIES.get(word.upper(), Severity.UNKNOWN)


def locate(path: str, place: Place, line: int = 0, end_line: int = 0) -> Location | None:
    """The finding's own path before the target's."""
    whole = path or place.path
    return Location(whole, line or None, None, end_line or None) if whole else None


class Kind(NamedTuple):
    """One of Trivy's scanners."""

    name: str  #: as ``ExperimentalModifiedFindings`` names it
    type: type[Any]
    id: str  #: the field that names the rule
    read: Callable[[Any, Place, str], tuple[Finding, Rule]]


VULNERABILITY = Kind("vulnerability", wire.Vulnerability, "VulnerabilityID", read_vulnerability)
MISCONFIGURATION = Kind("misconfiguration", wire.Misconfiguration, "ID", read_misconfiguration)
SECRET = Kind("secret", wire.Secret, "RuleID", read_secret)
LICENSE = Kind("license", wire.License, "Name", read_license)
KINDS = {kind.name: kind for kind in (VULNERABILITY, MISCONFIGURATION, SECRET, LICENSE)}


def _lists(result: wire.Result) -> Iterator[tuple[Kind, list[Any] | None]]:
    yield VULNERABILITY, result.Vulnerabilities
    yield MISCONFIGURATION, result.Misconfigurations
    yield SECRET, result.Secrets
    yield LICENSE, result.Licenses
