"""The items of a description, each put where it is judged: against the template, the policy's items, a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from deliverygate.judging.checklist import (
    Item,
    as_answer,
    goes_on_from,
    identity,
    identity_of_markdown,
    named,
)
from deliverygate.judging.template import Fit, best_fit, fit
from deliverygate_gates.pr_checklist.settings import Group, Required, Settings
from deliverygate_gates.pr_checklist.subject import Subject, Template

CHOICES = {"any", "exactly-one"}
MAY_BE_REMOVED = {*CHOICES, "optional"}  # what was not chosen is often deleted, as GitHub's templates ask for


class Sheet(NamedTuple):
    """The items of a description, and by their indexes who judges them."""

    items: tuple[Item, ...]
    required: tuple[tuple[Required, tuple[int, ...]], ...]  #: with the items that answer it
    groups: tuple[tuple[Group, tuple[int, ...]], ...]
    others: tuple[int, ...]
    template: Template | None  #: the one that the description grew from; None: there is none with an item
    removed: tuple[Item, ...]  #: of the template


def sort_out(settings: Settings, subject: Subject) -> Sheet:
    """Lay the description over its template and the policy."""
    template = _choose_template(subject)
    laid = fit(subject.checklist.items, template.checklist.items) if template else Fit({}, ())
    items = tuple(_answer(item, laid.found.get(index)) for index, item in enumerate(subject.checklist.items))
    if settings.nested == "inherit":
        items = _inherit(items)
    required = _answered(settings.required, items)
    taken = {index for _, answers in required for index in answers}
    keys = {identity_of_markdown(group.section): group for group in settings.groups}
    # An item of the template is judged where the template has it, or a box could be moved to where it may stay open.
    group_of = [_group_of(laid.found.get(index, item), keys) for index, item in enumerate(items)]
    return Sheet(
        items=items,
        required=required,
        groups=tuple(
            (group, tuple(index for index, its in enumerate(group_of) if its is group)) for group in settings.groups
        ),
        others=tuple(index for index, its in enumerate(group_of) if its is None and index not in taken),
        template=template,
        removed=tuple(item for item in laid.removed if not _may_be_removed(item, keys)),
    )


def without_details(members: Sequence[int], items: Sequence[Item]) -> tuple[Item, ...]:
    """The members that do not stand below another one."""
    among = set(members)
    return tuple(items[index] for index in members if items[index].parent not in among)


def _choose_template(subject: Subject) -> Template | None:
    usable = [template for template in subject.templates if template.checklist.items]
    lists = [template.checklist.items for template in usable]
    return usable[best_fit(subject.checklist.items, lists)] if usable else None


def _answer(item: Item, wanted: Item | None) -> Item:
    """The item as the answer to the template's, which alone says whether it may wait."""
    return replace(as_answer(item, wanted.words), delay=wanted.delay) if wanted else item


def _inherit(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Items in which what is open below an inapplicable one is inapplicable too, for the same reason."""
    passed_on: list[Item] = []
    for item in items:
        above = passed_on[item.parent] if item.parent is not None else None
        inherits = above is not None and above.inapplicable and item.open
        passed_on.append(
            replace(item, inapplicable=True, mark=above.mark, reason=above.reason) if above and inherits else item
        )
    return tuple(passed_on)


def _answered(wanted: Sequence[Required], items: Sequence[Item]) -> tuple[tuple[Required, tuple[int, ...]], ...]:
    """Each demand with the items that answer it; no item answers two.

    What a person reads counts first, then the id in a comment, then words that go on from those of the demand.
    """
    answers: dict[int, tuple[int, ...]] = {}
    taken: set[int] = set()
    for fits in (_has_words, _has_id, _goes_on):
        for place, each in enumerate(wanted):
            if fits is not _goes_on or not answers.get(place):
                found = tuple(index for index, item in enumerate(items) if index not in taken and fits(item, each))
                answers[place] = (*answers.get(place, ()), *found)
                taken.update(found)
    return tuple((each, tuple(sorted(answers[place]))) for place, each in enumerate(wanted))


def _has_words(item: Item, wanted: Required) -> bool:
    words = identity_of_markdown(wanted.text)
    return item.words == words or item.key == words


def _has_id(item: Item, wanted: Required) -> bool:
    return bool(wanted.id) and item.key == named(str(wanted.id))


def _goes_on(item: Item, wanted: Required) -> bool:
    return goes_on_from(item, identity_of_markdown(wanted.text))


def _group_of(item: Item, groups: Mapping[str, Group]) -> Group | None:
    """The group of the nearest heading that has one."""
    return next((groups[key] for section in reversed(item.sections) if (key := identity(section)) in groups), None)


def _may_be_removed(item: Item, groups: Mapping[str, Group]) -> bool:
    group = _group_of(item, groups)
    return item.delay == "optional" or (group is not None and group.rule in MAY_BE_REMOVED)
