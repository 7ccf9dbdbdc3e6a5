from datetime import date

import pytest

from deliverygate.config.document import load
from deliverygate.errors import ConfigError
from deliverygate.judging.waivers import parse
from deliverygate.judging.waivers.adding import NEW_FILE, add, next_id
from deliverygate.judging.waivers.file import Written
from deliverygate.model import WaiverMatch

ENTRY = """\
- id: W-1 # the first
  match: {rule: A}
  reason: it does no harm yet
  owner: "@me"
  created: 2026-01-01
  expires: 2026-02-01
"""


def new(**more):
    given = {"id": "W-2", "match": WaiverMatch(rule="CVE-1", purl="pkg:npm/a"), "reason": "said: it's \"fine\" – yes",
             "owner": "@me", "created": date(2026, 1, 2), "expires": date(2026, 3, 1)}  # fmt: skip
    return Written(**given | more)


def indented(text, by):
    return "".join(f"{by}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        NEW_FILE,
        "waivers: []\nversion: 1\n",
        f"version: 1\nwaivers:\n{indented(ENTRY, '  ')}",
        f"version: 1\nwaivers:\n{ENTRY}",
        f"version: 1\nwaivers:\n{ENTRY}".rstrip("\n"),
        f"# head\nwaivers:\n{indented(ENTRY, '    ')}# tail\nversion: 1 # end\n",
        f"version: 1\nwaivers:\n{ENTRY}\n\n# later\n",
    ],
    ids=["new", "empty list first", "indented", "flat", "no last line break", "key after the list", "comment after"],
)
def test_waiver_is_added_and_all_else_stays(text):
    before = parse(load(text.encode(), "w.yml"))

    after = add(text, new(stages=("build", "a b")), path="w.yml")

    waivers = parse(load(after.encode(), "w.yml"))
    assert [each.id for each in waivers] == [*(each.id for each in before), "W-2"]
    assert (waivers[-1].reason, waivers[-1].match, waivers[-1].stages) == (new().reason, new().match, ("build", "a b"))
    assert [line for line in text.splitlines() if "[]" not in line and line not in after.splitlines()] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "short"}, "the reason is shorter than 10 characters"),
        ({"match": WaiverMatch(path="**")}, "is too broad: "),
        ({"id": "W-1"}, "the id 'W-1' stands twice"),
        ({"expires": date(2025, 1, 1)}, "ends on 2025-01-01, before it was created"),
    ],
    ids=["reason", "broad", "twice", "over"],
)
def test_waiver_that_would_be_a_fault_is_refused(given, said):
    with pytest.raises(ConfigError, match=said):
        add(f"version: 1\nwaivers:\n{ENTRY}", new(**given), path="w.yml")


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1, waivers: []}",
        "version: 1\nwaivers: [{id: W-1, match: {rule: A}, reason: it does no harm, owner: me, "
        "created: 2026-01-01, expires: 2026-02-01}]\n",
    ],
    ids=["a mapping in a line", "a list in a line"],
)
def test_file_that_cannot_be_added_to_safely_is_left_alone(text):
    with pytest.raises(ConfigError) as caught:
        add(text, new(), path="w.yml")

    assert str(caught.value) == "w.yml: has a form that nothing can be added to; write one waiver below the other"


@pytest.mark.parametrize(
    ("ids", "wanted"), [((), "W-1"), (("W-1", "W-9", "mine"), "W-10")], ids=["first", "after the highest"]
)
def test_id_is_the_next_free_number(ids, wanted):
    assert next_id(iter(ids)) == wanted
