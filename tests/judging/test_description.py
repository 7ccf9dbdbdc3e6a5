"""What stands in a description beside its items."""

from __future__ import annotations

import re

import pytest

from deliverygate.errors import ReportError
from deliverygate.judging.checklist import read_checklist
from deliverygate.judging.description import (
    ISSUE,
    PLACEHOLDERS,
    find_issue,
    find_placeholders,
    own_lines,
    refuse_cut,
    says_something,
    sections,
    template_lines,
)

PATTERNS = [re.compile(pattern, re.MULTILINE) for pattern in PLACEHOLDERS]


def named_issue(markdown: str) -> str | None:
    lines = own_lines(read_checklist(markdown).document, frozenset(), code=False)
    return find_issue((text for line in lines for text in (line.text, *line.links)), re.compile(ISSUE, re.MULTILINE))


@pytest.mark.parametrize(
    ("markdown", "issue"),
    [
        ("Closes #12", "#12"), ("Fixes: #12", "#12"), ("(#12)", "#12"), ("group/project#12", "group/project#12"),
        ("a/b/c!34", "a/b/c!34"), ("See !34.", "!34"), ("GH-12", "GH-12"), ("SHOP-12: basket", "SHOP-12"),
        ("Fixes [SHOP-12](https://jira.test/browse/SHOP-12)", "SHOP-12"), ("# Fixes #12", "#12"), ("| #12 |\n|---|", "#12"),
        ("https://git.test/g/p/-/issues/12", "https://git.test/g/p/-/issues/12"),
        ("https://git.test/o/r/pull/12#top", "https://git.test/o/r/pull/12"),
        ("[the issue](https://git.test/o/r/issues/12)", "https://git.test/o/r/issues/12"),
        ("<https://jira.test/browse/SHOP-12>", "https://jira.test/browse/SHOP-12"),
        ("https://linear.test/shop/issue/ABC-1/title", "https://linear.test/shop/issue/ABC-1"),
    ],
)  # fmt: skip
def test_issues_are_found_in_their_usual_forms(markdown, issue):
    assert named_issue(markdown) == issue


@pytest.mark.parametrize(
    "markdown",
    [
        "Fixes # (issue)", "Close #XXX", "`#12`", "<!-- #12 -->", "```\nCloses #12\n```", "    Closes #12", "#0", "C#12",
        "&#12;", "UTF-8, SHA-256 and ISO-8601", "CVE-2024-5535", "https://e.test/page#12", "https://e.test/v/12", "a#b",
        "12", "colour #12ab34", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_issue_is_none(markdown):
    assert named_issue(markdown) is None


@pytest.mark.parametrize(
    "line",
    [
        "TODO", "- tbd", "TODO: say why", "...", "…", "Fixes # (issue)", "Closes #", "Fixes:", "Close #XXX", "- #YYY",
        "SHOP-XXX", "Describe your change here", "Please include a short summary of the changes and the related issue.",
        "_Explain what this PR does_", "Lorem ipsum dolor", "**Insert screenshot here**", "Write here", "WIP",
    ],
)  # fmt: skip
def test_placeholders_are_seen(line):
    expected = 0 if line == "Fixes:" else 1  # a word and a colon may introduce a list

    assert len(find_placeholders(read_checklist(f"Hello\n\n{line}").document, PATTERNS)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Remove the TODO in basket.py", "`TODO`", "```\nTODO\n```", "<!-- TODO -->", "Describe what a basket is for",
        "Add a summary of the basket", "Fixes #12", "C# is great", "Here it is", "# TODO list for shoppers", "XL-XL",
    ],
)  # fmt: skip
def test_ordinary_text_is_no_placeholder(line):
    assert find_placeholders(read_checklist(line).document, PATTERNS) == ()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("# A\nwords", True), ("# A\n## B\nwords", True), ("# A\n```\ncode\n```", True), ("# A\n![](x.png)", True),
        ('# A\n<img src="x.png">', True), ("# A\n- [x] tick", True), ("# A\n- [~] tick", True), ("# A\n- [ ] mine", True),
        ("# A\n| a |\n|---|\n| b |", True), ("# A\nthe template says\nand I say", True),
        ("# A", False), ("# A\n<!-- words -->", False), ("# A\n# B\nwords", False), ("# A\n\nThe template\nsays.", False),
        ("# A\n- [ ] tick", False), ("# A\n<!-- words\n\n- [x] tick", False), ("# A\n...", False), ("# A\n<br>", False),
    ],
)  # fmt: skip
def test_a_section_is_filled_in_by_words_of_its_authors_own(text, filled):
    template = read_checklist("the template\n\nsays\n\n- [ ] tick\n\nthe template says").document

    section = sections(read_checklist(text).document)[0]

    assert says_something(section, template_lines([template])) is filled


@pytest.mark.timeout(20)
def test_many_headings_are_read_in_time():
    assert len(sections(read_checklist("# a\n" * 100_000).document)) == 100_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["!" * 500_000, "# " + " " * 500_000 + "x", "http://" * 100_000, "a/" * 300_000, "#" * 500_000]
)
def test_hostile_lines_are_searched_in_time(text):
    assert named_issue(text) is None
    assert find_placeholders(read_checklist(text).document, PATTERNS) == ()


@pytest.mark.parametrize(
    ("description", "flag", "refused"),
    [
        ("- [x] a\n", "true", True),
        ("- [x] a\n- [x] b", "true", False),
        ("- [x] a", "false", False),
        ("- [x] a", "", False),
    ],
)
def test_what_gitlab_has_cut_is_refused(description, flag, refused):
    environ = {"CI_MERGE_REQUEST_DESCRIPTION": "- [x] a", "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": flag}

    try:
        refuse_cut(description, environ, where="d.md")
        said = None
    except ReportError as error:
        said = str(error)

    cure = "fetch the whole description from GitLab's API and give that"
    cut = f"d.md: is cut: $CI_MERGE_REQUEST_DESCRIPTION holds only the first 2,700 characters; {cure}"
    assert said == (cut if refused else None)
