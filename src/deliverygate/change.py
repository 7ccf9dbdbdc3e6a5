"""The change that is judged: a merge request, a pull request, or a branch on a laptop."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

Spans: TypeAlias = tuple[tuple[int, int], ...]  #: first and last line of each stretch, counted from 1


class ChangedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the change touches."""

    path: str  #: relative to the repository, POSIX
    status: str = "modified"  #: "added", "modified", "deleted" or "renamed"
    previous_path: str | None = None  #: before a rename
    #: What is new or changed in it, as it is now, counted as every tool counts; None: not known, so all of it may be.
    lines: Spans | None = None
    added: int | None = None  #: how many lines that are at most, where ``lines`` is None; None: they cannot be counted
    in_change: bool = True  #: False: a job has made or edited it, so that the findings of a report may be about it
    is_tracked: bool = True  #: False: no commit has it yet, e.g. a file that somebody has just written
    edited_at: datetime | None = None  #: when the working tree got a text that HEAD does not have; None: as in HEAD


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """An approval that stands: neither withdrawn nor dismissed."""

    by: str  #: user name, as code owners are written, without the @
    at: datetime | None = None  #: None: the platform does not say
    commit: str | None = None  #: the head that was looked at; None: the platform does not say


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """GitLab's merge request, GitHub's pull request, or a local branch against its base."""

    title: str
    description: str  #: Markdown
    source: str  #: where the description was learned from: "--description FILE", "commits", or an address
    platform: str = "git"  #: "gitlab", "github", or "git" alone
    number: int | None = None  #: of the merge or pull request: !12, #12; None: a branch
    url: str | None = None  #: of its page
    target: str | None = None  #: name of the branch that it is to be merged into
    branch: str | None = None  #: name of the branch that holds it
    base: str | None = None  #: the commit that the change is compared with; None when it could not be found
    head: str | None = None  #: the last commit of the change itself
    tested: str | None = None  #: the commit that is checked out: the head, or its merge with the target
    is_of_target: bool = False  #: a push to the default branch itself: what it holds was let in before
    is_fork: bool = False  #: whether it comes from somebody else's copy of the repository
    author: str | None = None  #: user name on a platform; "Name <address>" from git alone
    draft: bool | None = None  #: None: this source does not know drafts
    labels: tuple[str, ...] | None = None  #: None: this source does not know labels
    approvals: tuple[Approval, ...] | None = None  #: None: could not be looked at; see ``notes``
    pushed_at: datetime | None = None  #: when the head came; None: not known
    issues: tuple[str, ...] | None = None  #: linked ones that the platform knows of, e.g. "#12"; None: not known
    folder: str = ""  #: of the workspace in the repository, e.g. "services/shop/"; ``files`` are relative to it
    files: tuple[ChangedFile, ...] | None = None  #: None: could not be looked at; see ``notes``
    notes: tuple[str, ...] = ()  #: what could not be looked at, and why

    @property
    def tracked_files(self) -> tuple[ChangedFile, ...]:
        """Those of ``files`` that a reviewer sees."""
        return tuple(file for file in self.files or () if file.in_change and file.is_tracked)
