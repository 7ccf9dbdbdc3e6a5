"""OpenVEX (0.0.x and 0.2.0) to statements. https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md

``not_affected`` holds with a justification, ``fixed`` as it is; ``affected`` and ``under_investigation`` never do. A
statement about subcomponents of a product holds where the policy names that product as what is judged: the statement
is the pattern, and the product of the policy is the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from deliverygate.judging import purl
from deliverygate.judging.documents import typed
from deliverygate.judging.foreign.entry import Entry, moment
from deliverygate.judging.foreign.vex import Statement, to_entries
from deliverygate.judging.waivers.file import Justification

CONTEXT = "https://openvex.dev/ns"


class Component(msgspec.Struct, frozen=True):
    """A product or a part of one."""

    id: str | None = msgspec.field(default=None, name="@id")
    identifiers: dict[str, str] = {}
    subcomponents: tuple[str | Component, ...] = ()


class Vulnerability(msgspec.Struct, frozen=True):
    """What the statement is about."""

    id: str | None = msgspec.field(default=None, name="@id")
    name: str | None = None
    aliases: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """One statement."""

    vulnerability: str | Vulnerability
    status: Literal["not_affected", "affected", "fixed", "under_investigation"]
    products: tuple[str | Component, ...] = ()
    subcomponents: tuple[str | Component, ...] = ()  #: here in 0.0.x
    justification: Justification | None = None
    impact_statement: str = ""
    status_notes: str = ""
    timestamp: str | None = None
    last_updated: str | None = None


class File(msgspec.Struct, frozen=True):
    """A document."""

    statements: tuple[Said, ...]
    timestamp: str | None = None
    last_updated: str | None = None


def read(data: dict[str, Any], *, path: str, product: str | None) -> Iterator[Entry]:
    """Every statement. ``product`` is the package URL of what is judged."""
    file = typed(data, File, path=path)
    return to_entries([_statement(index, said, file, product) for index, said in enumerate(file.statements)])


def _statement(index: int, said: Said, file: File, product: str | None) -> Statement:
    trusted = said.status in ("not_affected", "fixed")
    about = _About.of(said, product, fits=purl.covers if trusted else purl.overlap)
    aside = about.aside if trusted else ""
    if said.status == "not_affected" and said.justification is None:
        aside = "`not_affected` without a `justification`"
    return Statement(
        place=f"#statements[{index}]",
        ids=tuple(dict.fromkeys(_ids(said.vulnerability))),
        packages=about.packages if trusted else about.doubted,
        holds=trusted and not aside,
        reason=said.impact_statement or said.status_notes or f"VEX status {said.status}",
        justification=said.justification,
        at=moment(said.last_updated or said.timestamp or _inherited(file, trusted=trusted) or ""),
        aside=aside,
    )


def _inherited(file: File, *, trusted: bool) -> str | None:
    """The time of a statement that has none is the document's. Its update may be about another statement."""
    return (file.timestamp or file.last_updated) if trusted else (file.last_updated or file.timestamp)


def _ids(written: str | Vulnerability) -> Iterator[str]:
    if isinstance(written, str):
        yield written
        return
    yield from (name for name in (written.name, *written.aliases) if name)
    if written.id:
        yield written.id.rpartition("/")[2]  # often the address of a page about it


@dataclass
class _About:
    """The packages that a statement is about."""

    packages: tuple[str | None, ...] = ()  #: None: all that is judged
    parts: tuple[str, ...] = ()  #: of products that may be what is judged: the policy names none
    elsewhere: str = ""  #: a product that is not what is judged, as far as the policy says
    product: str | None = None  #: what the policy says that is judged

    @classmethod
    def of(cls, said: Said, product: str | None, fits: Callable[[str, str], bool]) -> _About:
        """``fits`` says whether a product of the statement is, or may be, the one of the policy."""
        about = cls(product=product)
        for each in said.products:
            names = tuple(_purls(each))
            inside = (*said.subcomponents, *(each.subcomponents if isinstance(each, Component) else ()))
            parts = tuple(name for part in inside for name in _purls(part))
            if product is not None and any(fits(name, product) for name in names):
                about.packages += parts if inside else (None,)
            elif inside:
                about.elsewhere = about.elsewhere or (names[0] if names else "a product without a package URL")
                about.parts += parts if product is None else ()
            else:
                about.packages += names
        return about

    @property
    def aside(self) -> str:
        """Why nothing can be let through; "" when something can."""
        if self.packages:
            return ""
        if self.elsewhere and self.product:
            return f"it is about parts of {self.elsewhere}, and `product:` names {self.product}"
        if self.elsewhere:
            return f"it is about parts of {self.elsewhere}; if that is judged here, name it with `product:`"
        return "it names no product that has a package URL"

    @property
    def doubted(self) -> tuple[str | None, ...]:
        """The packages in doubt. A doubt about something that has no package URL is one about everything."""
        named = (*self.packages, *self.parts)
        return named if named or self.elsewhere else (None,)


def _purls(component: str | Component) -> Iterator[str]:
    """Its package URLs. Where one says more of the same package, as its version, the more general one is left out."""
    written = (component,) if isinstance(component, str) else (component.id, component.identifiers.get("purl"))
    names = tuple(dict.fromkeys(name for name in written if name and purl.read(name)))
    for name in names:
        if not any(purl.covers(name, other) and not purl.covers(other, name) for other in names):
            yield name
