"""What a change to the law itself means: shown, blocked, or let through once somebody who may has approved it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import unified_diff
from typing import Literal, NamedTuple

from deliverygate.change import ChangeRequest
from deliverygate.judging.approvals import is_of_head
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


class Touched(NamedTuple):
    """A file of the law that the change edits."""

    path: str  #: of the repository
    before: str | None  #: None: there was none, or its text is not shown
    after: str | None


class Consent(NamedTuple):
    """Whether somebody who may has approved the change as it is now."""

    verdict: Verdict  #: PASSED, FAILED, or INCONCLUSIVE where it cannot be known
    why: str


def judge(
    touched: Sequence[Touched],
    mode: Literal["block", "warn", "approve"],
    *,
    settings: Sequence[str] = (),
    consent: Consent | None = None,
    introduced: bool = False,
) -> CheckResult:
    """The check of a change that touches the law. ``settings`` are sentences about effective values that change."""
    verdict, why = {
        "block": Consent(Verdict.FAILED, "which `policy_changes: block` does not allow"),
        "warn": Consent(Verdict.PASSED, "and was judged by what the target branch has"),
        "approve": consent or Consent(Verdict.INCONCLUSIVE, "whether that is approved is not known"),
    }[mode]
    if introduced:
        verdict, why = Verdict.PASSED, "and was judged by its own policy, since the target branch has none yet"
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
        mend=MEND.get(mode, "") if verdict.blocks else "",
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
        f"{touched.path}: its text is the same, or not shown"
    ]


def find_consent(change: ChangeRequest, owners: Collection[str], *, file: str) -> Consent:
    """Whether a code owner of the policy approved what the change is now; ``owners`` are user names without ``@``."""
    if change.approvals is None:
        return Consent(Verdict.INCONCLUSIVE, "and who approved it could not be looked at")
    if change.author is None:
        return Consent(Verdict.INCONCLUSIVE, "and who wrote it is not known, who must not approve it")
    if not owners:
        return Consent(Verdict.FAILED, f"and CODEOWNERS of the target branch names no user who answers for {file}")
    known = {name.casefold() for name in owners} - {change.author.casefold()}
    by = [each for each in change.approvals if each.by.casefold() in known]
    if not by:
        return Consent(Verdict.FAILED, f"and no code owner of {file} has approved it")
    standing = [each for each in by if is_of_head(each, change)]
    if not standing:
        return Consent(Verdict.FAILED, f"and {by[0].by} approved it before its last commit, or nobody can tell when")
    return Consent(Verdict.PASSED, f"approved by {standing[0].by}")
