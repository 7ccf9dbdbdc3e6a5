"""Markdown to the items of its task lists: what each demands, whether it is done, and which item it is.

An item has an identity, so that a description can be compared with its template: the text that a person reads, or
``<!-- dg:ID -->`` anywhere in it. Not applicable is an item with GitLab's ``[~]``, one whose text is struck out from
its beginning, and an open box with the words ``N/A`` before or behind the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from deliverygate.judging.markdown import Block, Document, fold, parse, plain
from deliverygate.judging.visibility import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

Mark: TypeAlias = Literal["", "[~]", "struck out", "N/A"]
Delay: TypeAlias = Literal["", "optional", "post-merge"]

_ID = re.compile(r"^\s*dg:\s*([\w./-]+)\s*$")
_NA = r"(?:(?i:n/a|n\.a\.|not applicable)|NA)(?!\w)"
_NA_BEFORE = re.compile(rf"[(\[]?{_NA}\s*[\]):.,;–—-]+\s*(?=\w)")
# "(N/A if no code changed)" is how a template puts a question, not how an author answers it.
_NA_BEHIND = re.compile(
    rf"(?:\s[-–—]+\s*|[:;,(\[]\s*|(?<!\bor)\s(?={_NA}\W*$)){_NA}(?!\s+(?:if|when|unless|where|for|otherwise)\b)(?P<reason>.*)$"
)
_DELAY = re.compile(r"\(?(?P<word>optional|post[- ]merge)(?:\)|\s*[:.,–—]|\s-)", re.IGNORECASE)
_SET_OFF = re.compile(
    r"\s[-–—]+\s+(?P<dash>.+)$|:\s+(?P<colon>.+)$|\((?P<brackets>[^()]+)\)\W*$|\b(?P<because>because\b.+)$"
)
_BOUNDARY = re.compile(r"\s*[-–—:;,.(\[/]|\s+(?:because|n/a|not applicable)\b")
_LONGEST = 2_000  #: characters of an item in which words like N/A are looked for; keeps hostile lines cheap
_END = " .:;,!"
_SIGNS = " \t.:;,!?-–—/()[]"
_NO_REASON = {"", "n/a", "n.a", "na", "not applicable", "todo", "tbd", "tba", "reason", "none", "why"}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a task list."""

    text: str  #: as a person reads it, on one line, e.g. "I have added tests"
    key: str  #: its identity, e.g. "i have added tests", or "dg:tests" where the item names itself
    words: str  #: the identity of its text alone, without "N/A:" before it
    checked: bool
    section: str = ""  #: the nearest heading above it; "" before the first
    sections: tuple[str, ...] = ()  #: all headings it stands under, outermost first
    line: int = 1  #: counted from 1
    depth: int = 0  #: how many list items stand around it
    parent: int | None = None  #: the item of a task list that it stands below, as an index into the items
    inapplicable: bool = False
    mark: Mark = ""  #: how it was marked not applicable
    reason: str | None = None  #: why it is not applicable; None: no reason is given
    below: str | None = None  #: the first text inside it that is no item
    delay: Delay = ""  #: "optional" or "post-merge" when its text begins with that word

    @property
    def done(self) -> bool:
        """Ticked, and not struck out."""
        return self.checked and not self.inapplicable

    @property
    def open(self) -> bool:
        """Neither ticked nor marked not applicable."""
        return not self.checked and not self.inapplicable


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """A text with the items of its task lists."""

    items: tuple[Item, ...]
    document: Document

    @property
    def notes(self) -> tuple[str, ...]:
        """What was probably meant otherwise, in whole sentences."""
        return self.document.notes


def read_items(markdown: str) -> tuple[Item, ...]:
    """The items of all task lists in a text. Raises ReportError for a text too long or too deep to be read."""
    return read_checklist(markdown).items


def read_checklist(markdown: str) -> Checklist:
    """A text with its items. Raises ReportError for one too long or too deep to be read."""
    document = parse(markdown)
    boxes = [block for block in document.blocks if block.box is not None]
    index_of = {block.around[-1]: index for index, block in enumerate(boxes)}
    below = _first_text_below(document.blocks, index_of)
    items = tuple(
        _item(block, document.blocks, _nearest(block.around[:-1], index_of), below.get(index))
        for index, block in enumerate(boxes)
    )
    return Checklist(items=items, document=document)


def identity(text: str) -> str:
    """What two texts must have in common to be the same one.

    Case, blanks, what nobody sees and the last full stop do not matter.
    """
    return fold(unicodedata.normalize("NFKC", visible(text))).casefold().rstrip(_END)


def identity_of_markdown(text: str) -> str:
    """The same of a text that may hold links, emphasis and code."""
    return identity(plain(text))


def named(id: str) -> str:  # noqa: A002
    """The identity of an item with ``<!-- dg:ID -->``."""
    return f"dg:{id}"


def is_same(item: Item, key: str) -> bool:
    """Whether an item is the one with this identity, word for word."""
    return key in (item.key, item.words)


def goes_on_from(item: Item, words: str) -> bool:
    """Whether an item has these words and a remark behind them, e.g. "Tests added (see test_shop.py)"."""
    return bool(words) and item.words.startswith(words) and bool(_BOUNDARY.match(item.words, len(words)))


def as_answer(item: Item, words: str) -> Item:
    """An item as the answer to the one with ``words``, as a template or a policy puts it.

    What stands there already is no answer: neither its own "(if needed)" as a reason, nor its own "N/A".
    """
    if item.mark == "N/A" and identity(item.text) == words:
        return replace(item, inapplicable=False, mark="", reason=None)
    if item.mark in {"", "struck out"} or not (item.words == words or goes_on_from(item, words)):
        return item
    text = _bare_text(item.text, item.mark).rstrip(_END)
    beyond = text[len(text) - (len(item.words) - len(words)) :]
    return replace(item, reason=_reason(beyond) or _reason(item.below or ""))


def _bare_text(text: str, mark: Mark) -> str:
    return _after_na(text) if mark == "N/A" else text


def _nearest(around: tuple[int, ...], index_of: dict[int, int]) -> int | None:
    return next((index_of[item] for item in reversed(around) if item in index_of), None)


def _first_text_below(blocks: Iterable[Block], index_of: dict[int, int]) -> dict[int, str]:
    """What stands inside an item in a paragraph or a plain item of its own, by the item's index."""
    found: dict[int, str] = {}
    for block in blocks:
        owner = _nearest(block.around, index_of)
        if owner is not None and block.box is None and block.text:
            found.setdefault(owner, fold(block.text))
    return found


def _item(block: Block, blocks: tuple[Block, ...], parent: int | None, below: str | None) -> Item:
    text, struck = fold(block.text), fold(block.struck)
    # Who sees no text has ticked nothing.
    checked = (block.box or "") in "xX" and bool(block.box) and bool(text)
    mark = _mark(block, text, checked=checked) if text else ""
    sections = tuple(fold(blocks[index].text) for index in block.headings)
    delay = _DELAY.match(text)
    return Item(
        text=text,
        key=_key(block, text),
        words=identity(_bare_text(text, mark)),
        checked=checked,
        section=sections[-1] if sections else "",
        sections=sections,
        line=block.line,
        depth=len(block.around) - 1,
        parent=parent,
        inapplicable=bool(mark),
        mark=mark,
        reason=(_written_reason(mark, text, struck) or _reason(below or "")) if mark else None,
        below=below,
        delay=delay["word"].lower().replace(" ", "-") if delay else "",  # type: ignore[arg-type]
    )


def _key(block: Block, text: str) -> str:
    ids = (_ID.match(comment) for comment in block.comments)
    given = next((found[1] for found in ids if found), None)
    if given:
        return named(given)
    return identity(block.struck or _after_na(text))


def _mark(block: Block, text: str, *, checked: bool) -> Mark:
    if block.struck:
        return "struck out"
    if block.box == "~":
        return "[~]"
    # Words are weaker than marks: in a ticked item they are part of what was done.
    if checked or len(text) > _LONGEST:
        return ""
    return "N/A" if _NA_BEFORE.match(text) or _NA_BEHIND.search(text) else ""


def _written_reason(mark: Mark, text: str, struck: str) -> str | None:
    if mark == "struck out":
        return _reason(text[len(struck) :])
    rest = _after_na(text)
    if len(rest) > _LONGEST:
        return None
    behind = _NA_BEHIND.search(rest)
    if behind:
        return _reason(behind["reason"])
    set_off = _SET_OFF.search(rest)
    return _reason(set_off[set_off.lastgroup or 0]) if set_off else None


def _reason(text: str) -> str | None:
    """The reason in what is left of a text, without the signs that set it off; None when it says nothing."""
    bare = _after_na(text.strip(_SIGNS)).strip(_SIGNS)
    says_something = any(letter.isalpha() for letter in bare) and bare.casefold() not in _NO_REASON
    return bare if says_something else None


def _after_na(text: str) -> str:
    found = _NA_BEFORE.match(text)
    return text[found.end() :] if found else text
