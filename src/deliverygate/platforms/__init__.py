"""Where a change is learned from and its verdict is shown: GitLab, GitHub, or git alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from deliverygate.change import ChangeRequest
from deliverygate.gate import Clock
from deliverygate.model import Report

if TYPE_CHECKING:
    from deliverygate.platforms.local_git import LocalGit

__all__ = ["NAMES", "Platform", "Target", "detect", "open_platform"]

#: Each is imported when it is asked for: a client of an API costs time.
PLATFORMS = {
    "gitlab": "deliverygate.platforms.gitlab:GitLabPlatform",
    "github": "deliverygate.platforms.github:GitHubPlatform",
    "git": "deliverygate.platforms.git:GitPlatform",
}
NAMES = tuple(PLATFORMS)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The branch that a merge or pull request is to be merged into: the law stands there."""

    branch: str
    commit: str | None = None  #: its tip, as the platform tells it; None: whatever it is when it is fetched
    fetch_from: str = "origin"  #: name or address of the remote that has it


class Platform(Protocol):
    """What a run asks of the system that it runs in. No method raises for want of a right: see ``notes``."""

    name: str  #: one of ``NAMES``

    def change(self) -> ChangeRequest:
        """The change, asked at the first call. What may not be seen is None in it, with a note that names the right.

        Raises ReportError or TransportError when title and description themselves cannot be known.
        """

    def base_text(self, path: str) -> str | None:
        """A file as the target branch has it; None when it has none. Raises ReportError."""

    def target(self) -> Target | None:
        """None: no merge or pull request is judged, and the workspace itself holds the law."""

    def pipeline_started_at(self) -> datetime | None:
        """When the run of the CI system began that this is a job of; None where it is not known."""

    def team(self, name: str) -> frozenset[str] | None:
        """User names of the members of "group/team", without @; None: not known."""

    def publish(self, report: Report, folder: Path) -> tuple[str, ...]:
        """Show the verdict where reviewers look: note, status, annotations, summary. Never raises.

        ``folder`` holds the rendered reports. Returns what was not possible, each with the right that would allow it.
        """

    def fold(self, title: str) -> tuple[str, str]:
        """What to print before and after lines of the log that belong together under ``title``."""


def detect(environ: Mapping[str, str]) -> str:
    """The platform that the environment speaks of: GitLab CI, GitHub Actions (and what imitates them), else git."""
    if environ.get("GITLAB_CI") == "true":
        return "gitlab"
    if environ.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "git"


def open_platform(
    name: str, environ: Mapping[str, str], *, clock: Clock, git: LocalGit, redact: Callable[[str], str] = str
) -> Platform:
    """The platform called ``name``, which asks nothing yet."""
    module, _, kind = PLATFORMS[name].partition(":")
    made: Platform = getattr(import_module(module), kind)(environ, clock=clock, git=git, redact=redact)
    return made
