"""Approvals: which of them count, and whether they are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from deliverygate.change import Approval, ChangeRequest
from deliverygate.gate import GateContext
from deliverygate.judging.approvals import is_of_head, same_person
from deliverygate.model import CheckResult, Finding, Measurement, Severity, Verdict
from deliverygate_gates.pr_checklist.review.settings import Approvals
from deliverygate_gates.pr_checklist.review.unknown import unknown
from deliverygate_gates.pr_checklist.rules import result
from deliverygate_gates.pr_checklist.subject import TOOL

Team = Callable[[str], frozenset[str] | None]


class Voices(NamedTuple):
    """The people whose approvals count, by user name, and what came of the others."""

    sure: frozenset[str]
    perhaps: dict[str, str]  #: whose approval may count, and what is not known of it
    passed_over: tuple[str, ...]  #: "@bob: given before the last push"


def judge_approvals(wanted: Approvals, change: ChangeRequest, context: GateContext) -> CheckResult:
    """Whether enough people approved what is judged."""
    if change.approvals is None:
        return unknown("approvals", "approvals", change, context)
    voices = hear(change.approvals, wanted, change)
    if wanted.reviewers:
        voices = among(voices, wanted.reviewers, context.team)
    return conclude("approvals", wanted.count, voices, told=_told(wanted))


def _told(wanted: Approvals) -> str:
    return f"approvals by {', '.join(wanted.reviewers)}" if wanted.reviewers else "approvals"


def hear(approvals: Iterable[Approval], wanted: Approvals, change: ChangeRequest) -> Voices:
    """Which approvals count: not the author's own, and none that was given to an older state of the change."""
    sure: set[str] = set()
    perhaps: dict[str, str] = {}
    passed_over: dict[str, str] = {}
    for approval in approvals:
        name = approval.by
        if not wanted.author and change.author is None:
            perhaps[name] = "the change's author is not known"
        elif not wanted.author and same_person(name, change.author):
            passed_over[name] = "is the author"
        elif not wanted.after_last_push or (fresh := is_of_head(approval, change)):
            sure.add(name)
        elif fresh is None:
            perhaps[name] = "the platform does not say to which commit it was given"
        else:
            passed_over[name] = "given before the last push"
    for name in sure:
        perhaps.pop(name, None)
    told = tuple(f"@{name}: {why}" for name, why in passed_over.items() if name not in sure)
    return Voices(frozenset(sure), perhaps, told)


def among(voices: Voices, reviewers: Iterable[str], team: Team) -> Voices:
    """Only the voices of ``reviewers``: "@user", "@group/team"."""
    known: set[str] = set()
    unknown_teams: list[str] = []
    for reviewer in reviewers:
        members = people_behind(reviewer, team)
        known |= members or set()
        if members is None:
            unknown_teams.append(reviewer)
    sure = frozenset(name for name in voices.sure if name.casefold() in known)
    perhaps = {name: why for name, why in voices.perhaps.items() if name.casefold() in known or unknown_teams}
    if unknown_teams:
        why = f"the members of {', '.join(unknown_teams)} are not known"
        perhaps |= dict.fromkeys(voices.sure - sure, why)
    others = sorted((voices.sure | voices.perhaps.keys()) - sure - perhaps.keys())
    return Voices(sure, perhaps, (*voices.passed_over, *(f"@{name}: is none of them" for name in others)))


def people_behind(owner: str, team: Team) -> frozenset[str] | None:
    """User names in lower case: of one person, or of a team's members; None where nobody can tell."""
    name = owner.removeprefix("@")
    if not owner.startswith("@") or name.startswith("@"):  # an e-mail address, or a role such as @@maintainer
        members = team(owner)
        return None if members is None else frozenset(member.casefold() for member in members)
    members = team(name)
    if members is None:
        return None if "/" in name else frozenset({name.casefold()})
    return frozenset(member.casefold() for member in (*members, name))


def conclude(name: str, count: int, voices: Voices, *, told: str) -> CheckResult:
    """Enough for sure, perhaps enough, or too few."""
    measurement = Measurement(name=told, value=len(voices.sure), wanted=f"at least {count}")
    if len(voices.sure) < count <= len(voices.sure) + len(voices.perhaps):
        return CheckResult(
            name=name,
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{len(voices.sure)} {told} for sure, {count} wanted",
            measurements=(measurement,),
            details="\n".join(_details(voices)),
            mend="let them approve again, or give the job a token that may read teams and reviews",
        )
    missing = count - len(voices.sure)
    lacking = Finding(
        rule="approval-missing", message=f"{missing} of {count} {told} missing", severity=Severity.HIGH, tool=TOOL
    )
    return result(
        name,
        (lacking,) if missing > 0 else (),
        passed=f"{len(voices.sure)} {told}: {', '.join(f'@{each}' for each in sorted(voices.sure))}",
        failed=f"{len(voices.sure)} {told}, {count} wanted",
        measurements=(measurement,),
        details=_details(voices),
    )


def _details(voices: Voices) -> Iterator[str]:
    yield from (f"@{name}: {why}" for name, why in sorted(voices.perhaps.items()))
    yield from voices.passed_over
