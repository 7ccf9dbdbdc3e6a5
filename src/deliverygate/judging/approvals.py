"""Approvals: which of them count for what is judged, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from deliverygate.change import Approval, ChangeRequest

#: User names of the members of "group/team"; None: not known.
Team: TypeAlias = Callable[[str], frozenset[str] | None]


class Voices(NamedTuple):
    """The people whose approvals count, by user name, and what came of the others."""

    sure: frozenset[str]
    perhaps: dict[str, str]  #: whose approval may count, and what is not known of it
    passed_over: tuple[str, ...]  #: "@bob: given before the last push"


def hear(
    approvals: Iterable[Approval], change: ChangeRequest, *, author: bool = False, after_last_push: bool = True
) -> Voices:
    """Which approvals count: not the ``author``'s own, and none that was given to an older state of the change."""
    sure: set[str] = set()
    perhaps: dict[str, str] = {}
    passed_over: dict[str, str] = {}
    for approval in approvals:
        name = approval.by
        if not author and change.author is None:
            perhaps[name] = "the change's author is not known"
        elif not author and same_person(name, change.author):
            passed_over[name] = "is the author"
        elif not after_last_push or (fresh := is_of_head(approval, change)):
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
        return None
    members = team(name)
    if members is None:
        return None if "/" in name else frozenset({name.casefold()})
    return frozenset(member.casefold() for member in (*members, name))


def is_of_head(approval: Approval, change: ChangeRequest) -> bool | None:
    """Whether it was given to the last commit of the change; None: nobody can tell.

    The commit decides where it is known: a review of an older state may well be sent after a push.
    """
    if approval.commit is not None and change.head is not None:
        return approval.commit == change.head
    if approval.at is not None and change.pushed_at is not None:
        return approval.at > change.pushed_at
    return None


def same_person(name: str, other: str | None) -> bool:
    """Whether two user names are one: no platform tells their cases apart."""
    return other is not None and name.casefold() == other.casefold()
