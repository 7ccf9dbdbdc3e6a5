"""The ``ignore`` rules of ``.grype.yaml`` to entries. https://github.com/anchore/grype#specifying-matches-to-ignore

All that a rule names has to fit. A rule that asks for something which a finding does not hold here (a fix state, a
namespace, a kind of package whose package URL has a namespace) lets nothing through, rather than too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from deliverygate.config.document import Document
from deliverygate.judging.documents import typed
from deliverygate.judging.foreign.doublestar import to_globs
from deliverygate.judging.foreign.entry import Entry, line
from deliverygate.model import WaiverMatch

TOOL = "Grype"
PATTERN = re.compile(r"[\\^$*?()\[\]{}|]|\.\+")  # Grype takes such a name for a regular expression

# Grype's word for a kind of package, and the type of package URL whose names have no namespace beside them.
PURL_TYPES = {
    "npm": "npm",
    "python": "pypi",
    "gem": "gem",
    "rust-crate": "cargo",
    "go-module": "golang",
    "dotnet": "nuget",
    "php-composer": "composer",
}


class Package(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """Which package."""

    name: str | None = None
    version: str | None = None
    type: str | None = None
    location: str | None = None
    language: str | None = None
    upstream_name: str | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """One rule."""

    vulnerability: str | None = None
    reason: str | None = None
    package: Package | None = None
    include_aliases: bool = False  #: here, aliases count in any case
    namespace: str | None = None
    fix_state: str | None = None
    match_type: str | None = None
    vex_status: str | None = None
    vex_justification: str | None = None


class File(msgspec.Struct, frozen=True):
    """``.grype.yaml``, of which only the rules matter here."""

    ignore: tuple[Rule, ...] | None = None


FOREIGN = ("namespace", "fix_state", "match_type", "vex_status", "vex_justification")


def read_yaml(document: Document) -> Iterator[Entry]:
    """Every rule. Raises ConfigError for a key that Grype does not know."""
    for index, rule in enumerate(typed(document, File, path=document.path).ignore or ()):
        package = rule.package or Package()
        place = line(document, "ignore", index)
        aside = _aside(rule, package)
        matches: tuple[WaiverMatch, ...] = ()
        try:
            matches = () if aside else tuple(_matches(rule, package))
        except ValueError as error:
            aside = f"package.location: {error}"
        yield Entry(place=place, matches=matches, reason=rule.reason or "", aside=aside)


def _aside(rule: Rule, package: Package) -> str:
    """Why a rule cannot be followed exactly; "" when it can."""
    asked = [name.replace("_", "-") for name in FOREIGN if getattr(rule, name)]
    asked += [f"package.{name.replace('_', '-')}" for name in ("language", "upstream_name") if getattr(package, name)]
    if asked:
        return f"it asks for `{asked[0]}`, which findings do not hold here"
    if package.name and PATTERN.search(package.name):
        return "the name of its package is a regular expression"
    if package.type and not (package.name and package.type in PURL_TYPES):
        return f"`package.type: {package.type}` cannot be compared here"
    if package.version and not package.name:
        return "it names a version without the name of the package"
    return ""


def _matches(rule: Rule, package: Package) -> Iterator[WaiverMatch]:
    kind = PURL_TYPES.get(package.type or "")
    name = package.name
    if name and package.version:
        name = f"{name}@{quote(package.version, safe=':+~') if kind else package.version}"
    paths = to_globs(package.location.lstrip("/")) if package.location else (None,)
    for path in paths:
        yield WaiverMatch(
            tool=TOOL,
            rule=rule.vulnerability,
            purl=f"pkg:{kind}/{name}" if kind else None,
            package=None if kind else name,
            path=path,
        )
