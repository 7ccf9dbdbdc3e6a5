"""``.deliverygate/waivers.yml``, read strictly: each fault in it could hide a finding for good. See docs/waivers.md."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, Protocol

import msgspec

from deliverygate.errors import ConfigError
from deliverygate.judging import globs, purl
from deliverygate.judging.visibility import says, visible
from deliverygate.model import Waiver, WaiverMatch

Waivers = tuple[Waiver, ...]
Place = tuple[str | int, ...]

SHORTEST_REASON = 10
NARROW = {"rule", "purl", "package", "fingerprint"}  #: without any of them a match would be too broad

Fault = tuple[Place, str, str]  #: path below the waiver, what is wrong, how to mend it

Justification = Literal[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
]


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A waiver as people write it."""

    id: str  #: e.g. "W-12"; stands in the outputs
    match: WaiverMatch
    reason: str  #: why it does no harm until then
    owner: str  #: who answers for it, e.g. "@team-payments"
    created: date  #: the day it was written; how long it may hold is counted from it
    expires: date  #: the last day on which it holds
    approved_by: str | None = None
    issue: str | None = None
    vex: Justification | None = None
    stages: tuple[str, ...] = ()  #: where it is expected to fit something


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``.deliverygate/waivers.yml``."""

    version: Literal[1]
    waivers: list[Any]


class Source(Protocol):
    """A YAML file that was read, with the line of each value; see ``config.document``."""

    @property
    def data(self) -> Any: ...

    def where(self, path: Place) -> str:
        """``file:line: path`` of a value."""


def parse(source: Source) -> Waivers:
    """The waivers of a file, strictly. Raises ConfigError with every fault: the first, and the rest in ``others``."""
    from deliverygate.config.faults import find_fault  # it brings the YAML library along

    if fault := find_fault(source.data, File):
        raise ConfigError(fault.what, where=source.where(fault.path), mend=fault.mend)
    waivers: list[Waiver] = []
    errors: list[ConfigError] = []
    for index, entry in enumerate(source.data["waivers"]):
        place: Place = ("waivers", index)
        found = find_fault(entry, Written)
        if found:
            faults: Iterable[Fault] = [(found.path, found.what, found.mend)]
        else:
            waiver = _waiver(msgspec.convert(entry, Written), source=source.where(place).partition(": ")[0])
            faults = [*_faults(waiver), *_twice(waiver, waivers)]
            waivers.append(waiver)
        errors += [ConfigError(what, where=source.where((*place, *path)), mend=mend) for path, what, mend in faults]
    if errors:
        first = errors[0]
        raise ConfigError(first.what, where=first.where, mend=first.mend, others=tuple(errors[1:]))
    return tuple(waivers)


def _waiver(written: Written, *, source: str) -> Waiver:
    fields = {name: getattr(written, name) for name in written.__struct_fields__}
    return Waiver(**fields, source=source)


def _twice(waiver: Waiver, others: Iterable[Waiver]) -> Iterable[Fault]:
    for other in others:
        if other.id == waiver.id:
            yield ("id",), f"the id {waiver.id!r} stands twice (first at {other.source})", "give each one its own id"
            return


def _faults(written: Waiver) -> Iterable[Fault]:
    """What a type cannot say."""
    for name in ("id", "owner"):
        if not says(getattr(written, name)):
            yield (name,), f"`{name}` is empty", f"write the {name}"
    if len(visible(written.reason).strip()) < SHORTEST_REASON:
        yield ("reason",), f"the reason is shorter than {SHORTEST_REASON} characters", "say why it does no harm"
    if written.created and written.expires and written.created > written.expires:
        yield ("expires",), f"ends on {written.expires}, before it was created", "correct one of the dates"
    yield from match_faults(written.match)


def match_faults(match: WaiverMatch) -> Iterable[Fault]:
    """What a type cannot say, of the findings that it fits."""
    given = {name: getattr(match, name) for name in match.__struct_fields__ if getattr(match, name) is not None}
    for name, value in given.items():
        if isinstance(value, str) and not value.strip():
            yield ("match", name), f"`{name}` is empty", "write it, or leave the key out"
    if not given.keys() & NARROW:
        what = "is too broad: without a rule, a purl, a package or a fingerprint it would let everything through"
        yield ("match",), what, "name at least one of the four"
    if match.purl and match.purl.strip() and purl.read(match.purl) is None:
        yield ("match", "purl"), f"{match.purl!r} is no package URL", "write e.g. pkg:npm/lodash"
    if match.path and (fault := globs.fault(match.path)):
        what, _, mend = fault.partition("; ")
        yield ("match", "path"), what, mend
