"""Which items of a description are those of its template, and which of the template's are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from deliverygate.judging.checklist import Item, goes_on_from, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Fit(NamedTuple):
    """A description laid over a template."""

    found: dict[int, Item]  #: by the index of the description's item: the template's
    removed: tuple[Item, ...]  #: the template's items that the description does not have


def fit(items: Sequence[Item], template: Sequence[Item]) -> Fit:
    """Each item of the template takes one of the description, so that of two equal ones none can go unseen.

    The same item in the same section comes first, then the same anywhere, then one with a remark behind its text.
    """
    found: dict[int, Item] = {}
    left = list(template)
    for fits in (_same_place, _same, _with_remark):
        left = [wanted for wanted in left if not _take(wanted, items, found, fits)]
    return Fit(found, tuple(left))


def best_fit(items: Sequence[Item], templates: Sequence[Sequence[Item]]) -> int:
    """The index of the template that most of the description's items come from.

    Of equal ones the one that lacks least, then the first; the first as well when nothing comes from any of them.
    """
    fits = [fit(items, template) for template in templates]
    order = [(len(laid.found), -len(laid.removed) if laid.found else 0, -index) for index, laid in enumerate(fits)]
    return -max(order)[2]


def _take(wanted: Item, items: Sequence[Item], found: dict[int, Item], fits: Callable[[Item, Item], bool]) -> bool:
    for index, item in enumerate(items):
        if index not in found and fits(item, wanted):
            found[index] = wanted
            return True
    return False


def _same_place(item: Item, wanted: Item) -> bool:
    return item.section == wanted.section and _same(item, wanted)


def _same(item: Item, wanted: Item) -> bool:
    return is_same(item, wanted.key) or item.key == wanted.words


def _with_remark(item: Item, wanted: Item) -> bool:
    return goes_on_from(item, wanted.words)
