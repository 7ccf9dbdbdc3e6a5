"""Which lines of a text are items of a task list, and which item each is."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverygate.errors import ReportError
from deliverygate.judging.checklist import read_checklist, read_items

SAMPLES = Path(__file__).parents[1] / "samples" / "checklists"


def boxes(markdown: str) -> list[tuple[str, bool]]:
    return [(item.text, item.checked) for item in read_items(markdown)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("- [ ] a\n- [x] b\n- [X] c", [("a", False), ("b", True), ("c", True)]),
        ("* [ ] a\n\n+ [x] b", [("a", False), ("b", True)]),
        ("1. [ ] a\n2. [x] b", [("a", False), ("b", True)]),
        ("1) [ ] a\n2) [x] b", [("a", False), ("b", True)]),
        ("- [ ]\ta", [("a", False)]),
        ("- [ ]\n  a", [("a", False)]),
        ("-\t[\u00a0] a", [("a", False)]),
        ("> - [x] a\n>   - [ ] b", [("a", True), ("b", False)]),
        ("- a\n  - [ ] b\n    1. [x] c", [("b", False), ("c", True)]),
        ("- [ ] a <!-- b --> *c* [d](https://e) `f`", [("a c d f", False)]),
        ("- [x] a\n\n[x]: https://shop.test", [("a", True)]),
        ("- [x] see [guide]\n\n[guide]: https://shop.test", [("see guide", True)]),
        ("- [ ] a\n  b\n  c", [("a b c", False)]),
        ("- [ ] <!-- describe -->", [("", False)]),
        ("<details>\n\n- [ ] a\n\n</details>", [("a", False)]),
        ("- [ ] a\r\n- [x] b\r\n", [("a", False), ("b", True)]),
        ("- [ ] a\0b", [("a\ufffdb", False)]),
    ],
    ids=[
        "dashes", "stars and pluses", "numbers with dots", "numbers with brackets", "tab behind", "text below",
        "no-break space in the box", "quote", "nested", "markup", "box is also a link name", "reference link",
        "several lines", "comment only", "in details", "carriage returns", "null character",
    ],
)  # fmt: skip
def test_boxes_of_task_lists_are_items(markdown, expected):
    assert boxes(markdown) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "- [] a", "- [@] a", "- [x]a", "- a [x] b", "[x] a", "- \\[x] a", "- `[x] a`", "- [x](https://e) a",
        "- [x][e] a", "```\n- [ ] a\n```", "~~~\n- [ ] a\n~~~", "      - [ ] a", "- b\n\n  ```\n  - [ ] a\n  ```", "`- [ ] a`",
        "<!-- - [ ] a -->", "<!--\n- [ ] a\n-->", "a <!--\n[ ] b --> c", "| a |\n|---|\n| - [ ] b |\n| [ ] c |",
        "# [ ] a", "- # [ ] a", "- [ ]", "- [ ]\n\n  a", "<details><summary>a</summary>\n- [ ] b\n</details>", "",
    ],
)  # fmt: skip
def test_other_brackets_are_no_items(markdown):
    assert read_items(markdown) == ()


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("- [?] a", "[?]"),
        ("- [y] a", "[y]"),
        ("- [] a", "[]"),
        ("- [x]a", "[x]"),
        ("- [✓] a", "[✓]"),
        ("- [ x ] a", "[ x ]"),
    ],
)
def test_what_was_probably_meant_as_a_box_is_told(line, seen):
    notes = read_checklist(f"Hello\n\n{line}").notes

    assert notes == (
        f"Line 3 begins with {seen}, which is no box of a task list: write [ ] or [x], a space, and the text.",
    )


@pytest.mark.parametrize("line", ["- [1] a source", "- [x](https://e)", "- [WIP] a", "- [guide] says so", "- [x] fine"])
def test_ordinary_brackets_are_not_told(line):
    assert read_checklist(line).notes == ()


def test_a_comment_that_is_never_closed_is_told():
    checklist = read_checklist("<!-- hello\n\n- [ ] a")

    assert checklist.items == ()
    assert checklist.notes == ("The comment that begins in line 1 is never closed and hides all below it.",)


def test_an_item_knows_its_place():
    nested = read_items(
        "# Work\n\n## *Tests* done\n\n- [x] a\n  - plain\n    - [ ] b\n\n> # Quoted\n> - [ ] c\n\n- [ ] d\n"
    )

    assert [(item.text, item.sections, item.section, item.line, item.depth, item.parent) for item in nested] == [
        ("a", ("Work", "Tests done"), "Tests done", 5, 0, None),
        ("b", ("Work", "Tests done"), "Tests done", 7, 2, 0),
        ("c", ("Quoted",), "Quoted", 10, 0, None),
        ("d", ("Work", "Tests done"), "Tests done", 12, 0, None),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "I added **tests**.",
        "i  added\n  tests",
        "I added [tests](https://shop.test)",
        "I added `tests`",
        "I ADDED tests:",
    ],
)
def test_markup_case_and_blanks_do_not_make_another_item(written):
    assert [item.key for item in read_items(f"- [ ] {written}")] == ["i added tests"]


def test_an_item_may_name_itself():
    assert [item.key for item in read_items("- [ ] Closes #12 <!-- dg:issue-1 -->")] == ["dg:issue-1"]


@pytest.mark.parametrize(
    ("markdown", "mark", "key", "reason"),
    [
        ("- [~] Docs", "[~]", "docs", None),
        ("- [~] Docs - internal only", "[~]", "docs - internal only", "internal only"),
        ("- [~] Docs (internal only)", "[~]", "docs (internal only)", "internal only"),
        ("- [~] Docs\n  - internal only", "[~]", "docs", "internal only"),
        ("- [~] Docs\n\n  internal only", "[~]", "docs", "internal only"),
        ("- [~] Docs\n  - [ ] child", "[~]", "docs", None),
        ("- [ ] ~~Docs~~", "struck out", "docs", None),
        ("- [ ] ~~Docs~~ - internal only", "struck out", "docs", "internal only"),
        ("- [ ] ~Docs~ internal only", "struck out", "docs", "internal only"),
        ("- ~~[ ] Docs~~ internal only", "struck out", "docs", "internal only"),
        ("- [x] ~~Docs~~ N/A: internal only", "struck out", "docs", "internal only"),
        ("- [ ] ~~Docs~~ - TODO", "struck out", "docs", None),
        ("- [ ] N/A: Docs (internal only)", "N/A", "docs (internal only)", "internal only"),
        ("- [ ] (N/A) Docs", "N/A", "docs", None),
        ("- [ ] Docs - N/A, internal only", "N/A", "docs - n/a, internal only", "internal only"),
        ("- [ ] Docs (not applicable: internal only)", "N/A", "docs (not applicable: internal only)", "internal only"),
        ("- [ ] Docs N/A", "N/A", "docs n/a", None),
    ],
)
def test_what_is_not_applicable_is_seen_with_its_reason(markdown, mark, key, reason):
    item = read_items(markdown)[0]

    assert (item.inapplicable, item.mark, item.key, item.reason) == (True, mark, key, reason)


@pytest.mark.parametrize(
    "markdown",
    [
        "- [ ] N/A", "- [ ] Docs or N/A", "- [ ] Docs (N/A if no code changed)", "- [x] Reader: N/A is kept",
        "- [ ] national NATO", "- [ ] Replace ~~unit~~ tests", "- [ ] about ~5 minutes or ~6",
    ],
)  # fmt: skip
def test_words_that_only_look_like_it_leave_an_item_applicable(markdown):
    assert [item.inapplicable for item in read_items(markdown)] == [False]


def test_a_child_of_an_inapplicable_item_stands_for_itself():
    assert [item.open for item in read_items("- [~] a\n  - [ ] b")] == [False, True]


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("Optional. My company", "optional"),
        ("(optional) b", "optional"),
        ("POST-MERGE: c", "post-merge"),
        ("Optional chaining", ""),
    ],
)
def test_items_that_may_wait_say_so_with_their_first_word(text, delay):
    assert [item.delay for item in read_items(f"- [ ] {text}")] == [delay]


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("attrs", 12, (18, "Pull Request Checklist", 0), (34, "Pull Request Checklist", 0)),
        ("gatewayapi-plugin", 14, (13, "Checklist:", 0), (26, "Checklist:", 0)),
        ("keptn", 21, (20, "How to test", 0), (64, "Checks", 0)),
        ("trivy", 8, (7, "Related PRs", 0), (18, "Checklist", 0)),
    ],
)
def test_real_templates_are_read_to_the_last_box(name, count, first, last):
    items = read_items((SAMPLES / f"{name}.md").read_text(encoding="utf-8"))

    assert len(items) == count
    assert [(item.line, item.section, item.depth) for item in (items[0], items[-1])] == [first, last]
    assert all(item.open for item in items)


@pytest.mark.parametrize(
    "markdown",
    ["> " * 100_000 + "- [ ] a", "\n".join("  " * depth + "- [ ] a" for depth in range(60)), "- " * 1_000 + "[ ] a",
     "- [ ] a\n" * 50_001, "a" * 1_048_577],
    ids=["quotes", "lists", "lists in one line", "items", "length"],
)  # fmt: skip
def test_what_is_too_deep_or_too_long_is_refused_and_not_cut(markdown):
    with pytest.raises(ReportError):
        read_items(markdown)


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "*a " * 100_000, "~~a" * 100_000, "`" * 1_000_000, "(!)" * 100_000 + "x",
     " NA -" * 100_000, "<!--" * 100_000],
    ids=["letters", "stars", "tildes", "ticks", "brackets", "words", "comments"],
)  # fmt: skip
@pytest.mark.timeout(30)
def test_a_huge_item_is_still_one_item(text):
    assert [item.checked for item in read_items(f"- [x] {text}")] == [True]
