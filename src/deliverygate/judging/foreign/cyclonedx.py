"""The analyses in CycloneDX (1.4 and later), in an SBOM or in a VEX of its own, to statements.

https://cyclonedx.org/capabilities/vex/ ``not_affected`` and ``false_positive`` hold with a justification, ``resolved``
as it is; ``exploitable`` and ``in_triage`` never do. A vulnerability without an analysis says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from deliverygate.judging import purl
from deliverygate.judging.documents import typed
from deliverygate.judging.foreign.entry import Entry, moment
from deliverygate.judging.foreign.vex import Statement, to_entries

# CycloneDX's reasons in the words of OpenVEX; the ones about configuration and environment have none.
JUSTIFICATIONS = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
    "protected_at_perimeter": "inline_mitigations_already_exist",
    "protected_by_mitigating_control": "inline_mitigations_already_exist",
}
NO_HARM = ("not_affected", "false_positive")
MENDED = ("resolved", "resolved_with_pedigree")


class Analysis(msgspec.Struct, frozen=True, rename="camel"):
    """What somebody found out about a vulnerability."""

    state: Literal[
        "resolved", "resolved_with_pedigree", "exploitable", "in_triage", "false_positive", "not_affected", None
    ] = None
    justification: str | None = None
    detail: str | None = None
    first_issued: str | None = None
    last_updated: str | None = None


class Version(msgspec.Struct, frozen=True):
    """A version of a component, or a range of them."""

    version: str | None = None
    range: str | None = None  #: in the syntax of vers, e.g. "vers:semver/<2.3.0"
    status: Literal["affected", "unaffected", "unknown", None] = None


class Affected(msgspec.Struct, frozen=True):
    """A component, by its name inside the document or in another."""

    ref: str
    versions: tuple[Version, ...] = ()  #: none: the component as the document has it


class Reference(msgspec.Struct, frozen=True):
    """The same vulnerability as another source calls it."""

    id: str | None = None


class Vulnerability(msgspec.Struct, frozen=True):
    """One vulnerability."""

    id: str | None = None
    references: tuple[Reference, ...] = ()
    analysis: Analysis | None = None
    affects: tuple[Affected, ...] = ()


class Component(msgspec.Struct, frozen=True):
    """A part of what the document lists."""

    ref: str | None = msgspec.field(default=None, name="bom-ref")
    purl: str | None = None
    version: str | None = None
    components: tuple[Component, ...] = ()


class Metadata(msgspec.Struct, frozen=True):
    """What the document is about."""

    component: Component | None = None


class File(msgspec.Struct, frozen=True):
    """A document."""

    vulnerabilities: tuple[Vulnerability, ...] = ()
    components: tuple[Component, ...] = ()
    metadata: Metadata = Metadata()


def read(data: dict[str, Any], *, path: str) -> Iterator[Entry]:
    """Every vulnerability that has an analysis."""
    file = typed(data, File, path=path)
    about = (file.metadata.component,) if file.metadata.component else ()
    listed = _all((*file.components, *about))
    purls = {each.ref: purl.with_version(each.purl, each.version or "") for each in listed if each.ref and each.purl}
    return to_entries(
        [
            _statement(index, found, found.analysis, purls, whole=file.metadata.component)
            for index, found in enumerate(file.vulnerabilities)
            if found.analysis and found.analysis.state
        ]
    )


def _statement(
    index: int, found: Vulnerability, analysis: Analysis, purls: dict[str, str], *, whole: Component | None
) -> Statement:
    trusted = analysis.state in (*NO_HARM, *MENDED)
    packages = tuple(package for each in found.affects for package in _packages(each, purls, trusted=trusted))
    aside = ""
    if analysis.state in NO_HARM and not analysis.justification:
        aside = f"`{analysis.state}` without a `justification`"
    elif trusted and not packages:
        ranged = any(version.range for each in found.affects for version in each.versions)
        aside = (
            "it names a range of versions, which cannot be followed here"
            if ranged
            else "it names no component that has a package URL"
        )
    # A doubt about the whole, or about something that is not named, is one about everything in it.
    about_all = not trusted and whole is not None and any(each.ref == whole.ref for each in found.affects)
    known = analysis.justification or ""
    return Statement(
        place=f"#vulnerabilities[{index}]",
        ids=tuple(name for name in (found.id, *(each.id for each in found.references)) if name),
        packages=packages if packages and not about_all else (None,),
        holds=trusted and not aside,
        reason=": ".join(filter(None, (known or f"VEX state {analysis.state}", analysis.detail))),
        justification=JUSTIFICATIONS.get(known),
        at=moment(analysis.last_updated or analysis.first_issued or ""),
        aside=aside,
    )


def _packages(affected: Affected, purls: dict[str, str], *, trusted: bool) -> Iterator[str]:
    """The package URLs that a statement is about: the component, or its listed versions where it names none itself.

    The list tells which versions the vulnerability is in. One that is listed as affected is trusted in no statement
    about a component of any version. A range narrows no doubt.
    """
    name = _purl(affected.ref, purls)
    found = purl.read(name) if name else None
    if name is None or found is None:
        return
    listed = affected.versions
    if found.version or not listed or (not trusted and any(each.range for each in listed)):
        yield name
        return
    unwanted = ("affected", "unknown") if trusted else ("unaffected",)
    for each in listed:
        if each.version and each.status not in unwanted:
            yield purl.with_version(name, each.version)


def _purl(ref: str, purls: dict[str, str]) -> str | None:
    """A component's package URL: by its name here, or by a link into another document whose names are package URLs."""
    name = unquote(ref.partition("#")[2]) if ref.startswith("urn:cdx:") else ref
    return purls.get(ref) or purls.get(name) or (name if name.startswith("pkg:") else None)


def _all(components: Iterable[Component]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from _all(component.components)
