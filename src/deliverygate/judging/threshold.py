"""Which findings count, how many of each severity are allowed, and one check for each severity that is limited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from types import MappingProxyType
from typing import Literal

from deliverygate.model import CheckResult, Finding, Measurement, Rule, Severity, Verdict

UnknownMeans = Literal["block", "warn", "ignore"]

WAIVE = "let it through with a reason and an end (docs/waivers.md)"


@dataclass(frozen=True)
class Limits:
    """What is allowed. A severity without a cap is noted and never blocks."""

    caps: Mapping[Severity, int]  #: how many findings of this very severity are allowed
    unknown: UnknownMeans = "block"  #: what a severity that the tool does not know counts as
    only_fixable: bool = False  #: a vulnerable package without a fix does not count
    only_new: bool = False  #: a finding that the baseline knows does not count


@dataclass(frozen=True)
class Sorted:
    """Findings of one severity, by whether they count."""

    counted: tuple[Finding, ...] = ()
    noted: tuple[Finding, ...] = ()


def make_limits(
    *,
    fail_on: Severity | None,
    maximum: Mapping[Severity, int],
    unknown: UnknownMeans = "block",
    only_fixable: bool = False,
    only_new: bool = False,
) -> Limits:
    """``fail_on`` allows none from that severity up; ``maximum`` says another number for one severity.

    Raises ValueError for what contradicts itself.
    """
    if fail_on is Severity.UNKNOWN:
        raise ValueError("`fail_on` cannot be unknown; say `unknown: block`")
    if negative := [severity.value for severity, allowed in maximum.items() if allowed < 0]:
        raise ValueError(f"`max` of {negative[0]} is below zero; write how many findings are allowed")
    if unknown != "block" and Severity.UNKNOWN in maximum:
        raise ValueError(
            f"`max` limits unknown severities and `unknown: {unknown}` lets them through; drop one of them"
        )
    caps = {severity: 0 for severity in Severity if fail_on and severity >= fail_on}
    if unknown == "block" and (caps or maximum):
        caps[Severity.UNKNOWN] = 0
    return Limits(MappingProxyType(caps | dict(maximum)), unknown, only_fixable, only_new)


def counts(finding: Finding, limits: Limits) -> bool:
    """Whether a finding counts at all, whatever its severity."""
    if finding.waiver or not finding.in_scope or (limits.only_new and not finding.is_new):
        return False
    return is_mendable(finding) or not limits.only_fixable


def is_mendable(finding: Finding) -> bool:
    """Whether somebody here can mend it today: only a package waits for others, and its licence does not."""
    return finding.fixable or finding.package is None or finding.category.startswith("license")


def judge(
    findings: Iterable[Finding],
    limits: Limits,
    *,
    noted: Iterable[Finding] = (),
    rules: Sequence[Rule] = (),
    doubt: str = "",
) -> Iterator[CheckResult]:
    """One check for each capped severity, the worst first, then one that notes what no cap speaks of.

    ``noted`` never count: waived, or suppressed by the tool. ``doubt`` says why the findings are not all there are,
    e.g. "1 of 2 reports could not be read"; nothing passes then.
    """
    groups = sort(findings, noted, limits)
    for severity in sorted(limits.caps, key=lambda severity: severity.rank, reverse=True):
        yield _capped(severity, groups[severity], limits.caps[severity], rules, doubt)
    if limits.unknown == "warn" and groups[Severity.UNKNOWN].counted:
        yield _warned(groups[Severity.UNKNOWN], limits, rules)
    rest = [severity for severity in groups if severity not in limits.caps and not _is_warned(severity, limits)]
    by_severity = {severity: groups[severity].counted + groups[severity].noted for severity in rest}
    others = tuple(chain.from_iterable(by_severity.values()))
    if others:
        tally = ", ".join(f"{len(alike)} {severity.value}" for severity, alike in by_severity.items() if alike)
        yield CheckResult(
            name="other findings",
            verdict=Verdict.PASSED,
            summary=f"{len(others)} noted: {tally}; no limit is set for them",
            noted=others,
            rules=named_by(others, rules),
        )


def sort(findings: Iterable[Finding], noted: Iterable[Finding], limits: Limits) -> dict[Severity, Sorted]:
    """All findings by severity, the highest first, in one pass."""
    # By rank: to look up a member of an Enum itself takes ten times as long, and there may be 300,000 findings.
    counted: list[list[Finding]] = [[] for _ in Severity]
    others: list[list[Finding]] = [[] for _ in Severity]
    everything = not (limits.only_new or limits.only_fixable)
    for finding in findings:
        counting = finding.waiver is None and finding.in_scope if everything else counts(finding, limits)
        (counted if counting else others)[finding.severity.rank].append(finding)
    for finding in noted:
        others[finding.severity.rank].append(finding)
    return {
        severity: Sorted(tuple(counted[severity.rank]), tuple(others[severity.rank])) for severity in reversed(Severity)
    }


def named_by(findings: Iterable[Finding], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that the findings name."""
    names = {finding.rule for finding in findings} if rules else ()
    return tuple(rule for rule in rules if rule.id in names)


def cure(findings: Sequence[Finding], rules: Sequence[Rule]) -> str:
    """What mends the first few of the findings, as far as the tool says it."""
    updates = {
        f"{(finding.package or finding.rule).partition('?')[0]} to {finding.fixed_in}": None
        for finding in findings
        if finding.fixed_in
    }
    if updates:
        more = f" and {len(updates) - 3} more" if len(updates) > 3 else ""
        return f"update {', '.join(islice(updates, 3))}{more}; or {WAIVE}"
    # A remedy of several lines is a page about the rule; it stands with the finding.
    remedies = {rule.id: rule.remedy.strip() for rule in rules if rule.remedy and "\n" not in rule.remedy.strip()}
    said = next((remedies[finding.rule] for finding in findings if finding.rule in remedies), "") if remedies else ""
    return f"{said.rstrip('.')}; or {WAIVE}" if said else f"mend what the findings name; or {WAIVE}"


def _capped(severity: Severity, group: Sorted, allowed: int, rules: Sequence[Rule], doubt: str) -> CheckResult:
    found = len(group.counted)
    name = f"{severity.value} findings" if severity is not Severity.UNKNOWN else "findings of unknown severity"
    verdict = Verdict.FAILED if found > allowed else Verdict.INCONCLUSIVE if doubt else Verdict.PASSED
    failed = verdict is Verdict.FAILED
    told = named_by(group.counted + group.noted, rules)
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=f"{found} found, {allowed} allowed{_aside(group.noted)}" + (f"; {doubt}" if doubt else ""),
        findings=group.counted if failed else (),
        noted=group.noted if failed else group.counted + group.noted,
        measurements=(Measurement(name=name, value=found, wanted=f"at most {allowed}"),),
        rules=told,
        mend=cure(group.counted, told) if failed else "bring the missing evidence" if doubt else "",
    )


def _warned(group: Sorted, limits: Limits, rules: Sequence[Rule]) -> CheckResult:
    found = len(group.counted)
    return CheckResult(
        name="findings of unknown severity",
        verdict=Verdict.PASSED,
        summary=f"{found} found{_aside(group.noted)}; look at them, `unknown: {limits.unknown}` lets them through",
        noted=group.counted + group.noted,
        measurements=(Measurement(name="findings of unknown severity", value=found, wanted="looked at by a person"),),
        rules=named_by(group.counted + group.noted, rules),
    )


def _is_warned(severity: Severity, limits: Limits) -> bool:
    return severity is Severity.UNKNOWN and limits.unknown == "warn"


def _aside(noted: Sequence[Finding]) -> str:
    """Why some do not count, e.g. `` (2 waived, 1 known to the baseline)``."""
    if not noted:
        return ""
    waived = sum(1 for finding in noted if finding.waiver)
    known = sum(1 for finding in noted if not finding.waiver and not finding.is_new)
    outside = sum(1 for finding in noted if not finding.waiver and finding.is_new and not finding.in_scope)
    reasons = {
        "waived or suppressed": waived,
        "known": known,
        "outside the change": outside,
        "left aside": len(noted) - waived - known - outside,
    }
    return f" ({', '.join(f'{count} {reason}' for reason, count in reasons.items() if count)})"
