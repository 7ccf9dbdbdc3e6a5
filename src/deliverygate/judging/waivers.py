"""Findings let through with a reason, an owner and an end: which they are, and what became of the others.

A waiver holds through the day named by ``expires``. One that is over does not hide anything: its finding counts and
says so. What is waived stays visible, as a suppressed finding with the waiver in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Literal, Protocol

import msgspec
from msgspec.structs import replace

from deliverygate.errors import ConfigError
from deliverygate.judging import globs
from deliverygate.judging.matching import Index
from deliverygate.model import Finding, Scan, Waiver, WaiverMatch

Waivers = tuple[Waiver, ...]
Place = tuple[str | int, ...]

SOON = timedelta(days=14)
SHORTEST_REASON = 10

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
    expires: date  #: the last day on which it holds
    created: date | None = None
    approved_by: str | None = None
    issue: str | None = None
    vex: Justification | None = None


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


@dataclass(frozen=True)
class Applied:
    """What waivers did to some findings."""

    counted: tuple[Finding, ...]  #: those of a waiver that is over say so in their message
    waived: tuple[Finding, ...]  #: with their ``waiver``
    expired: tuple[Finding, ...]  #: those of ``counted`` whose waiver is over


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
        if not getattr(written, name).strip():
            yield (name,), f"`{name}` is empty", f"write the {name}"
    if len(written.reason.strip()) < SHORTEST_REASON:
        yield ("reason",), f"the reason is shorter than {SHORTEST_REASON} characters", "say why it does no harm"
    if written.created and written.created > _end(written):
        yield ("expires",), f"ends on {written.expires}, before it was created", "correct one of the dates"
    yield from _match_faults(written.match)


def _match_faults(match: WaiverMatch) -> Iterable[Fault]:
    given = {name: getattr(match, name) for name in match.__struct_fields__ if getattr(match, name) is not None}
    for name, value in given.items():
        if not value.strip():
            yield ("match", name), f"`{name}` is empty", "write it, or leave the key out"
    if not given.keys() & {"rule", "purl", "fingerprint"}:
        what = "is too broad: without a rule, a purl or a fingerprint it would let everything through"
        yield ("match",), what, "name at least one of the three"
    if match.purl and not match.purl.startswith("pkg:"):
        yield ("match", "purl"), f"{match.purl!r} is no package URL", "write e.g. pkg:npm/lodash"
    if match.path and (fault := globs.fault(match.path)):
        what, _, mend = fault.partition("; ")
        yield ("match", "path"), what, mend


def apply(findings: Sequence[Finding], waivers: Sequence[Waiver], today: date) -> Applied:
    """Sort findings by the waivers that fit them. Where several do, the one that holds longest decides."""
    index = Index(waivers)
    renewed = [_renew(finding, index, today) for finding in findings]
    changed = [new for new, old in zip(renewed, findings, strict=True) if new is not old]
    return Applied(
        counted=tuple(finding for finding in renewed if not finding.waiver),
        waived=tuple(finding for finding in renewed if finding.waiver),
        expired=tuple(finding for finding in changed if not finding.waiver),
    )


def waive(scan: Scan, waivers: Sequence[Waiver], today: date) -> Scan:
    """The scan after its waivers: what is waived is suppressed, its notes tell what has ended or soon will.

    To be called after the findings got their fingerprints. What the tool itself suppressed is asked as well: a waiver
    of ours holds even where the policy does not believe the tool.
    """
    if not waivers:
        return scan
    index = Index(waivers)
    changed: dict[int, Finding] = {}  # by the identity of the old one, which the single runs hold as well

    def renew(finding: Finding) -> Finding:
        if id(finding) in changed:
            return changed[id(finding)]
        new = _renew(finding, index, today)
        if new is not finding:
            changed[id(finding)] = new
        return new

    def settle(one: Scan) -> Scan:
        findings = [renew(finding) for finding in one.findings]
        suppressed = [_stronger(finding, renew(finding)) for finding in one.suppressed]
        return replace(
            one,
            findings=tuple(finding for finding in findings if not finding.waiver),
            suppressed=(*suppressed, *(finding for finding in findings if finding.waiver)),
            runs=tuple(settle(run) for run in one.runs),
        )

    return replace(settle(scan), notes=scan.notes + _notes(waivers, matching(scan, waivers), today))


def _renew(finding: Finding, index: Index, today: date) -> Finding:
    """The finding after its waivers: itself when none fits."""
    fitting = index.fitting(finding)
    if not fitting:
        return finding
    best = max(fitting, key=_end)
    if _end(best) >= today:
        return replace(finding, waiver=best)
    return replace(finding, message=f"{finding.message} (waiver {best.id} expired on {best.expires})")


def _stronger(suppressed: Finding, renewed: Finding) -> Finding:
    """A waiver of ours takes the place of what the tool said; one that is over says nothing here."""
    return renewed if renewed.waiver is not suppressed.waiver else suppressed


def matching(scan: Scan, waivers: Sequence[Waiver]) -> frozenset[str]:
    """The ids of the waivers that fit anything in the scan, before or after ``waive``."""
    if not waivers:
        return frozenset()
    index = Index(waivers)
    return frozenset(
        waiver.id for finding in chain(scan.findings, scan.suppressed) for waiver in index.fitting(finding)
    )


def unmatched(waivers: Iterable[Waiver], matched: frozenset[str]) -> tuple[str, ...]:
    """A sentence for each waiver that fitted nothing in the whole run, which is one stage: others may still need it."""
    return tuple(
        f"Waiver {waiver.id} ({waiver.source}) fits no finding of this stage; remove it when no other stage needs it."
        for waiver in waivers
        if waiver.id not in matched
    )


def _end(waiver: Waiver) -> date:
    """The last day; one without an end never holds, since only a tool may write such a thing."""
    return waiver.expires or date.min


def _notes(waivers: Iterable[Waiver], matched: frozenset[str], today: date) -> tuple[str, ...]:
    fitting = [waiver for waiver in waivers if waiver.id in matched]
    over = [waiver for waiver in fitting if _end(waiver) < today]
    soon = [waiver for waiver in fitting if today <= _end(waiver) <= today + SOON]
    return tuple(f"Waiver {waiver.id} ({waiver.owner}) expired on {waiver.expires}." for waiver in over) + tuple(
        f"Waiver {waiver.id} ({waiver.owner}) expires on {waiver.expires}: mend what it lets through, or renew it."
        for waiver in soon
    )
