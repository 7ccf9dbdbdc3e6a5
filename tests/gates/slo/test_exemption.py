"""Which change may ship on a spent budget."""

from __future__ import annotations

import pytest

from deliverygate.change import ChangeRequest
from deliverygate.config.values import convert
from deliverygate.errors import ConfigError
from deliverygate_gates.slo.exemption import Exemption, Plea, hear, judge

REASON = "stops the loss of orders"
NO_REASON = Plea(missing="its description has no line `Hotfix: why it cannot wait`")


def change(description: str, *, labels: tuple[str, ...] | None = None) -> ChangeRequest:
    return ChangeRequest(title="x", description=description, source="commits", labels=labels)


@pytest.mark.parametrize(
    ("description", "plea"),
    [
        (f"Hotfix: {REASON}", Plea(granted=REASON)),
        (f"What and why.\r\n\r\n- **hotfix:** {REASON}\r\n", Plea(granted=REASON)),
        (f"> HOTFIX : {REASON}  ", Plea(granted=REASON)),
        ("", NO_REASON),
        ("Hotfix:", NO_REASON),
        ("Hotfix: urgent", NO_REASON),
        ("Hotfix: <!-- why it cannot wait -->", NO_REASON),
        (f"<!-- Hotfix: {REASON} -->", NO_REASON),
        (f"<!-- never closed\nHotfix: {REASON}", NO_REASON),
        (f"This is no Hotfix: {REASON}", NO_REASON),
        (f"Hotfix:\n{REASON}", NO_REASON),
        (f"Hotfixes: {REASON}", NO_REASON),
        (f"Hotfix: {chr(0x200B) * 20}", NO_REASON),
        (f"<p hidden>Hotfix: {REASON}</p>", NO_REASON),
        (f'[x]: # "\nHotfix: {REASON}"', NO_REASON),
    ],
    ids=[
        "a line", "in a list", "quoted", "nothing", "no reason", "too short", "a template's comment", "in a comment",
        "in an open comment", "in the middle", "on the next line", "another word", "invisible", "hidden element", "title of a link that is not there",
    ],
)  # fmt: skip
def test_reason_stands_in_a_line_of_its_own(description: str, plea: Plea) -> None:
    assert judge(Exemption(), change(description)) == plea


@pytest.mark.parametrize(
    ("labels", "plea"),
    [
        (("bug", "security"), Plea(granted=f"label security, {REASON}")),
        (("bug",), Plea(missing="it does not carry the label hotfix or security")),
        ((), Plea(missing="it does not carry the label hotfix or security")),
        (None, Plea(missing="its labels are not known here (commits); run this for the merge or pull request")),
    ],
    ids=["one of them", "another", "none", "not known"],
)
def test_label_is_demanded_where_the_policy_names_one(labels: tuple[str, ...] | None, plea: Plea) -> None:
    exemption = Exemption(label=("hotfix", "security"))

    assert judge(exemption, change(f"Hotfix: {REASON}", labels=labels)) == plea


def test_word_of_the_policy_begins_the_line() -> None:
    exemption = Exemption(reason="Emergency-Change")

    assert judge(exemption, change(f"Emergency-Change: {REASON}")) == Plea(granted=REASON)


def test_nobody_is_exempt_where_the_policy_exempts_nobody() -> None:
    assert hear(None, lambda: change(f"Hotfix: {REASON}")) == Plea()


def test_change_that_is_not_known_is_not_exempt() -> None:
    def refuse() -> ChangeRequest:
        raise ConfigError("no base found")

    assert hear(Exemption(), refuse) == Plea(missing="the change is not known (no base found)")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"reason": "two words"}, "`reason` is one word"),
        ({"label": [" "]}, "a `label` is empty"),
        ({"lable": "hotfix"}, "unknown field `lable`"),
    ],
)
def test_what_makes_no_sense_is_refused(written: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        convert(written, Exemption)
