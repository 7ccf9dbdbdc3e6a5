"""What a change to the law itself means: shown, blocked, or let through once somebody who may has approved it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff
from typing import Literal, NamedTuple

from deliverygate.change import ChangeRequest
from deliverygate.judging.approvals import Team, among, hear
from deliverygate.judging.codeowners import Ownership
from deliverygate.model import CheckResult, Finding, Location, Severity, Verdict

NAME = "changes of the policy"
RULE = "policy-changed"
NAMED = 3  # files in the summary
LINES = 200  # of all differences together
LINE_CHARACTERS = 300
COMPARED = 20_000  # lines of a file; comparing more takes minutes
MEND = {
    "block": "take these files out of this change, and bring them in one of their own that is looked at for itself",
    "approve": "let a code owner of the policy approve the last commit",
}
First = Literal["", "of the change", "of a fork"]  #: whose policy judges where the target branch has none
MERGE_FIRST = "let a maintainer read it and bring it into the target branch; see docs/security.md#the-first-policy"


class Touched(NamedTuple):
    """A file of the law that the change edits."""

    path: str  #: of the repository
    before: str | None  #: None: there was none, or its text is not shown
    after: str | None


class Consent(NamedTuple):
    """Whether somebody who may has approved the change as it is now."""

    verdict: Verdict  #: PASSED, FAILED, or INCONCLUSIVE where it cannot be known
    why: str


#: Of a first policy: what its edit means.
FIRST = {
    "of the change": Consent(Verdict.PASSED, "and was judged by its own policy, since the target branch has none yet"),
    "of a fork": Consent(
        Verdict.INCONCLUSIVE, "and was not judged: the target branch has no policy yet, and that of a fork is not run"
    ),
}


def judge(
    touched: Sequence[Touched],
    mode: Literal["block", "warn", "approve"],
    *,
    settings: Sequence[str] = (),
    consent: Consent | None = None,
    first: First = "",
) -> CheckResult:
    """The check of a change that touches the law. ``settings`` are sentences about effective values that change.

    ``first``: the target branch has no policy, and whose the one is that judges in its place.
    """
    verdict, why = {
        "block": Consent(Verdict.FAILED, "which `policy_changes: block` does not allow"),
        "warn": Consent(Verdict.PASSED, "and was judged by what the target branch has"),
        "approve": consent or Consent(Verdict.INCONCLUSIVE, "whether that is approved is not known"),
    }[mode]
    if first:
        verdict, why = FIRST[first]
    findings = tuple(_finding(each) for each in touched)
    details = "\n".join((*settings, *differences(touched)))
    named = ", ".join(each.path for each in touched[:NAMED])
    files = named if len(touched) <= NAMED else f"{named} and {len(touched) - NAMED} more files"
    return CheckResult(
        name=NAME,
        verdict=verdict,
        summary=f"this change edits what it is judged by ({files}), {why}",
        findings=findings if verdict.blocks else (),
        noted=() if verdict.blocks else findings,
        details=details,
        mend=(MEND.get(mode, "") if not first else MERGE_FIRST) if verdict.blocks else "",
    )


def _finding(touched: Touched) -> Finding:
    word = "edits"
    if touched.before is None or touched.after is None:
        word = "adds" if touched.before is None and touched.after is not None else "removes"
    return Finding(
        rule=RULE,
        message=f"The change {word} {touched.path}, a part of the law that later changes are judged by.",
        severity=Severity.MEDIUM,
        tool="deliverygate",
        location=Location(touched.path),
    )


def differences(touched: Sequence[Touched]) -> list[str]:
    """Unified differences, cut where there are too many lines."""
    lines = [line for each in touched for line in _difference(each)]
    if len(lines) > LINES:
        lines[LINES:] = [f"... {len(lines) - LINES} more lines"]
    return [line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]} ..." for line in lines]


def _difference(touched: Touched) -> list[str]:
    before, after = (touched.before or "").splitlines(), (touched.after or "").splitlines()
    if max(len(before), len(after)) > COMPARED:
        return [f"{touched.path}: {len(before)} lines before, {len(after)} after; too many to compare"]
    names = (f"a/{touched.path}" if touched.before is not None else "/dev/null", f"b/{touched.path}")
    if touched.after is None:
        names = (names[0], "/dev/null")
    return list(unified_diff(before, after, *names, lineterm="")) or [
        f"{touched.path}: its lines are the same, or not shown; the ends of lines, or its mode, differ"
    ]


def find_consent(change: ChangeRequest, demands: Sequence[Ownership], *, team: Team, file: str) -> Consent:
    """Whether the code owners of the policy approved what the change is now: for each of ``demands`` enough of them."""
    if change.approvals is None:
        return Consent(Verdict.INCONCLUSIVE, "and who approved it could not be looked at")
    if not demands:
        return Consent(Verdict.FAILED, f"and CODEOWNERS of the target branch names nobody who answers for {file}")
    voices = hear(change.approvals, change)
    heard = [(demand.approvals, among(voices, demand.owners, team)) for demand in demands]
    for count, (sure, perhaps, passed_over) in heard:
        if len(sure) + len(perhaps) < count:
            told = "; ".join(passed_over)
            return Consent(
                Verdict.FAILED, f"and no code owner of {file} has approved it" + (f" ({told})" if told else "")
            )
    for count, (sure, perhaps, _) in heard:
        if len(sure) < count:
            told = "; ".join(f"@{name}: {why}" for name, why in perhaps.items())
            return Consent(
                Verdict.INCONCLUSIVE, f"and whether a code owner of {file} approved it is not known ({told})"
            )
    names = sorted(frozenset().union(*(sure for _, (sure, _, _) in heard)))
    return Consent(Verdict.PASSED, f"approved by {', '.join(names)}")
