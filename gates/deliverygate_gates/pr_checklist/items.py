"""Checks of the items: the template's, the demanded ones, the groups, all others, and the nested ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.judging.checklist import Item, as_answer, identity_of_markdown
from deliverygate.judging.markdown import plain
from deliverygate.model import CheckResult, Finding, GateResult, Measurement, Severity, Verdict
from deliverygate_gates.pr_checklist.evidence import THERE, Proof, prove
from deliverygate_gates.pr_checklist.rules import result
from deliverygate_gates.pr_checklist.settings import Group, NotApplicable, Settings
from deliverygate_gates.pr_checklist.sheet import CHOICES, Sheet, sort_out, without_details
from deliverygate_gates.pr_checklist.subject import Subject, quote


class Fault(NamedTuple):
    """Why an item counts against the change."""

    rule: str
    says: str


def judge_items(settings: Settings, subject: Subject, results: Mapping[str, GateResult]) -> Iterator[CheckResult]:
    """The checks of the items, as far as the policy demands them."""
    sheet = sort_out(settings, subject)
    if subject.templates:
        yield judge_template(sheet, subject)
    if settings.required:
        yield judge_required(sheet, settings, subject, results)
    for group, members in sheet.groups:
        yield judge_group(group, members, sheet, settings, subject)
    yield judge_others(sheet, settings, subject)
    if settings.nested != "independent":
        yield judge_nested(sheet, subject)


def judge_template(sheet: Sheet, subject: Subject) -> CheckResult:
    """Whether every item of the template is still there."""
    template = sheet.template
    if template is None:
        paths = ", ".join(template.path for template in subject.templates)
        return CheckResult(name="template", verdict=Verdict.SKIPPED, summary=f"{paths} has no item to look for")
    wanted = len(template.checklist.items)
    return result(
        "template",
        [
            subject.finding("item-removed", f"removed: {quote(item.text)} (line {item.line} of {template.path})")
            for item in sheet.removed
        ],
        passed=f"every item of {template.path} is there",
        failed=f"{len(sheet.removed)} of the {wanted} items of {template.path} removed, 0 allowed",
    )


def judge_required(
    sheet: Sheet, settings: Settings, subject: Subject, results: Mapping[str, GateResult]
) -> CheckResult:
    """Whether the items that the policy names are there and ticked, with their evidence."""
    findings: list[Finding] = []
    noted: list[Finding] = []
    doubts: list[Proof] = []
    for wanted, answers in sheet.required:
        mode = wanted.not_applicable or settings.not_applicable
        words = identity_of_markdown(wanted.text)
        proof = prove(wanted.evidence, claim=words, subject=subject, results=results) if wanted.evidence else THERE
        if not answers:
            findings.append(subject.finding("item-missing", f"missing: {quote(plain(wanted.text))}"))
        for item in (as_answer(sheet.items[index], words) for index in answers):
            fault = _fault(item, mode) or (_false_claim(proof) if item.done else None)
            findings.extend(_found(item, fault, subject))
            noted.extend(_waved_through(item, fault, subject))
            if item.done and proof.verdict in {Verdict.INCONCLUSIVE, Verdict.ERROR}:
                doubts.append(Proof(proof.verdict, f"{quote(item.text)}: ticked, but {proof.says}"))
    count = len(sheet.required)
    check = result(
        "required items",
        findings,
        noted=noted,
        passed=f"all {count} done, or not applicable for a reason" if noted else f"all {count} done",
        failed=f"{len(findings)} missing, open or without evidence; {count} wanted",
    )
    return _with_doubts(check, doubts)


def judge_group(
    group: Group, members: Sequence[int], sheet: Sheet, settings: Settings, subject: Subject
) -> CheckResult:
    """Whether of the items below a heading the right number is ticked."""
    name = f"group: {group.section}"
    items = [sheet.items[index] for index in members]
    if not items and group.rule in {"optional", "post-merge"}:
        return CheckResult(name=name, verdict=Verdict.SKIPPED, summary="no item there, and none is demanded")
    if not items:
        finding = subject.finding("group-choice", f"there is no item under a heading {quote(group.section)}")
        return result(name, [finding], passed="", failed="no item there")
    if group.rule in CHOICES:
        return _judge_choice(name, group, without_details(members, sheet.items), subject)
    if group.rule == "all":
        return _judge_each(name, items, settings.not_applicable, subject)
    later = "may stay open" if group.rule == "optional" else "is to be done after the merge"
    waiting = [_note(item, later, subject) for item in items if item.open]
    return result(name, (), noted=waiting, passed=_tally(items), failed="")


def judge_others(sheet: Sheet, settings: Settings, subject: Subject) -> CheckResult:
    """Whether every item is ticked that neither the policy nor a group speaks of, and whether there are any at all."""
    items = [sheet.items[index] for index in sheet.others]
    late = [item for item in items if item.open and item.delay]
    check = _judge_each("items", [item for item in items if item not in late], settings.not_applicable, subject)
    noted = (*check.noted, *(_note(item, f"is {item.delay} and may stay open", subject) for item in late))
    findings = list(check.findings)
    if settings.unlisted == "note":
        noted, findings = (*(replace(finding, severity=Severity.INFO) for finding in findings), *noted), []
    count = len(sheet.items)
    few = f"{count} of at least {settings.min_items} items in the description"
    if count < settings.min_items:
        findings.insert(0, subject.finding("description-empty", few))
    return result(
        "items",
        findings,
        noted=noted,
        passed=_tally(items) if items else "no item that other checks leave over",
        failed=few if count < settings.min_items else _tally(items),
        measurements=(
            Measurement(name="items", value=count, wanted=f"at least {settings.min_items}"),
            Measurement(name="open", value=sum(item.open for item in items), wanted="0"),
        ),
        details=subject.checklist.notes,
    )


def judge_nested(sheet: Sheet, subject: Subject) -> CheckResult:
    """Whether nothing is open below an item that is ticked."""
    free = {index for group, members in sheet.groups if group.rule in {"optional", "post-merge"} for index in members}
    below: dict[int, int] = {}
    for index, item in enumerate(sheet.items):
        if item.parent is not None and item.open and not item.delay and index not in free:
            below[item.parent] = below.get(item.parent, 0) + 1
    if all(item.parent is None for item in sheet.items):
        return CheckResult(name="nested items", verdict=Verdict.SKIPPED, summary="no item stands below another")
    findings = [
        subject.finding("nested-open", f"{quote(item.text)}: ticked, but {count} below it open", item.line)
        for item, count in ((sheet.items[parent], count) for parent, count in sorted(below.items()))
        if item.done
    ]
    return result(
        "nested items",
        findings,
        passed="nothing is open below a ticked item",
        failed=f"{len(findings)} ticked too early",
    )


def _judge_choice(name: str, group: Group, items: Sequence[Item], subject: Subject) -> CheckResult:
    ticked = [item for item in items if item.done]
    wanted = "exactly 1" if group.rule == "exactly-one" else "at least 1"
    summary = f"{len(ticked)} of {len(items)} ticked, {wanted} wanted"
    if len(ticked) == 1 or (ticked and group.rule == "any"):
        return result(name, (), passed=summary, failed="")
    listed = f": {', '.join(quote(item.text) for item in ticked[:10])}" if ticked else ""
    line = (ticked or items)[0].line
    return result(name, [subject.finding("group-choice", summary + listed, line)], passed="", failed=summary)


def _judge_each(name: str, items: Sequence[Item], mode: NotApplicable, subject: Subject) -> CheckResult:
    faults = [(item, _fault(item, mode)) for item in items]
    return result(
        name,
        [finding for item, fault in faults for finding in _found(item, fault, subject)],
        noted=[finding for item, fault in faults for finding in _waved_through(item, fault, subject)],
        passed=_tally(items),
        failed=_tally(items),
    )


def _fault(item: Item, mode: NotApplicable) -> Fault | None:
    if item.done:
        return None
    if item.open:
        return Fault("item-open", "not ticked")
    if mode == "forbidden":
        return Fault("item-not-skippable", f"marked as not applicable ({item.mark}), which the policy does not allow")
    if mode == "with-reason" and item.reason is None:
        return Fault("item-without-reason", f"marked as not applicable ({item.mark}), but without a reason")
    return None


def _false_claim(proof: Proof) -> Fault | None:
    return Fault("evidence-missing", f"ticked, but {proof.says}") if proof.verdict is Verdict.FAILED else None


def _found(item: Item, fault: Fault | None, subject: Subject) -> Iterator[Finding]:
    if fault:
        yield subject.finding(fault.rule, f"{quote(item.text)}: {fault.says}", item.line)


def _waved_through(item: Item, fault: Fault | None, subject: Subject) -> Iterator[Finding]:
    if item.inapplicable and not fault:
        yield _note(item, f"not applicable: {item.reason or 'no reason given'}", subject)


def _note(item: Item, says: str, subject: Subject) -> Finding:
    return subject.finding("item-open", f"{quote(item.text)}: {says}", item.line, severity=Severity.INFO)


def _with_doubts(check: CheckResult, doubts: Sequence[Proof]) -> CheckResult:
    """The check when some evidence could not be looked at: it is never better than that."""
    if not doubts:
        return check
    verdict = max(check.verdict, *(doubt.verdict for doubt in doubts))
    says = "\n".join(doubt.says for doubt in doubts)
    if verdict is Verdict.FAILED:
        return replace(check, details=says)
    summary = f"{len(doubts)} ticked, but nobody can say whether rightly"
    mend = "Let the gate run, or fetch the target branch, so that the evidence can be looked at."
    return replace(check, verdict=verdict, summary=summary, details=says, mend=mend)


def _tally(items: Iterable[Item]) -> str:
    listed = tuple(items)
    ticked, waiting = sum(item.done for item in listed), sum(item.open for item in listed)
    counted = f"{len(listed)} item{'' if len(listed) == 1 else 's'}"
    return f"{counted}: {ticked} ticked, {waiting} open, {len(listed) - ticked - waiting} not applicable"
