"""What stands in a description beside its items: sections, links to issues, placeholders left standing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from deliverygate.errors import ReportError
from deliverygate.judging.checklist import identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from deliverygate.judging.markdown import Block, Document
    from deliverygate.judging.patterns import Pattern

#: Words with a dash and a number that are no issues.
_NO_KEYS = "AES|CVE|CWE|FIPS|GHSA|HTTP|IEC|IEEE|IPV|ISO|MD|PEP|RFC|RSA|SHA|TLS|UCS|UTF|XEP"

#: #12, group/project#12, !12, GH-12, SHOP-12, and the addresses of issues and merge or pull requests.
ISSUE = (
    r"(?<![\w&#/!.-])(?:[\w.-]+(?:/[\w.-]+)+)?[#!][1-9]\d*(?![\w-])"
    r"|\bGH-[1-9]\d*\b"
    rf"|(?<![\w/-])(?!(?:{_NO_KEYS})-)[A-Z][A-Z0-9_]+-[1-9]\d*(?![\w-])"
    r"|https?://[^\s<>]{1,300}/(?:issues?|work_items|_workitems/edit|merge_requests|pull|browse|epics|tickets?|story)"
    r"/(?:[A-Z][A-Z0-9_]*-)?[1-9]\d*"
)

_DESCRIBE = r"(?:please )?(?:describe|explain|summari[sz]e|include)"
_CHANGE = r"(?:changes?|description|summary|pr|mr|pull request|merge request)"
_CLOSES = r"(?:fix(?:es|ed)?|clos(?:es?|ed)|resolv(?:es?|ed)|relate[sd] to)"

#: What templates ask the author to replace; each is looked for in every line.
PLACEHOLDERS = (
    r"(?i)^\W*(?:todo|tbd|tba|fixme|wip|xxx+)\W*$",
    r"^\W*(?:TODO|TBD|FIXME)\b\s*[:(–—-]",
    r"(?i)^\W*lorem ipsum\b",
    r"^\s*(?:\.{3}|…)\s*$",
    rf"(?i)^\W*{_DESCRIBE} (?:here\b|(?:a|your|the|this|what|why|how)\b.{{0,60}}\b{_CHANGE}\b)",
    r"(?i)^\W*(?:insert|enter|write|put|type) (?:.{0,60} )?here\W*$",
    rf"(?i)^(?:\W*{_CLOSES}\b)?[\s:]*#\s*(?:(?:\(issue\)|_+)\s*)?$",
    r"#\s*\(issue\)|(?<!\w)#([XYZ])\1+\b|\b[A-Z]{2,}-X{2,}\b",
)


class Line(NamedTuple):
    """One visible line of a description."""

    number: int  #: counted from 1
    text: str
    links: tuple[str, ...]  #: where the links of its block go


class Section(NamedTuple):
    """A heading and what stands under it, the text under its own sub-headings included."""

    title: str
    line: int
    lines: tuple[str, ...]  #: what a person reads there, code included
    answers: int  #: how many items are ticked, struck out or marked as not applicable


def refuse_cut(description: str, environ: Mapping[str, str], *, where: str) -> None:
    """Raise ReportError when a description is what GitLab's CI hands on of a longer one: its first 2,700 characters."""
    cut = environ.get("CI_MERGE_REQUEST_DESCRIPTION", "").strip()
    if environ.get("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED") == "true" and cut and description.strip() == cut:
        raise ReportError(
            "is cut: $CI_MERGE_REQUEST_DESCRIPTION holds only the first 2,700 characters",
            where=where,
            mend="fetch the whole description from GitLab's API and give that",
        )


def own_lines(document: Document, known: frozenset[str], *, code: bool) -> Iterator[Line]:
    """Every visible line that says something and that no template brought along (``known``: their identities)."""
    for block in document.blocks:
        for offset, text in enumerate((block.text if code else block.prose).split("\n")):
            if (key := identity(text)) and key not in known:
                yield Line(block.line + offset, text, block.links)


def template_lines(documents: Iterable[Document]) -> frozenset[str]:
    """The identities of all lines that templates bring along."""
    return frozenset(identity(line) for document in documents for block in document.blocks for line in _lines(block))


def sections(document: Document) -> tuple[Section, ...]:
    """Every heading with what stands under it."""
    under: dict[int, list[Block]] = {
        index: [] for index, block in enumerate(document.blocks) if block.kind == "heading"
    }
    for block in document.blocks:
        for index in block.headings:
            under[index].append(block)
    return tuple(_section(document.blocks[index], blocks) for index, blocks in under.items())


def _section(heading: Block, blocks: Sequence[Block]) -> Section:
    lines = tuple(line for block in blocks if block.kind != "heading" for line in _lines(block))
    answers = sum(1 for block in blocks if block.box is not None and (block.box.strip() or block.struck))
    return Section(heading.text, heading.line, lines, answers)


def says_something(section: Section, known: frozenset[str]) -> bool:
    """Whether its author filled it in: with a line that is not the template's, or by answering an item."""
    return section.answers > 0 or any((key := identity(line)) and key not in known for line in section.lines)


def find_issue(texts: Iterable[str], pattern: Pattern) -> str | None:
    """The first link to an issue in any of the texts. Raises SlowPatternError."""
    return next((found[0] for text in texts if (found := pattern.search(text))), None)


def find_placeholders(document: Document, patterns: Sequence[Pattern]) -> tuple[Line, ...]:
    """The lines that were never filled in; headings and code are left out. Raises SlowPatternError."""
    lines = (
        Line(block.line + offset, text, block.links)
        for block in document.blocks
        if block.kind in {"text", "html"}
        for offset, text in enumerate(block.prose.split("\n"))
    )
    return tuple(line for line in lines if any(pattern.search(line.text) for pattern in patterns))


def _lines(block: Block) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.text.split("\n") if line.strip())
