"""The gate pr-checklist before text that nobody sees, ticks that count twice, and patterns that never end."""

from __future__ import annotations

import pytest

from deliverygate.model import CheckResult, Verdict
from tests.gates.test_pr_checklist import describe, judge

SLOW = "(?:a+a+)+y"
LONG = "a" * 5000


def failed(checks: dict[str, CheckResult]) -> list[str]:
    return [name for name, check in checks.items() if check.verdict > Verdict.PASSED]


@pytest.mark.parametrize(
    "text",
    [
        *("\u200b", "&#8203;", "&shy;", "\u3164", "\u2800", "\ufe0f", "\U000e0041\U000e0042", "<!-- text -->", "<br>"),
        *("[//]: # (text)", "[x]: https://shop.test 'text'", "<p hidden>text</p>", "![]()", "[](https://shop.test)"),
        *('<div style="display:none">text</div>', "<div hidden>\n\ntext\n\n</div>", "<script>text</script>", "&nbsp;"),
        *("\u202e\u2066\u2069", "<!-- text", "<p hidden>\n\n## Sub\n\ntext"),
    ],
)
def test_section_that_only_looks_filled_in_to_a_program_is_empty(text: str) -> None:
    checks = judge({"sections": ["Summary"], "min_items": 0}, f"intro\n\n# Summary\n{text}\n")

    assert failed(checks) == ["section: Summary"]


@pytest.mark.parametrize(
    "text", ["text", "![](shot.png)", "<details>\n\ntext\n\n</details>", "`code`", "\u2705", "検査"]
)
def test_section_with_something_to_see_is_filled_in(text: str) -> None:
    assert failed(judge({"sections": ["Summary"], "min_items": 0}, f"# Summary\n{text}\n")) == []


def test_template_stays_the_template_s_with_invisible_characters_in_it() -> None:
    checks = judge(
        {"template": "t.md", "sections": ["Summary"], "min_items": 0, "placeholders": []},
        "# Summary\nDescribe\u200b your\u00ad change\n",
        base_files={"t.md": "# Summary\nDescribe your change\n"},
    )

    assert failed(checks) == ["description", "section: Summary"]


@pytest.mark.parametrize(
    "reason", ["\u3164", "&#8203;", "<!-- because -->", "![](x.png)", "<span hidden>no code</span>"]
)
def test_reason_that_nobody_sees_is_none(reason: str) -> None:
    assert failed(judge({}, f"- [ ] ~~Tests added~~ - {reason}")) == ["items"]


@pytest.mark.parametrize(
    "description",
    [
        "- [x] Tests added <!-- dg:sec -->",
        "- [x] Tests added, security reviewed <!-- dg:sec -->",
        "- [x] Tests added: security reviewed",
        "- [x] Tests added\n\n<div hidden>\n\n- [x] Security reviewed\n\n</div>",
        "- [x] Tests added\n- [\u0445] Security reviewed",
        "- [x] Tests added\n- [x] <!-- Security reviewed -->",
        "- [x] Tests added\n- [x] <!-- dg:sec -->",
    ],
    ids=[
        *("id of the other", "words and id", "words go on", "hidden element", "Cyrillic tick", "text in a comment"),
        "id alone",
    ],
)
def test_no_tick_answers_for_what_nobody_sees_ticked(description: str) -> None:
    settings = {"items": ["Tests added", {"text": "Security reviewed", "id": "sec"}], "unlisted": "note"}

    assert failed(judge(settings, description)) == ["required items"]


@pytest.mark.parametrize(
    "description",
    [
        "- [x] Tests added\n- [x] Security reviewed",
        "- [x] Tests added\n- [x] Security looked at <!-- dg:sec -->",
        "- [x] Tests\u200b added\n- [x] **Security** reviewed - by Ann",
        "- [x] Security reviewed <!-- dg:sec -->\n- [x] Tests added (test_shop.py)",
    ],
)
def test_each_demand_has_a_tick_of_its_own(description: str) -> None:
    settings = {"items": ["Tests added", {"text": "Security reviewed", "id": "sec"}]}

    assert failed(judge(settings, description)) == []


@pytest.mark.parametrize(
    "text",
    [
        *("[](https://shop.test/issues/12)", "[//]: # (Closes #12)", "<p hidden>Closes #12</p>", "<!-- #12 -->"),
        "[&shy;](https://shop.test/issues/12)",
    ],
)
def test_link_to_an_issue_that_nobody_sees_is_none(text: str) -> None:
    checks = judge({"linked_issue": True, "min_items": 0}, f"intro\n\n{text}\n")

    assert failed(checks) == ["linked issue"]


@pytest.mark.parametrize("title", ["fix: \u200b", "fix: \u3164", "\u200bfix: a", "fix\u00ad: a"])
def test_title_is_read_as_a_person_sees_it(title: str) -> None:
    checks = judge({"title": "conventional", "min_items": 0}, "text", change=describe("text", title=title))

    assert failed(checks) == ([] if title.endswith("a") else ["title"])


@pytest.mark.parametrize(
    ("settings", "check", "setting"),
    [
        ({"title": SLOW}, "title", "title"),
        ({"linked_issue": SLOW}, "linked issue", "linked_issue"),
        ({"placeholders": ["b", SLOW]}, "placeholders", "placeholders"),
    ],
)
def test_pattern_that_takes_too_long_is_an_error_of_its_check(
    settings: dict[str, object], check: str, setting: str
) -> None:
    checks = judge({**settings, "min_items": 0}, LONG, change=describe(LONG, title=LONG))

    assert failed(checks) == [check]
    assert (checks[check].verdict, checks[check].summary) == (
        Verdict.ERROR,
        f"{setting}: the pattern {SLOW!r} was not searched to its end in 1 s",
    )


def test_evidence_by_a_pattern_that_takes_too_long_is_an_error() -> None:
    settings = {"items": [{"text": "Tests added", "evidence": {"pattern": SLOW}}]}

    check = judge(settings, f"{LONG}\n\n- [x] Tests added")["required items"]

    assert (check.verdict, check.details) == (
        Verdict.ERROR,
        f'"Tests added": ticked, but the pattern {SLOW!r} was not searched to its end in 1 s',
    )
