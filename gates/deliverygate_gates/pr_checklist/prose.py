"""Checks of what stands beside the items: the text, the title, the sections, the link to an issue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from deliverygate.judging.checklist import identity, identity_of_markdown
from deliverygate.judging.description import (
    ISSUE,
    Section,
    find_issue,
    find_placeholders,
    own_lines,
    says_something,
    sections,
)
from deliverygate.judging.patterns import Pattern, SlowPatternError
from deliverygate.judging.visibility import visible
from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.pr_checklist.rules import broken, result
from deliverygate_gates.pr_checklist.settings import Settings
from deliverygate_gates.pr_checklist.subject import Subject, quote

_DRAFT = re.compile(r"^\s*(?:\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)


def judge_description(subject: Subject) -> CheckResult:
    """Whether the author wrote anything at all; tells where it came from."""
    blocks = subject.checklist.document.blocks
    source = "the commit messages" if subject.change.source == "commits" else subject.change.source
    there = any(block.text or block.box for block in blocks)
    answered = any(not item.open for item in subject.checklist.items)
    wrote = answered or any(own_lines(subject.checklist.document, subject.known, code=True))
    state = "holds only the template's text" if there else "is empty"
    return result(
        "description",
        () if wrote else (subject.finding("description-empty", f"the description {state}"),),
        passed=f"{len(subject.change.description):,} characters from {source}",
        failed=f"what came from {source} {state}",
        details=subject.change.notes,
    )


def judge_prose(settings: Settings, subject: Subject) -> Iterator[CheckResult]:
    """One check for each section, the linked issue, the title and the placeholders, as far as they are demanded."""
    there = sections(subject.checklist.document) if settings.sections else ()
    for wanted in settings.sections:
        yield judge_section(wanted, there, subject)
    if settings.linked_issue:
        pattern = ISSUE if settings.linked_issue is True else settings.linked_issue
        yield in_time("linked issue", partial(judge_issue, pattern, subject))
    if settings.title_pattern:
        yield in_time("title", partial(judge_title, settings.title_pattern, subject, name=settings.title or ""))
    if settings.placeholders:
        yield in_time("placeholders", partial(judge_placeholders, settings.placeholders, subject))


def in_time(name: str, judge: Callable[[], CheckResult]) -> CheckResult:
    """What ``judge`` says; an ERROR where a pattern of the policy took too long."""
    try:
        return judge()
    except SlowPatternError as error:
        return broken(name, error)


def judge_section(wanted: str, there: tuple[Section, ...], subject: Subject) -> CheckResult:
    """Whether a section is there and filled in by the author."""
    name, key = f"section: {wanted}", identity_of_markdown(wanted)
    found = [section for section in there if identity(section.title) == key]
    if any(says_something(section, subject.known) for section in found):
        return result(name, (), passed="filled in", failed="")
    if not found:
        missing = subject.finding("section-empty", f"there is no section {quote(wanted)}")
        return result(name, [missing], passed="", failed="missing")
    state = "holds only the template's text" if found[0].lines else "is empty"
    finding = subject.finding("section-empty", f"the section {quote(wanted)} {state}", found[0].line)
    return result(name, [finding], passed="", failed=state)


def judge_issue(pattern: str, subject: Subject) -> CheckResult:
    """Whether the title, the author's own text or the platform names an issue. Raises SlowPatternError."""
    lines = own_lines(subject.checklist.document, subject.known, code=False)
    texts = (text for line in lines for text in (line.text, *line.links))
    change = subject.change
    found = find_issue(
        (change.title, *texts, *(change.issues or ())), Pattern(pattern, name="linked_issue", multiline=True)
    )
    if not found and change.number is not None and change.issues is None:  # it may be linked by hand
        return CheckResult(
            name="linked issue",
            verdict=Verdict.INCONCLUSIVE,
            summary="the text names no issue, and those that the platform links are not known",
            details="\n".join(change.notes),
            mend="name it in the description, or give the job a token that may read issues, see docs/platforms.md",
        )
    finding = subject.finding("issue-missing", "neither the title nor the description names an issue")
    return result(
        "linked issue", () if found else (finding,), passed=f"names {found}", failed="no issue named, 1 wanted"
    )


def judge_title(pattern: str, subject: Subject, *, name: str) -> CheckResult:
    """Whether the title has the form that is demanded; GitLab's "Draft:" before it is no part of it.

    Raises SlowPatternError.
    """
    title = _DRAFT.sub("", visible(subject.change.title), count=1)
    fits = Pattern(pattern, name="title").search(title)
    finding = subject.finding("title-form", f"the title {quote(title)} does not have the form {name}")
    check = result(
        "title",
        () if fits else (finding,),
        passed=quote(title),
        failed=f"{quote(title)}, wanted {name}",
        details=() if name == pattern else (f"{name} means {pattern}",),
    )
    if title or not subject.change.notes:
        return check
    why = " ".join(subject.change.notes)
    return CheckResult(
        name=check.name, verdict=Verdict.ERROR, summary="there is no title", details=why, mend="give --title"
    )


def judge_placeholders(patterns: tuple[str, ...], subject: Subject) -> CheckResult:
    """Whether every line was filled in. Raises SlowPatternError."""
    compiled = [Pattern(pattern, name="placeholders", multiline=True) for pattern in patterns]
    left = find_placeholders(subject.checklist.document, compiled)
    return result(
        "placeholders",
        [subject.finding("placeholder", f"left standing: {quote(line.text.strip())}", line.number) for line in left],
        passed="none left standing",
        failed=f"{len(left)} left standing, 0 allowed",
    )
