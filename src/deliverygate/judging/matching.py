"""Which waivers fit a finding: everything that a waiver names has to."""

from __future__ import annotations

from collections.abc import Iterable

from deliverygate.judging import globs, purl, rule_ids
from deliverygate.model import Finding, Severity, Waiver, WaiverMatch


class Index:
    """Waivers by what a finding can be looked up with, so that 300,000 findings are asked in no time."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self._by_rule: dict[str, list[Waiver]] = {}
        self._by_fingerprint: dict[str, list[Waiver]] = {}
        self._by_package: dict[str, list[Waiver]] = {}
        self._by_name: dict[str, list[Waiver]] = {}
        self._met: dict[tuple[str, tuple[str, ...]], tuple[Waiver, ...]] = {}  # by the ids of a finding
        for waiver in waivers:
            match = waiver.match
            if match.fingerprint:
                self._by_fingerprint.setdefault(match.fingerprint, []).append(waiver)
            elif match.rule:
                self._by_rule.setdefault(rule_ids.canonical(match.rule), []).append(waiver)
            elif match.purl:
                self._by_package.setdefault(purl.bare(match.purl), []).append(waiver)
            elif match.package:
                self._by_name.setdefault(purl.name_key(match.package), []).append(waiver)
            # One with none of the four fits nothing: it would be too broad.

    def fitting(self, finding: Finding) -> tuple[Waiver, ...]:
        """The waivers that fit this finding, valid or not."""
        near = [*self._of_rule(finding), *self._by_fingerprint.get(finding.fingerprint, ())]
        if self._by_package and finding.package:
            near += self._by_package.get(purl.bare(finding.package), ())
        if self._by_name and finding.package:
            near += [waiver for key in purl.name_keys(finding.package) for waiver in self._by_name.get(key, ())]
        return tuple(waiver for waiver in near if holds_for(waiver, finding)) if near else ()

    def _of_rule(self, finding: Finding) -> tuple[Waiver, ...]:
        """Those for one of its ids. Remembered: few rules have many findings."""
        ids = (finding.rule, finding.aliases)
        found = self._met.get(ids)
        if found is None:
            names = rule_ids.meanings(*ids) if self._by_rule else ()
            found = self._met[ids] = tuple(waiver for name in names for waiver in self._by_rule.get(name, ()))
        return found


def holds_for(waiver: Waiver, finding: Finding) -> bool:
    """Whether a waiver fits a finding, and is not taken back for it."""
    return fits(waiver.match, finding) and not any(fits(doubt, finding) for doubt in waiver.unless)


def fits(match: WaiverMatch, finding: Finding) -> bool:
    """Whether all that a waiver names fits this finding."""
    return (
        (not match.tool or match.tool.casefold() == finding.tool.casefold())
        and (not match.rule or _is_rule(match.rule, finding))
        and (not match.fingerprint or match.fingerprint == finding.fingerprint)
        and (not match.path or (finding.location is not None and globs.matches(match.path, finding.location.path)))
        and (not match.purl or (finding.package is not None and purl.covers(match.purl, finding.package)))
        and (not match.package or (finding.package is not None and purl.is_named(match.package, finding.package)))
        and (not match.category or match.category == finding.category)
        and (match.severity is None or is_at_most(finding.severity, match.severity))
    )


def _is_rule(rule: str, finding: Finding) -> bool:
    return rule == finding.rule or rule_ids.canonical(rule) in rule_ids.meanings(finding.rule, finding.aliases)


def is_at_most(severity: Severity, limit: Severity) -> bool:
    """What is unknown may be anything, so it is below no limit but its own."""
    return severity is limit if Severity.UNKNOWN in (severity, limit) else severity <= limit
