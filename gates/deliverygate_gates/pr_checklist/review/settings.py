"""What the policy may demand of the review of a change."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

import msgspec

from deliverygate.judging import globs

Label: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\S")]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=100)]

REVIEWER = re.compile(r"@[\w.-]+(/[\w.-]+)*")


class Approvals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who must have approved, and which approvals count."""

    count: Count = 1  #: how many different people
    reviewers: tuple[str, ...] = msgspec.field(default=(), name="from")  #: "@user", "@group/team"; none: anybody
    code_owners: bool = False  #: whether the code owners of every changed path must have approved
    author: bool = False  #: whether the author's own approval counts
    after_last_push: bool = True  #: whether only those count that were given to what is judged

    def __post_init__(self) -> None:
        if not (self.count or self.code_owners):
            raise ValueError("demands nothing; set `count` or `code_owners`")
        for reviewer in self.reviewers:
            if not REVIEWER.fullmatch(reviewer):
                raise ValueError(f"`from`: {reviewer!r} is no reviewer; write @user or @group/team")
        if self.reviewers and not self.count:
            raise ValueError("`from` says whose approvals `count` counts, and `count` is 0")


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels that a change must and must not carry; ``*`` in one stands for anything, case does not matter."""

    required: tuple[Label, ...] = ()
    any: tuple[Label, ...] = ()  #: at least one of them
    forbidden: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        if not (self.required or self.any or self.forbidden):
            raise ValueError("names no label; set `required`, `any` or `forbidden`")


class Size(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one change may touch."""

    max_files: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_lines: Annotated[int, msgspec.Meta(ge=1)] | None = None  #: added or changed ones
    exclude: tuple[str, ...] = ()  #: globs of files that do not count, such as lock files

    def __post_init__(self) -> None:
        if self.max_files is None and self.max_lines is None:
            raise ValueError("limits nothing; set `max_files` or `max_lines`")
        for glob in self.exclude:
            if said := globs.fault(glob):
                raise ValueError(f"`exclude`: {said}")
