"""Of GitLab's answers what we use, as types. Each names its page below https://docs.gitlab.com/api/."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


class User(msgspec.Struct, frozen=True):
    """users"""

    id: int
    username: str


class Refs(msgspec.Struct, frozen=True):
    """Of a merge request's newest diff."""

    base_sha: str | None = None
    head_sha: str | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """merge_requests/#retrieve-a-merge-request"""

    iid: int
    title: str
    web_url: str
    source_branch: str
    target_branch: str
    labels: tuple[str, ...]
    description: str | None = None
    source_project_id: int | None = None  #: None: the fork is gone
    target_project_id: int | None = None
    author: User | None = None
    draft: bool | None = None
    work_in_progress: bool | None = None  #: what ``draft`` was called before 14.0
    sha: str | None = None
    diff_refs: Refs | None = None
    changes_count: str | None = None  #: text: it ends in "+" where there are more


class Version(msgspec.Struct, frozen=True):
    """merge_requests/#list-all-diff-versions-for-a-merge-request, one for each push"""

    head_commit_sha: str
    created_at: Moment


class Approved(msgspec.Struct, frozen=True):
    """One approval that stands."""

    user: User
    approved_at: Moment | None = None  #: newer servers tell it


class Approvals(msgspec.Struct, frozen=True):
    """merge_request_approvals/#retrieve-approval-state-for-a-merge-request, on every tier"""

    approved_by: tuple[Approved, ...]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """notes/#merge-requests"""

    id: int
    body: str
    created_at: Moment
    author: User | None = None
    system: bool = False
    resolvable: bool = False
    resolved: bool = False


class Discussion(msgspec.Struct, frozen=True):
    """discussions/#merge-requests"""

    id: str
    notes: tuple[Note, ...]


class References(msgspec.Struct, frozen=True):
    """How an issue is written, from nearby and from afar."""

    full: str


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """merge_requests/#list-issues-that-close-on-merge; one of another tracker has an id like "SHOP-12" alone"""

    id: int | str
    iid: int | None = None
    project_id: int | None = None
    references: References | None = None


class Member(msgspec.Struct, frozen=True):
    """group_members"""

    username: str
    state: str = "active"
    membership_state: str | None = None  #: "awaiting": invited, and not in it yet

    @property
    def is_active(self) -> bool:
        """Neither blocked nor only invited."""
        return self.state == "active" and self.membership_state != "awaiting"


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """merge_requests/#list-merge-request-diffs"""

    old_path: str
    new_path: str
    a_mode: str | None = None
    b_mode: str | None = None
    new_file: bool = False
    renamed_file: bool = False
    deleted_file: bool = False
    diff: str | None = None
    collapsed: bool | None = None
    too_large: bool | None = None
