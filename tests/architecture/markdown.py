"""Our own pages, read for what they promise: headings, links, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.architecture.source import ROOT

ANCHOR = re.compile(r'<a (?:id|name)="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path
    tokens: tuple[Token, ...]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def headings(self) -> tuple[str, ...]:
        """The texts of the headings, in order."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return tuple(_text(inline) for opened, inline in pairs if opened.type == "heading_open")

    @property
    def anchors(self) -> frozenset[str]:
        """What a link may name after ``#``: the headings as GitHub and GitLab name them, and anchors in HTML."""
        html = "".join(token.content for token in self.inner() if token.type.startswith("html"))
        html += "".join(token.content for token in self.tokens if token.type == "html_block")
        found: list[str] = ANCHOR.findall(html)
        for heading in self.headings:
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            repeats = sum(1 for other in found if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other))
            found.append(f"{slug}-{repeats}" if repeats else slug)
        return frozenset(found)

    @property
    def links(self) -> tuple[str, ...]:
        """The targets of links and pictures."""
        targets = (token.attrGet("href") or token.attrGet("src") for token in self.inner())
        return tuple(str(target) for target in targets if target)

    @property
    def code(self) -> frozenset[str]:
        """Every word that stands in a code span."""
        spans = (token.content for token in self.inner() if token.type == "code_inline")
        return frozenset(word for span in spans for word in re.findall(r"[\w$-]+", span))

    def blocks(self, language: str) -> tuple[str, ...]:
        """The fenced blocks of a language."""
        fences = (token for token in self.tokens if token.type == "fence")
        return tuple(token.content for token in fences if token.info.split()[:1] == [language])

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows of all tables but their headings, as plain text."""
        found: list[list[str]] = []
        in_body = False
        for token in self.tokens:
            if token.type in ("tbody_open", "tbody_close"):
                in_body = token.type == "tbody_open"
            elif token.type == "tr_open" and in_body:
                found.append([])
            elif token.type == "inline" and in_body:
                found[-1].append(_text(token))
        return tuple(tuple(row) for row in found)

    def inner(self) -> Iterator[Token]:
        for token in self.tokens:
            yield from token.children or ()


def _text(inline: Token) -> str:
    return "".join(token.content for token in inline.children or () if token.type in ("text", "code_inline"))


@cache
def page(name: str) -> Page:
    """A page by its path in the repository."""
    path = ROOT / name
    return Page(path, tuple(MarkdownIt("commonmark").enable("table").parse(path.read_text())))


def pages() -> tuple[Page, ...]:
    """Every page that we wrote for people."""
    roots = sorted(path.name for path in ROOT.glob("*.md"))
    below = [
        path.relative_to(ROOT).as_posix()
        for folder in ("docs", "gates", "examples", "ci-templates")
        for path in sorted((ROOT / folder).rglob("*.md"))
    ]
    return tuple(page(name) for name in (*roots, *below))
