"""Whatever the text, it is read or refused, and what is read holds together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverygate.errors import ReportError
from deliverygate.judging.checklist import as_answer, read_items

PIECES = st.sampled_from(
    ["- ", "* ", "1. ", "> ", "  ", "    ", "\n", "\n\n", "[ ] ", "[x] ", "[~] ", "[y] ", "a", "N/A", ": ", " - ", "(", ")", "~~",
     "~", "**", "`", "```\n", "<!-- ", " -->", "<!-- dg:a -->", "# ", "---\n", "| ", "|---|\n", "[a](b)", "[a]: b\n", "<br>", "\t",
     "\0", "\ud800", "\u200b", "ß", "ﬁ", "İ", "optional: ", "because "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        items = read_items(text)
    except ReportError:
        return

    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for index, item in enumerate(items):
        assert 1 <= item.line <= lines
        assert item.parent is None or item.parent < index
        assert item.done + item.open + item.inapplicable == 1
        assert bool(item.mark) == item.inapplicable
        assert item.reason is None or item.inapplicable
        for words in ("a", item.words, item.words[:3]):
            assert as_answer(item, words).text == item.text
