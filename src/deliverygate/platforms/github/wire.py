"""What GitHub sends, as far as it is read: answers of the REST API and payloads of events, which share their forms."""

from __future__ import annotations

from datetime import datetime

import msgspec


class User(msgspec.Struct, frozen=True):
    login: str
    type: str = "User"  #: "User", "Bot", "Organization", "Mannequin"


class Repository(msgspec.Struct, frozen=True):
    id: int  #: stays when it gets another name
    full_name: str  #: "acme/shop"


class Branch(msgspec.Struct, frozen=True):
    ref: str  #: its name, without refs/heads/
    sha: str
    repo: Repository | None = None  #: None: the fork was deleted


class Label(msgspec.Struct, frozen=True):
    name: str


class Pull(msgspec.Struct, frozen=True):
    """A pull request."""

    number: int
    title: str
    base: Branch
    head: Branch
    state: str = "open"
    body: str | None = None
    html_url: str = ""
    draft: bool | None = None
    user: User | None = None  #: None: the account was deleted
    labels: tuple[Label, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    changed_files: int | None = None  #: not in lists


class Review(msgspec.Struct, frozen=True):
    state: str  #: "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"
    user: User | None = None
    commit_id: str | None = None
    submitted_at: datetime | None = None


class PullFile(msgspec.Struct, frozen=True):
    filename: str
    status: str  #: "added", "removed", "modified", "renamed", "copied", "changed", "unchanged"
    previous_filename: str | None = None
    patch: str | None = None  #: None: binary, or too large
    additions: int | None = None  #: lines; 0 of a binary file


class Comment(msgspec.Struct, frozen=True):
    id: int
    body: str | None = None
    user: User | None = None


class Permission(msgspec.Struct, frozen=True):
    permission: str  #: "admin", "write" (maintain too), "read" (triage too), "none"


class WorkflowRun(msgspec.Struct, frozen=True):
    """rest/actions/workflow-runs#get-a-workflow-run; `run_started_at` is that of the last attempt."""

    created_at: datetime


class NamedBranch(msgspec.Struct, frozen=True):
    name: str


class Content(msgspec.Struct, frozen=True):
    type: str  #: "file", "symlink", "submodule"
    encoding: str = ""
    content: str = ""


class CheckRun(msgspec.Struct, frozen=True):
    id: int


class MergeGroup(msgspec.Struct, frozen=True):
    """Several pull requests on their way through a merge queue."""

    head_ref: str  #: "refs/heads/gh-readonly-queue/main/pr-12-..."
    head_sha: str
    base_ref: str  #: "refs/heads/main"
    base_sha: str


class Home(msgspec.Struct, frozen=True):
    """The repository that an event is about."""

    default_branch: str | None = None


class Payload(msgspec.Struct, frozen=True):
    """What happened, of the kinds that tell of a change."""

    action: str = ""
    pull_request: Pull | None = None
    merge_group: MergeGroup | None = None
    repository: Home = Home()
    before: str | None = None  #: of a push: the commit that the branch was at; only zeros for a new branch
