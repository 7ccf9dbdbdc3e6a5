"""The vulnerabilities of a CycloneDX document to Scan, versions 1.4 and later, as JSON. https://cyclonedx.org/docs/latest/json/

What holds no vulnerabilities is a list of parts in which nobody looked for any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Rule, Scan, Severity, Waiver
from deliverygate.scans.aliases import other_ids
from deliverygate.scans.cvss import base_score
from deliverygate.scans.documents import decode, require_unique_keys
from deliverygate.scans.reader import Outline, Reader
from deliverygate.scans.severities import severity_of, severity_of_score
from deliverygate.scans.times import read_time
from deliverygate.scans.tools import tool_name

HARMLESS = frozenset(("not_affected", "false_positive", "resolved", "resolved_with_pedigree"))

_GENERATOR = re.compile(
    r"cyclonedx|^(?:@appthreat/)?cdxgen|^syft$|^bom$|^blint$|^tern$|^apko$|^melange$|^ko$|^jbom$|^npm$|^pnpm$|^yarn$"
    r"|^pip$|^cargo-|sbom-?(?:tool|generator|utility|cli)|^sbomnix$|^covenant$|^distro2sbom$|^buildpacks?$|^maven"
)
_FIX = re.compile(r"Upgrade \S+ to version (\S.*)")


class Component(msgspec.Struct, gc=False):
    name: str = ""
    group: str = ""
    version: str = ""
    purl: str = ""
    ref: str = msgspec.field(name="bom-ref", default="")
    components: list[Component] | None = None


class Named(msgspec.Struct, gc=False):
    name: str = ""
    version: str | None = None
    url: str = ""


class Tools(msgspec.Struct):
    """Since 1.5; before, a plain list."""

    components: list[Named] | None = None
    services: list[Named] | None = None


class Metadata(msgspec.Struct):
    timestamp: str | None = None
    tools: list[Named] | Tools | None = None
    component: Component | None = None


class Rating(msgspec.Struct, gc=False):
    severity: str = ""
    score: float | None = None
    vector: str = ""
    source: Named | None = None


class Analysis(msgspec.Struct, gc=False):
    state: str = ""
    justification: str = ""
    detail: str = ""


class Affects(msgspec.Struct, gc=False):
    ref: str


class Reference(msgspec.Struct, gc=False):
    id: str = ""


class Vulnerability(msgspec.Struct, gc=False):
    id: str
    references: list[Reference] | None = None  #: the same vulnerability in other databases
    source: Named | None = None
    ratings: list[Rating] | None = None
    description: str = ""
    detail: str = ""
    recommendation: str = ""
    analysis: Analysis | None = None
    affects: list[Affects] | None = None
    tools: list[Named] | Tools | None = None


class Bom(msgspec.Struct, rename="camel"):
    bom_format: str
    metadata: Metadata | None = None
    components: list[Component] | None = None
    vulnerabilities: list[Vulnerability] | None = None


def recognise(outline: Outline) -> bool:
    return outline.kind == "object" and "bomFormat" in outline.keys


def read(document: bytes, *, root: str) -> Scan:
    """A vulnerability that affects several components is a finding of each.

    An empty list says that somebody looked and found nothing; no list says that nobody looked.
    """
    require_unique_keys(document)
    bom = decode(document, Bom)
    if bom.bom_format != "CycloneDX":
        raise ReportError(
            f"has the bomFormat {bom.bom_format[:40]!r}, wanted CycloneDX", mend="give the scanner's report"
        )
    if bom.vulnerabilities is None:
        raise ReportError(
            "is a list of components without `vulnerabilities`: nobody looked for any",
            mend="let a scanner read it, e.g. trivy sbom or grype sbom:, and give that report",
        )
    metadata = bom.metadata or Metadata()
    if not bom.vulnerabilities:
        _require_scanner(metadata)
    packages = {part.ref: _package(part) for part in _all_components((*(bom.components or ()), metadata.component))}
    tools = _tools(metadata.tools)
    found = [
        _finding(item, package, tools)
        for item in bom.vulnerabilities
        for package in _packages_of(item, packages)
    ]  # fmt: skip
    return Scan(
        tool=tools[0].name if tools else "CycloneDX",
        version=tools[0].version if tools else None,
        format="cyclonedx",
        findings=tuple(finding for finding in found if not finding.waiver),
        suppressed=tuple(finding for finding in found if finding.waiver),
        rules=tuple({item.id: _rule(item) for item in bom.vulnerabilities}.values()),
        created_at=read_time(metadata.timestamp),
    )


def _require_scanner(metadata: Metadata) -> None:
    """Raise ReportError for an empty list of a tool that makes lists of components and looks for nothing.

    Such tools write the empty list as well. Trivy does, too, where it was not told to look: its ``--format cyclonedx``
    switches its scanners off.
    """
    names = [tool.name.strip().lower() for tool in _named(metadata.tools)]
    if not names or all(_GENERATOR.search(name) for name in names):
        who = f"of {names[0][:80]}, which lists components and looks for no vulnerability" if names else "of no tool"
        raise ReportError(
            f"has an empty list of vulnerabilities {who}: nobody looked for any",
            mend="let a scanner read it, e.g. trivy sbom or grype sbom:, and give that report",
        )
    if set(names) == {"trivy"}:
        raise ReportError(
            "has an empty list of vulnerabilities of Trivy, which writes it also where it was told to look for none, "
            "as it is by default in this format",
            mend="give Trivy's report as JSON: trivy sbom --format json",
        )


def _all_components(components: Iterable[Component | None]) -> Iterator[Component]:
    """Components may lie inside of each other."""
    waiting = list(components)
    while waiting:
        component = waiting.pop()
        if component is not None:
            yield component
            waiting += component.components or ()


def _package(component: Component) -> str:
    name = f"{component.group}/{component.name}" if component.group else component.name
    return component.purl or "@".join(filter(None, (name, component.version)))


def _packages_of(item: Vulnerability, packages: dict[str, str]) -> Sequence[str | None]:
    """A reference into another document keeps its own part, often a package URL; of no reference, one unknown."""
    refs = dict.fromkeys(affected.ref for affected in item.affects or ())
    return [packages.get(ref) or packages.get(_part(ref)) or _part(ref) or None for ref in refs] or [None]


def _part(ref: str) -> str:
    """``urn:cdx:serial/1#pkg:npm/a@1`` is about the component ``pkg:npm/a@1``."""
    return ref.partition("#")[2] if ref.startswith("urn:cdx:") else ref


def _tools(tools: list[Named] | Tools | None) -> list[Named]:
    return [Named(name=tool_name(tool.name), version=tool.version) for tool in _named(tools)]


def _named(tools: list[Named] | Tools | None) -> list[Named]:
    named = tools if isinstance(tools, list) else [*(tools.components or ()), *(tools.services or ())] if tools else []
    return [tool for tool in named if tool.name.strip()]


def _finding(item: Vulnerability, package: str | None, tools: Sequence[Named]) -> Finding:
    fix = _FIX.match(item.recommendation)
    own = _tools(item.tools) or tools
    text = item.description or item.detail
    return Finding(
        rule=item.id,
        message=text.strip().partition("\n")[0] or f"{item.id} in {package or 'the whole'}",
        severity=_severity(item),
        tool=own[0].name if own else "CycloneDX",
        is_security=True,
        package=package,
        aliases=other_ids(item.id, (reference.id for reference in item.references or ())),
        fixed_in=fix[1].partition(";")[0].rstrip(".") if fix else None,
        fixable=fix is not None,
        waiver=_waiver(item),
    )


def _severity(item: Vulnerability) -> Severity:
    """The rating by the source of the vulnerability itself; without one, the worst of all."""
    ratings = item.ratings or []
    source = item.source.name if item.source else None
    own = [rating for rating in ratings if source and rating.source and rating.source.name == source]
    return max(map(_rate, own or ratings), default=Severity.UNKNOWN)


def _rate(rating: Rating) -> Severity:
    word = severity_of(rating.severity)
    if word is not Severity.UNKNOWN:
        return word
    return severity_of_score(rating.score if rating.score is not None else base_score(rating.vector))


def _waiver(item: Vulnerability) -> Waiver | None:
    analysis = item.analysis
    if analysis is None or analysis.state not in HARMLESS:
        return None
    return Waiver(
        id=item.id,
        reason=analysis.detail or analysis.justification or analysis.state,
        vex=analysis.justification or None,
        source=f"cyclonedx analysis {analysis.state}",
    )


def _rule(item: Vulnerability) -> Rule:
    return Rule(
        id=item.id,
        summary=item.id,
        why=item.description,
        remedy=item.recommendation,
        help_uri=(item.source.url if item.source else "") or None,
    )


reader = Reader(name="cyclonedx", summary="CycloneDX JSON with vulnerabilities", recognises=recognise, read=read)
