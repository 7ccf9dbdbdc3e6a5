"""What nobody sees: characters, HTML, links, pictures. It proves nothing, and makes no difference."""

from __future__ import annotations

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.judging.checklist import identity, read_checklist
from deliverygate.judging.html import IMAGE, Visibility
from deliverygate.judging.markdown import parse
from deliverygate.judging.visibility import says, visible

INVISIBLE = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "hangul choseong filler": "\u115f",
    "braille blank": "\u2800",
    "variation selector": "\ufe0f",
    "further variation selector": "\U000e0100",
    "tag letter": "\U000e0041",
    "right-to-left override": "\u202e",
    "left-to-right isolate": "\u2066",
    "arabic letter mark": "\u061c",
    "combining grapheme joiner": "\u034f",
    "mongolian separator": "\u180e",
    "null": "\x00",
    "private use": "\ue000",
    "unassigned": "\u0378",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_character_that_nobody_sees_says_nothing(character: str) -> None:
    assert (visible(f"a{character}b"), says(f" {character}\n{character}")) == ("ab", False)
    assert identity(f"Tests{character} added") == "tests added"


@pytest.mark.parametrize("text", ["größe", "検査", "тест", "✅", "a\tb\nc", "é", "ا"])
def test_letters_and_signs_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<p>a</p>", "a"),
        ("<p hidden>a</p>b", "b"),
        ('<p HIDDEN="">a</p>b', "b"),
        ('<div style="display: none">a<div>b</div>c</div>d', "d"),
        ("<div style='color: red; visibility:hidden'>a</div>", ""),
        ('<span style="font-size:0px">a</span>', ""),
        ('<span style="opacity: 0.5">a</span>', "a"),
        ('<span style="width: 100%">a</span>', "a"),
        ('<div style="display:/**/none">a</div>', ""),
        ("<script>a</script><style>b</style><template>c</template>d", "d"),
        ("<!-- a --><!-- b", ""),
        ("<!doctype a><?b c?>d", "d"),
        ('<p title="hidden>">a</p>', "a"),
        ('<p title="x > y">a</p>', "a"),
        ("&#8203;&shy;&nbsp;", ""),
        ("a &lt;b&gt;", "a <b>"),
        ('<img src="a.png" alt="x">', IMAGE),
        ("<img>", ""),
        ('<img src="a.png" width="1" height="1">', ""),
        ('<img src="a.png" style="display:none">', ""),
        ("<br><hr><input hidden>a", "a"),
        ("<p hidden>a", ""),
        ("<a href=x", ""),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<details><summary>a</summary>b</details>", "a b"),
    ],
)
def test_html_is_read_as_a_person_sees_it(html: str, seen: str) -> None:
    assert " ".join(visible(Visibility().read(html)).split()) == seen


@pytest.mark.parametrize("piece", ["<a \"'", "<!--", '<a b="', "<a ='\"", "<", "&", "<div hidden>", "<category"])
def test_hostile_html_is_read_in_no_time(piece: str) -> None:
    began = monotonic()

    Visibility().read(piece * (500_000 // len(piece)))

    assert monotonic() - began < 5


@pytest.mark.parametrize(
    "markdown",
    [
        "[](https://shop.test/issues/12)",
        "[&#8203;](https://shop.test/issues/12)",
        "[//]: # (Closes #12)",
        "<!-- Closes #12 -->",
        "<p hidden>Closes #12</p>",
        "<div hidden>\n\nCloses #12\n\n</div>",
        "<span hidden>Closes #12</span>",
        "<span style='display:none'>[Closes #12](https://shop.test/issues/12)</span>",
        "![]()",
        "&shy;&#x200b;",
    ],
)
def test_hidden_markdown_has_neither_text_nor_links(markdown: str) -> None:
    blocks = parse(markdown).blocks

    assert [(block.text, block.links) for block in blocks if block.text or block.links] == []


@pytest.mark.parametrize(
    ("markdown", "items"),
    [
        ("- [x] Tests", [("Tests", True)]),
        ("- [x] \u200b", [("", False)]),
        ("- [x] &#8203;", [("", False)]),
        ("- [x] <!-- Tests -->", [("", False)]),
        ("<div hidden>\n\n- [x] Tests\n\n</div>\n\n- [x] Docs", [("Tests", False), ("Docs", True)]),
        ("- [\u0445] Tests", []),
        ("- [\u2713] Tests", []),
        ("- [x\u200b] Tests", []),
        ("- [x\ufe0f] Tests", []),
        ("- [\u2611] Tests", []),
        ('<input type="checkbox" checked> Tests', []),
        ("<details>\n\n- [x] Tests\n\n</details>", [("Tests", True)]),
    ],
    ids=[
        *("plain", "invisible", "entity", "comment", "hidden element", "Cyrillic letter", "check mark"),
        *("zero-width space in the box", "variation selector in the box", "ballot box", "HTML", "details"),
    ],
)
def test_only_a_tick_that_is_seen_ticks(markdown: str, items: list[tuple[str, bool]]) -> None:
    assert [(item.text, item.done) for item in read_checklist(markdown).items] == items


@given(st.text(alphabet=st.sampled_from("<>\"'= a/!-&;#x[]()~*_`\n\u200bhidden")))
def test_no_text_breaks_the_reading(text: str) -> None:
    parse(text)
    Visibility().read(text)
