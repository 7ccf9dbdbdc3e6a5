"""A Markdown page in which a stranger's text is shown and does nothing."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from deliverygate.model import CheckResult, Finding, Report, Severity, Verdict
from deliverygate.renderers.markdown import block, cell, code, page, render
from tests.renderers.sample_report import ALLOWED, HOSTILE, REPORT, many, with_checks, with_findings

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
ATTACKS = {
    "HTML": "<img src=x onerror=alert(1)>",
    "a link": "[x](https://evil.example)",
    "an image": "![x](https://evil.example/i.png)",
    "a bare address": "https://evil.example www.evil.example",
    "a mention": "@admin @all",
    "a reference": "#1 !2 $3 ~label %milestone &4 GH-5",
    "a bar": "a | b \\| c \\\\| d",
    "a command": "/merge",
    "a command on its own line": "x\n\n/merge\n/close",
    "a fence": "```\n/merge\n```",
    "other fences": "~~~\n````````\n/merge",
    "ticks": "`` ` ``` `a",
    "only ticks": "```",
    "a comment": "<!-- deliverygate:1 -->",
    "the end of a comment": "--> <details>",
    "a heading": "x\n# heading\n===",
    "everything": HOSTILE,
}


def leaves(markdown: str) -> list[Token]:
    """All tokens without children, which is where text and markup end up."""
    return [leaf for token in PARSER.parse(markdown) for leaf in (token.children or [token])]


def outside(markdown: str) -> str:
    """The text that is not in code, which is where servers make links, mentions and commands."""
    return " ".join(leaf.content for leaf in leaves(markdown) if leaf.type == "text")


def hostile_report(text: str) -> Report:
    finding = Finding(rule=text, message=text, severity=Severity.HIGH, tool=text, package=text, fixed_in=text)
    return with_checks(
        CheckResult(name=text, verdict=Verdict.FAILED, summary=text, findings=(finding,), details=text, mend=text),
        stage=text,
    )


@pytest.mark.parametrize("text", ATTACKS.values(), ids=list(ATTACKS))
def test_a_strangers_text_does_nothing_anywhere_on_the_page(text: str) -> None:
    harmless = page(hostile_report("harmless"))

    shown = page(hostile_report(text))

    assert [leaf.type for leaf in leaves(shown) if leaf.type != "softbreak"] == [
        leaf.type for leaf in leaves(harmless) if leaf.type != "softbreak"
    ]
    assert outside(shown) == outside(harmless)
    assert "<!--" not in shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("/")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("", ""), ("a\nb", "`a b`")],
    ids=["plain", "a tick", "ticks at the ends", "nothing", "lines"],
)
def test_a_code_span_holds_any_text(text: str, wanted: str) -> None:
    assert code(text) == wanted


def test_a_bar_does_not_end_a_cell() -> None:
    assert cell("a|b\\|c") == "`a¦b\\¦c`"


def test_no_line_of_a_block_ends_it() -> None:
    assert block(["a", "```", ""]) == "```text\n| a\n| ```\n|\n```\n"


def test_the_verdict_stands_first() -> None:
    first_lines = [page(report).splitlines()[:3] for report in (REPORT, ALLOWED)]

    assert first_lines == [
        [
            "# deliverygate: `pre-merge` blocked",
            "",
            "**Blocked**: a rule of the policy is broken: `static-analysis`; also blocking: `health`, `canary`, `smoke`",
        ],
        ["# deliverygate: `build` allowed", "", "**Allowed**: every gate that blocks has passed"],
    ]


def test_a_page_that_is_too_long_is_cut_between_sections_and_says_so() -> None:
    checks = tuple(
        CheckResult(name=f"check {index}", verdict=Verdict.FAILED, summary="x" * 900, details="é" * 4_000)
        for index in range(300)
    )

    data = render(with_checks(*checks))
    sections = data.decode().split("\n## ")

    assert 850_000 < len(data) <= 900_000
    assert sections[-1].endswith(
        f"*{301 - len(sections)} further sections are left out here; `report.json` holds the whole.*\n"
    )


def test_a_note_can_ask_for_a_shorter_page() -> None:
    text = page(REPORT, max_bytes=2_000)

    assert len(text.encode()) <= 2_000
    assert text.splitlines()[-1] == "*7 further sections are left out here; `report.json` holds the whole.*"


def test_only_the_first_findings_are_listed_and_the_rest_is_counted() -> None:
    text = page(with_findings(*many(1000)))

    assert text.count("- **critical** `rule-") == 50
    assert "- 950 more in report.json\n" in text
