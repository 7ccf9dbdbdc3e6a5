"""Findings and waivers in, the same findings out: those that count, and those that are let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from deliverygate.judging.matching import Index
from deliverygate.judging.waivers.terms import Terms, last_day
from deliverygate.model import Finding, Scan, Waiver


@dataclass(frozen=True)
class Applied:
    """What waivers did to some findings."""

    counted: tuple[Finding, ...]  #: those of a waiver that does not hold say so in their message
    waived: tuple[Finding, ...]  #: with their ``waiver``
    refused: tuple[Finding, ...]  #: those of ``counted`` that a waiver fits which does not hold


def apply(findings: Sequence[Finding], waivers: Sequence[Waiver], terms: Terms) -> Applied:
    """Sort findings by the waivers that fit them. Where several hold, the one that ends last is shown."""
    work = _Work(Index(waivers), terms)
    renewed = [work.renew(finding) for finding in findings]
    changed = [new for new, old in zip(renewed, findings, strict=True) if new is not old]
    return Applied(
        counted=tuple(finding for finding in renewed if not finding.waiver),
        waived=tuple(finding for finding in renewed if finding.waiver),
        refused=tuple(finding for finding in changed if not finding.waiver),
    )


def waive(scan: Scan, waivers: Sequence[Waiver], terms: Terms) -> Scan:
    """The scan after its waivers: what is waived is suppressed, its notes tell which were given for too long.

    To be called after the findings got their fingerprints. What the tool itself suppressed is asked as well: a waiver
    of ours holds even where the policy does not believe the tool.
    """
    if not waivers:
        return scan
    work = _Work(Index(waivers), terms)
    settled = work.settle(scan)
    return replace(settled, notes=scan.notes + tuple(work.refusals))


def matching(scan: Scan, waivers: Sequence[Waiver]) -> frozenset[str]:
    """The ids of the waivers that fit anything in the scan, before or after ``waive``."""
    if not waivers:
        return frozenset()
    index = Index(waivers)
    return frozenset(
        waiver.id for finding in chain(scan.findings, scan.suppressed) for waiver in index.fitting(finding)
    )


@dataclass(frozen=True)
class _Work:
    """One scan, whose single runs hold the same findings again."""

    index: Index
    terms: Terms
    changed: dict[int, Finding] = field(default_factory=dict)  #: by the identity of the old one
    refusals: dict[str, None] = field(default_factory=dict)  #: sentences on waivers that were given too long

    def settle(self, scan: Scan) -> Scan:
        findings = [self.renew(finding) for finding in scan.findings]
        suppressed = [_stronger(finding, self.renew(finding)) for finding in scan.suppressed]
        return replace(
            scan,
            findings=tuple(finding for finding in findings if not finding.waiver),
            suppressed=(*suppressed, *(finding for finding in findings if finding.waiver)),
            runs=tuple(self.settle(run) for run in scan.runs),
        )

    def renew(self, finding: Finding) -> Finding:
        """The finding after its waivers: itself when none fits."""
        if id(finding) in self.changed:
            return self.changed[id(finding)]
        fitting = self.index.fitting(finding)
        if not fitting:
            return finding
        new = self.changed[id(finding)] = self._judge(finding, fitting)
        return new

    def _judge(self, finding: Finding, fitting: Sequence[Waiver]) -> Finding:
        holding = [waiver for waiver in fitting if not self.terms.refusal(waiver, finding.severity)]
        if holding:
            return replace(finding, waiver=_shown(max(holding, key=last_day)))
        best = max(fitting, key=last_day)
        why = f"waiver {best.id} {self.terms.refusal(best, finding.severity)}"
        if not self.terms.is_over(best):
            self.refusals[f"W{why[1:]}."] = None
        return replace(finding, message=f"{finding.message} ({why})")


def _shown(waiver: Waiver) -> Waiver:
    """What a finding shows of its waiver: not what the waiver says of other findings."""
    return replace(waiver, unless=()) if waiver.unless else waiver


def _stronger(suppressed: Finding, renewed: Finding) -> Finding:
    """A waiver of ours takes the place of what the tool said; one that does not hold says nothing here."""
    return renewed if renewed.waiver is not suppressed.waiver else suppressed
