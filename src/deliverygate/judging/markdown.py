"""Markdown to blocks of visible text, in which boxes of task lists are told apart from all other brackets.

CommonMark with the tables, the strikethrough and the task lists of GitHub Flavored Markdown, and GitLab's ``[~]``:
https://github.github.com/gfm/#task-list-items-extension- and https://docs.gitlab.com/user/markdown/#task-lists
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import msgspec

from deliverygate.errors import ReportError
from deliverygate.judging.html import IMAGE, Visibility, comments
from deliverygate.judging.visibility import says, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LENGTH_LIMIT = 1_048_576  #: characters; GitLab takes no longer description, GitHub takes 65,536
BRACKET_LIMIT = 50_000  #: opening square brackets: each may begin a link, so that a megabyte of them takes a minute
NESTING_LIMIT = 100

# An item's first paragraph, as it is written: the box may be struck out together with its text. Any other single
# character in the box, and a box without a space behind it, is no box, but probably meant to be one.
_BOX = re.compile(r"(?P<strike>~~?(?=\[))?\[(?P<mark>[xX~]|\s)\](?=\s)\s*(?=\S)")
_SIGN = r"[^\s\w\[\]]"
_NEARLY = re.compile(
    rf"\[\s*(?:{_SIGN}{{0,4}}|[^\W\d_]{_SIGN}{{0,2}}|{_SIGN}{{1,2}}[^\W\d_])\s*\](?![(\[:])|\[[xX ]\](?![(\[:])"
)
_SINGLE_TILDES = re.compile(r"\A~(?=[^\s~])(.*?[^\s~])~(?!~)", re.DOTALL)
_BLANKS = re.compile(r"\s+")


Kind: TypeAlias = Literal["heading", "text", "code", "html"]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, a paragraph, a table cell, a piece of code or of HTML."""

    kind: Kind
    line: int  #: the first line, counted from 1
    text: str  #: as a person reads it: no markup, nothing that is not seen; line breaks are kept
    prose: str = ""  #: the same without code
    links: tuple[str, ...] = ()  #: where its links go, of those that a person sees
    comments: tuple[str, ...] = ()  #: what stands in its HTML comments
    level: int = 0  #: of a heading, 1 to 6
    headings: tuple[int, ...] = ()  #: the headings it stands under, outermost first, as indexes into the blocks
    around: tuple[int, ...] = ()  #: the list items it stands in, outermost first, each by a number of its own
    box: str | None = None  #: "x", "X", "~" or a blank, when it is the first paragraph of an item of a task list
    struck: str = ""  #: what of ``text`` is struck out from its beginning on


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text, taken apart."""

    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()  #: what was probably meant otherwise, in whole sentences


def parse(markdown: str) -> Document:
    """Take a text apart. Raises ReportError for one that is too long or too deep to be read as its writer sees it."""
    _refuse_excess(markdown)
    references: dict[str, Any] = {}
    tokens = _parser().parse(markdown, references)
    if any(token.level >= NESTING_LIMIT - 1 for token in tokens):
        # Beyond its limit the parser drops text without a word; an unticked box could hide there.
        raise ReportError(f"is nested deeper than {NESTING_LIMIT} levels", mend="write it flatter")
    walk = _Walk(references)
    blocks = tuple(walk.blocks(tokens))
    return Document(blocks=blocks, notes=tuple(walk.notes))


def plain(markdown: str) -> str:
    """One paragraph as a person reads it, on one line."""
    return fold(_read(markdown, {}).text)


def fold(text: str) -> str:
    """The text with each run of blanks and line breaks made one blank."""
    return _BLANKS.sub(" ", text).strip()


def _refuse_excess(markdown: str) -> None:
    if len(markdown) > LENGTH_LIMIT:
        raise ReportError(f"is longer than {LENGTH_LIMIT:,} characters", mend="shorten it")
    if markdown.count("[") > BRACKET_LIMIT:
        raise ReportError(f"holds more than {BRACKET_LIMIT:,} brackets", mend="shorten it")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Inline markup is read block by block, after the box was cut off: "[x]" may also be the name of a link.
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING_LIMIT}).enable(["table", "strikethrough"])
    parser.core.ruler.disable(["inline", "text_join"])
    return parser


class _Walk:
    """The way through the tokens, with the headings and the list items that it stands in."""

    def __init__(self, references: dict[str, Any]) -> None:
        self.notes: list[str] = []
        self._references = references  # where [this] leads, as the parser wrote it down
        self._count = 0
        self._items = 0
        self._headings: list[tuple[tuple[int, int], ...]] = [()]  # of each quote and item around: (level, index)
        self._around: list[int] = []
        self._html = Visibility()

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for index, token in enumerate(tokens):
            self._enter_or_leave(token.type)
            block = self._block(tokens, index)
            if block is None:
                continue
            if block.kind == "heading":
                above = tuple(pair for pair in self._headings[-1] if pair[0] < block.level)
                self._headings[-1] = (*above, (block.level, self._count))
            yield block
            self._count += 1

    def _enter_or_leave(self, kind: str) -> None:
        """A heading inside a quote or an item reigns to the end of it."""
        if kind == "list_item_open":
            self._items += 1
            self._around.append(self._items)
        elif kind == "list_item_close":
            self._around.pop()
        if kind in {"list_item_open", "blockquote_open"}:
            self._headings.append(self._headings[-1])
        elif kind in {"list_item_close", "blockquote_close"}:
            self._headings.pop()

    def _block(self, tokens: Sequence[Token], index: int) -> Block | None:
        token = tokens[index]
        if token.type in {"fence", "code_block"}:
            return self._make("code", token, _Text(text=token.content))
        if token.type == "html_block":
            return self._html_block(token)
        if token.type != "inline":
            return None
        opening = tokens[index - 1]
        if opening.type == "heading_open":
            return self._make("heading", token, self._read(token.content), level=int(opening.tag[1:]))
        if opening.type == "paragraph_open" and tokens[index - 2].type == "list_item_open":
            return self._item(token)
        return self._make("text", token, self._read(token.content))

    def _html_block(self, token: Token) -> Block:
        self._notice_open_comment(token)
        hidden = self._html.hides
        seen = self._html.read(token.content)
        if self._html.hides and not hidden:
            self.notes.append(f"Line {_line(token)} hides what stands behind it: ticks there do not count.")
        return self._make("html", token, _Text(seen, prose=seen, comments=comments(token.content)), is_seen=True)

    def _item(self, token: Token) -> Block:
        content = token.content
        box = _BOX.match(content)
        if box:
            rest = (box["strike"] or "") + content[box.end() :]
            return self._make("text", token, self._read(_SINGLE_TILDES.sub(r"~~\1~~", rest)), box=box["mark"])
        self._notice_near_miss(token)
        return self._make("text", token, self._read(content))

    def _read(self, content: str) -> _Text:
        return _read(content, self._references)

    def _make(
        self,
        kind: Kind,
        token: Token,
        said: _Text,
        *,
        level: int = 0,
        box: str | None = None,
        is_seen: bool = False,
    ) -> Block:
        if self._html.hides and not is_seen:
            # A box that nobody sees is ticked by nobody; that it is there may still be demanded.
            box, said = (None, _Text("")) if box is None else (" ", said._replace(struck="", links=()))
        return Block(
            kind=kind,
            line=_line(token),
            text=visible(said.text).strip(),
            prose=visible(said.prose).strip(),
            links=said.links,
            comments=said.comments,
            level=level,
            headings=tuple(at for _, at in self._headings[-1]),
            around=tuple(self._around),
            box=box,
            struck=visible(said.struck).strip(),
        )

    def _notice_near_miss(self, token: Token) -> None:
        nearly = _NEARLY.match(token.content)
        if nearly:
            self.notes.append(
                f"Line {_line(token)} begins with {nearly[0]}, which is no box of a task list: "
                "write [ ] or [x], a space, and the text."
            )

    def _notice_open_comment(self, token: Token) -> None:
        if token.content.lstrip().startswith("<!--") and "-->" not in token.content:
            self.notes.append(f"The comment that begins in line {_line(token)} is never closed and hides all below it.")


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


class _Text(NamedTuple):
    """What the inline markup of one block adds up to; the fields are those of Block."""

    text: str
    prose: str = ""
    struck: str = ""
    links: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def _read(content: str, references: dict[str, Any]) -> _Text:
    tokens: list[Token] = []
    parser = _parser()
    parser.inline.parse(content, parser, references, tokens)
    text: list[str] = []
    prose: list[str] = []
    struck: list[str] = []
    links: list[str] = []
    said: list[str] = []
    strikes, leading, html = 0, True, Visibility()
    target, opened = "", 0
    for token in tokens:
        strikes += {"s_open": 1, "s_close": -1}.get(token.type, 0)
        seen = _seen(token, html)
        leading = leading and (strikes > 0 or not says(seen))
        text.append(seen)
        prose.append("``" if token.type == "code_inline" and not html.hides else seen)
        struck.append(seen if leading else "")
        if token.type == "link_open":
            target, opened = str(token.attrs.get("href", "")), len(text)
        elif token.type == "link_close" and says("".join(text[opened:])):
            links.append(target)
        elif token.type == "image" and seen:
            links.append(str(token.attrs.get("src", "")))
        elif token.type == "html_inline":
            said.extend(comments(token.content))
    return _Text("".join(text), "".join(prose), "".join(struck), tuple(links), tuple(said))


def _seen(token: Token, html: Visibility) -> str:
    if token.type == "html_inline":
        return IMAGE if IMAGE in html.read(token.content) else ""
    if html.hides:
        return ""
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    if token.type == "image":
        return token.content or (IMAGE if token.attrs.get("src") else "")
    return token.content
