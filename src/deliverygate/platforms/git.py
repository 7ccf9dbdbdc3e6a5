"""Git alone as a platform: a laptop, or a CI system that deliverygate does not know. It shows its verdict nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from deliverygate.change import ChangeRequest
from deliverygate.gate import Clock
from deliverygate.model import Report
from deliverygate.platforms import Target
from deliverygate.platforms.local_git import LocalGit


class GitPlatform:
    """Change and target branch as the commits tell them."""

    name = "git"

    def __init__(
        self, environ: Mapping[str, str], *, clock: Clock, git: LocalGit, redact: Callable[[str], str] = str
    ) -> None:
        self._git = git

    def change(self) -> ChangeRequest:
        return self._git.change()

    def base_text(self, path: str) -> str | None:
        return self._git.base_text(path)

    def target(self) -> Target | None:
        """None: a branch by itself does not say where it is to go, so its own checkout holds the law."""
        return None

    def pipeline_started_at(self) -> datetime | None:
        return None

    def team(self, name: str) -> frozenset[str] | None:
        return None

    def publish(self, report: Report, folder: Path) -> tuple[str, ...]:
        return ()

    def fold(self, title: str) -> tuple[str, str]:
        return ("", "")
