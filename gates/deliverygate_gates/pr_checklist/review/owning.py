"""Code owners: whether those who answer for the changed paths have approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.errors import DeliveryGateError
from deliverygate.gate import GateContext
from deliverygate.judging.approvals import Voices, among, hear, people_behind
from deliverygate.judging.codeowners import LOCATIONS, CodeOwners, Dialect, locate, parse
from deliverygate.model import CheckResult, Finding, Severity, Verdict
from deliverygate_gates.pr_checklist.review.settings import Approvals
from deliverygate_gates.pr_checklist.review.unknown import unknown
from deliverygate_gates.pr_checklist.rules import broken, result
from deliverygate_gates.pr_checklist.subject import TOOL

NAME = "code owners"
SHOWN_PATHS = 3
SHOWN_FAULTS = 10


class Demand(NamedTuple):
    """Approvals that one entry of the file asks for."""

    section: str
    owners: tuple[str, ...]
    approvals: int

    def __str__(self) -> str:
        count = f"{self.approvals} of " if self.approvals > 1 else ""
        section = f" for {self.section}" if self.section else ""
        return f"{count}{', '.join(self.owners)}{section}"


def judge_owners(wanted: Approvals, change: ChangeRequest, context: GateContext) -> CheckResult:
    """Whether for each changed path those approved whom the target branch's file names."""
    if change.approvals is None:
        return unknown(NAME, "approvals", change, context)
    if change.files is None:
        return unknown(NAME, "changed files", change, context)
    dialect: Dialect = "gitlab" if change.platform == "gitlab" else "github"
    try:
        found = locate(lambda path: context.base_text(f"/{path}"), dialect)
    except DeliveryGateError as error:
        return broken(NAME, error)
    if found is None:
        return CheckResult(
            name=NAME,
            verdict=Verdict.ERROR,
            summary="the target branch has no CODEOWNERS file",
            mend=f"bring one there first, at {', '.join(LOCATIONS[dialect])}, or do without `code_owners`",
        )
    path, text = found
    file = parse(text, dialect)
    voices = hear(change.approvals, change, author=wanted.author, after_last_push=wanted.after_last_push)
    check = _conclude(demanded(file, change), voices, change, context, path)
    passed_over = [f"{path}:{fault.line}: {fault.what}" for fault in file.faults[:SHOWN_FAULTS]]
    return replace(check, details="\n".join(filter(None, (check.details, *passed_over))))


def demanded(file: CodeOwners, change: ChangeRequest) -> dict[Demand, list[str]]:
    """What the entries ask for, and the changed paths that they ask it for. A rename counts where it came from too."""
    demands: dict[Demand, list[str]] = {}
    for changed in change.tracked_files:
        for path in dict.fromkeys((changed.path, changed.previous_path or changed.path)):
            for owned in file.of(f"{change.folder}{path}"):
                if owned.owners and owned.approvals:
                    demands.setdefault(Demand(owned.section, owned.owners, owned.approvals), []).append(path)
    return demands


def _conclude(
    demands: dict[Demand, list[str]], voices: Voices, change: ChangeRequest, context: GateContext, path: str
) -> CheckResult:
    missing: list[Finding] = []
    open_questions: list[str] = []
    for demand, paths in demands.items():
        heard = among(voices, demand.owners, context.team)
        if len(heard.sure) >= demand.approvals:
            continue
        if len(heard.sure) + len(heard.perhaps) >= demand.approvals:
            open_questions += [f"{demand}: @{name}: {why}" for name, why in sorted(heard.perhaps.items())]
            continue
        missing.append(_lacking(demand, paths, change, context))
    if open_questions and not missing:
        return CheckResult(
            name=NAME,
            verdict=Verdict.INCONCLUSIVE,
            summary="it is not known whether the code owners approved",
            details="\n".join(open_questions),
            mend="give the job a token that may read teams and reviews, or let the owners approve again",
        )
    return result(
        NAME,
        missing,
        passed=f"all {len(demands)} that {path} asks for approved" if demands else f"{path} asks for none",
        failed=f"{len(missing)} of {len(demands)} approvals that {path} asks for are missing",
        details=(*open_questions, *voices.passed_over),
    )


def _lacking(demand: Demand, paths: list[str], change: ChangeRequest, context: GateContext) -> Finding:
    more = f" and {len(paths) - SHOWN_PATHS} more" if len(paths) > SHOWN_PATHS else ""
    places = ", ".join(paths[:SHOWN_PATHS]) + more
    alone = (
        "; the author is the only owner, and somebody else must become one"
        if _is_alone(demand, change, context)
        else ""
    )
    return Finding(
        rule="owner-approval-missing",
        message=f"no approval by {demand} ({places}){alone}",
        severity=Severity.HIGH,
        tool=TOOL,
    )


def _is_alone(demand: Demand, change: ChangeRequest, context: GateContext) -> bool:
    return change.author is not None and set(_people(demand, context)) == {change.author.casefold()}


def _people(demand: Demand, context: GateContext) -> Iterator[str]:
    for owner in demand.owners:
        members = people_behind(owner, context.team)
        yield from {owner} if members is None else members
