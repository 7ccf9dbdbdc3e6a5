"""A description laid over its template."""

from __future__ import annotations

import pytest

from deliverygate.judging.checklist import read_items
from deliverygate.judging.template import best_fit, fit

TEMPLATE = "- [ ] Tests\n- [ ] Tests run locally\n- [ ] Docs (if needed)\n- [ ] Closes #___ <!-- dg:issue -->\n"


@pytest.mark.parametrize(
    ("description", "removed"),
    [
        (TEMPLATE, ()),
        (TEMPLATE.replace("[ ]", "[x]").upper().replace("DG:ISSUE", "dg:issue"), ()),
        ("- [x] Tests run locally\n- [x] Docs (if needed)\n- [x] Closes #12 <!-- dg:issue -->", ("Tests",)),
        ("- [x] Tests (in a.py)\n- [x] Tests run locally\n- [~] Docs (if needed) - none\n- [x] Closes #___", ()),
        ("- [x] Tests\n- [x] Tests\n- [x] Docs (if needed)\n- [x] <!-- dg:issue -->", ("Tests run locally",)),
        ("- [ ] ~~Tests~~ none\n- [ ] N/A: Tests run locally\n- [x] **Docs** (if needed)\n- [x] <!-- dg:issue -->", ()),
        ("```\n" + TEMPLATE + "```", ("Tests", "Tests run locally", "Docs (if needed)", "Closes #___")),
        ("", ("Tests", "Tests run locally", "Docs (if needed)", "Closes #___")),
    ],
    ids=["as it is", "ticked", "one gone", "remarks", "one twice", "not applicable", "in code", "all gone"],
)
def test_what_is_gone_from_the_template_is_seen(description, removed):
    laid = fit(read_items(description), read_items(TEMPLATE))

    assert tuple(item.text for item in laid.removed) == removed


def test_equal_items_are_told_apart_by_their_sections():
    template = read_items("# A\n- [ ] Review\n# B\n- [ ] Review")

    laid = fit(read_items("# B\n- [x] Review"), template)

    assert (laid.found, laid.removed) == ({0: template[1]}, (template[0],))


@pytest.mark.parametrize(
    ("description", "best"), [("- [x] b\n- [x] c", 1), ("- [x] a", 0), ("- [x] c", 2), ("", 0), ("- [x] z", 0)]
)
def test_the_template_is_the_one_that_most_items_come_from(description, best):
    templates = [read_items(text) for text in ("- [ ] a\n- [ ] d", "- [ ] b\n- [ ] c", "- [ ] c")]

    assert best_fit(read_items(description), templates) == best
