"""What the policy may demand of a description; docs/gates/pr-checklist.md has an example of each setting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

import msgspec

from deliverygate.judging import globs
from deliverygate.judging.description import PLACEHOLDERS
from deliverygate.judging.patterns import check_pattern
from deliverygate_gates.pr_checklist.review.settings import Approvals, Labels, Size

NotApplicable: TypeAlias = Literal["with-reason", "allowed", "forbidden"]
GroupRule: TypeAlias = Literal["all", "any", "exactly-one", "optional", "post-merge"]
Words: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\S")]
Identifier: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[\w./-]+$")]

# The types of Conventional Commits' widest used set: https://www.conventionalcommits.org
CONVENTIONAL = r"^(build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(\([^()\s][^()]*\))?!?: \S"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be there beside the tick; all that is named."""

    gate: Identifier | None = None  #: the id of a gate of this stage that must have passed, e.g. "tests"
    changed: str | tuple[str, ...] = ()  #: globs; one of them must fit a file that is added or changed
    pattern: Words | None = None  #: a regular expression that the author's own text must hold

    def __post_init__(self) -> None:
        if not (self.gate or self.changed or self.pattern):
            raise ValueError("names nothing; set `gate`, `changed` or `pattern`")
        for glob in self.globs:
            if said := globs.fault(glob):
                raise ValueError(f"`changed`: {said}")
        _demand_patterns("pattern", (self.pattern or "",))

    @property
    def globs(self) -> tuple[str, ...]:
        """``changed`` as several patterns."""
        return (self.changed,) if isinstance(self.changed, str) else self.changed


class Required(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item that every description must have, ticked."""

    text: Words  #: as the description writes it; markup, case and blanks do not matter
    id: Identifier | None = None  #: the ID of ``<!-- dg:ID -->``, where the text may change
    evidence: Evidence | None = None
    not_applicable: NotApplicable | None = None  #: None: as the whole gate says


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is demanded of the items under a heading, those under its sub-headings included."""

    section: Words
    rule: GroupRule = "all"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a description must show."""

    description: Words | None = None  #: a file of the workspace, read in place of the commit messages
    template: str | tuple[str, ...] = ()  #: files of the target branch; the one that fits best counts
    items: tuple[Words | Required, ...] = ()  #: items that must be there, and ticked
    min_items: Annotated[int, msgspec.Meta(ge=0)] = 1  #: how many items a description must have at all
    unlisted: Literal["fail", "note"] = "fail"  #: open items that neither ``items`` nor ``groups`` names
    groups: tuple[Group, ...] = ()
    nested: Literal["complete", "inherit", "independent"] = "complete"
    not_applicable: NotApplicable = "with-reason"
    sections: tuple[Words, ...] = ()  #: headings that must be there, with text of the author's own below
    linked_issue: bool | Words = False  #: True: the usual forms; or a regular expression
    title: Words | None = None  #: "conventional", or a regular expression that the title must hold
    placeholders: tuple[Words, ...] = PLACEHOLDERS  #: regular expressions that no line may fit
    approvals: Approvals | None = None
    labels: Labels | None = None
    draft: Literal["allow", "forbid"] = "allow"
    size: Size | None = None

    def __post_init__(self) -> None:
        if not all(path.strip() for path in self.templates):
            raise ValueError("`template` is empty; name a file of the target branch")
        _demand_patterns("placeholders", self.placeholders)
        _demand_patterns("linked_issue", (self.linked_issue,) if isinstance(self.linked_issue, str) else ())
        _demand_patterns("title", (self.title or "",))
        _demand_unique("items", (item.text for item in self.required))
        _demand_unique("groups", (group.section for group in self.groups))
        _demand_unique("sections", self.sections)

    @property
    def required(self) -> tuple[Required, ...]:
        """``items``, the short form written out."""
        return tuple(Required(text=item) if isinstance(item, str) else item for item in self.items)

    @property
    def templates(self) -> tuple[str, ...]:
        """``template`` as several paths."""
        return (self.template,) if isinstance(self.template, str) else self.template

    @property
    def title_pattern(self) -> str | None:
        """The regular expression of ``title``."""
        return CONVENTIONAL if self.title == "conventional" else self.title


def _demand_patterns(setting: str, patterns: Iterable[str]) -> None:
    for pattern in patterns:
        check_pattern(pattern, name=setting, multiline=True)


def _demand_unique(setting: str, texts: Iterable[str]) -> None:
    seen = set()
    for text in texts:
        if text.casefold() in seen:
            raise ValueError(f"`{setting}` names {text!r} twice")
        seen.add(text.casefold())
