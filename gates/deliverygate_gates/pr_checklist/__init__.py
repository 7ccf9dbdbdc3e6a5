"""The description of a change as a checklist: its items, their evidence, its sections, its issue and its title."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult
from deliverygate_gates.pr_checklist.items import judge_items
from deliverygate_gates.pr_checklist.prose import judge_description, judge_prose
from deliverygate_gates.pr_checklist.review import judge_review
from deliverygate_gates.pr_checklist.rules import RULES, broken
from deliverygate_gates.pr_checklist.settings import Settings
from deliverygate_gates.pr_checklist.subject import read_subject, read_templates


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each matter that the policy demands; "description" and "items" always."""
    try:
        subject = read_subject(settings.description, context)
    except (ReportError, ToolError) as error:
        yield broken("description", error)
        return
    try:
        subject = replace(subject, templates=read_templates(settings.templates, context))
    except (ReportError, ToolError) as error:
        yield broken("template", error)
    yield judge_description(subject)
    yield from judge_items(settings, subject, context.results)
    yield from judge_prose(settings, subject)
    yield from judge_review(settings, subject.change, context)


def looks_at(settings: Settings) -> Iterator[str]:
    """The gates that are named as evidence."""
    for item in settings.required:
        if item.evidence and item.evidence.gate:
            yield item.evidence.gate


gate = Gate(
    name="pr-checklist",
    summary="Demand a filled-in description, its items ticked with evidence, and a review",
    settings=Settings,
    check=check,
    rules=RULES,
    looks_at=looks_at,
)
