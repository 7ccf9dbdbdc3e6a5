"""Waivers that fit nothing any more: a note each, or a check of the run where the policy is strict.

Reports of other stages are not here to be asked, so a waiver is called idle only by a run that it belongs to: one of a
stage that it names, or one that read a report of the tool that it names. A waiver that names neither belongs to the
only stage of a policy; where there are several, nobody can tell, and it gets a note that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deliverygate.conversions import whole
from deliverygate.model import CheckResult, Finding, Location, Measurement, Rule, Severity, Verdict, Waiver

CHECK = "every waiver fits a finding"
RULE = Rule(
    id="idle-waiver",
    summary="Every waiver fits a finding",
    why="what was waived may come back one day, and nobody would see it",
    remedy="remove the waiver",
    severity=Severity.MEDIUM,
)


@dataclass(frozen=True)
class Seen:
    """What a run read of all that waivers can fit."""

    stage: str
    only_stage: bool  #: whether the policy has no other stage
    matched: frozenset[str]  #: ids of the waivers that fitted something
    tools: frozenset[str]  #: whose reports were read, in small letters
    whole: bool = True  #: False: a gate did not come to its end, or a report could not be read to its end


@dataclass(frozen=True)
class Idle:
    """The waivers that fitted nothing."""

    certain: tuple[Waiver, ...]  #: they belong to this run
    unsure: tuple[Waiver, ...]  #: they say of no stage and of no tool that it is theirs


def find(waivers: Iterable[Waiver], seen: Seen) -> Idle:
    """Those of this run that fitted nothing."""
    left = [waiver for waiver in waivers if waiver.id not in seen.matched]
    return Idle(
        certain=tuple(waiver for waiver in left if _is_at_home(waiver, seen)),
        unsure=tuple(waiver for waiver in left if not seen.only_stage and not _says_where(waiver)),
    )


def _says_where(waiver: Waiver) -> bool:
    return bool(waiver.stages or waiver.match.tool)


def _is_at_home(waiver: Waiver, seen: Seen) -> bool:
    if waiver.stages and seen.stage not in waiver.stages:
        return False
    if waiver.match.tool:
        return waiver.match.tool.casefold() in seen.tools
    return bool(waiver.stages) or seen.only_stage


def unmatched(waivers: Iterable[Waiver], seen: Seen) -> tuple[str, ...]:
    """A sentence for each waiver that fitted nothing. What was not read to its end proves nothing, and gives none."""
    if not seen.whole:
        return ()
    idle = find(waivers, seen)
    return tuple(map(_over, idle.certain)) + tuple(
        f"Waiver {waiver.id} ({waiver.source}) fits no finding of this stage; if it belongs to another, "
        "name its `stages` or the `tool` of its match."
        for waiver in idle.unsure
    )


def unmatched_foreign(waivers: Iterable[Waiver], matched: frozenset[str], paths: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each file of another tool that has entries which fitted nothing."""
    entries: Mapping[str, dict[str, None]] = {path: {} for path in paths}
    for waiver in waivers:
        for path in entries:
            if waiver.source.startswith((f"{path}:", f"{path}#")):
                entries[path][waiver.id] = None
    return tuple(
        f"{path}: {len(left)} of {len(ids)} entries fit no finding of this stage."
        for path, ids in entries.items()
        if (left := ids.keys() - matched)
    )


def judge(waivers: Iterable[Waiver], seen: Seen) -> CheckResult:
    """Whether every waiver of this run still fits something."""
    idle = find(waivers, seen).certain
    counted = Measurement(name="waivers that fit nothing", value=len(idle), wanted="0")
    if idle and not seen.whole:
        return CheckResult(
            name=CHECK,
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{len(idle)} fitted nothing, but not everything was read",
            mend="mend the gates that did not come to their end",
        )
    return CheckResult(
        name=CHECK,
        verdict=Verdict.FAILED if idle else Verdict.PASSED,
        summary=f"{len(idle)} fit nothing, 0 allowed",
        findings=tuple(map(_finding, idle)),
        measurements=(counted,),
        rules=(RULE,) if idle else (),
        mend="remove them; one that waits for another stage names its `stages`" if idle else "",
    )


def _finding(waiver: Waiver) -> Finding:
    path, _, line = waiver.source.rpartition(":")
    return Finding(
        rule=RULE.id,
        message=_over(waiver),
        severity=Severity.MEDIUM,
        tool="deliverygate",
        location=Location(path, number) if (number := whole(line)) is not None else None,
    )


def _over(waiver: Waiver) -> str:
    return f"Waiver {waiver.id} ({waiver.source}) fits no finding any more; remove it."
