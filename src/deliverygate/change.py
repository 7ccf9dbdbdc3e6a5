"""The change that is judged: a merge request, a pull request, or a branch on a laptop."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Spans: TypeAlias = tuple[tuple[int, int], ...]  #: first and last line of each stretch, counted from 1


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the change touches."""

    path: str  #: relative to the repository, POSIX
    status: str = "modified"  #: "added", "modified", "deleted" or "renamed"
    previous_path: str | None = None  #: before a rename
    lines: Spans | None = None  #: what is new or changed in it, as it is now; None: not known, as of a binary file


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """GitLab's merge request, GitHub's pull request, or a local branch against its base."""

    title: str
    description: str  #: Markdown
    source: str  #: where the description was learned from: "--description FILE", "commits", later a platform's address
    base: str | None = None  #: the commit that the change is compared with; None when it could not be found
    head: str | None = None
    author: str | None = None
    labels: tuple[str, ...] | None = None  #: None: this source does not know labels
    files: tuple[ChangedFile, ...] | None = None  #: None: could not be looked at; see ``notes``
    notes: tuple[str, ...] = ()  #: what could not be looked at, and why
