"""What is asked of git and of the platform in a run: one question at a time, each with time of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from deliverygate.change import ChangeRequest
from deliverygate.cli.places import find_top, folder_of, for_git
from deliverygate.clock import SystemClock
from deliverygate.errors import ReportError, ToolError, TransportError
from deliverygate.model import Report

if TYPE_CHECKING:
    from deliverygate.judging.placing import Tree
    from deliverygate.platforms import Platform, Target
    from deliverygate.platforms.local_git import LocalGit
    from deliverygate.platforms.origins import Origins
    from deliverygate.shell import SystemShell

ASK_SECONDS = 120.0  # for one question
PUBLISH_SECONDS = 60.0
MEND = "run it again when the platform answers, or find what hangs on the way to it"


class ChangeOptions(msgspec.Struct, frozen=True):
    """What the command line says of the change."""

    title: str | None = None
    description: tuple[str, str] | None = None  #: its text, and where that came from
    base: str | None = None
    platform: str = "git"  #: one of ``platforms.NAMES``
    look_up: bool = False  #: whether, with git alone, an open change request of the branch is looked for


class Asking:
    """The platform of one run, as it is seen from one folder."""

    def __init__(
        self,
        root: Path,
        options: ChangeOptions,
        *,
        environ: Mapping[str, str],
        stop: Event,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.known: ChangeRequest | None = None  #: the change, once somebody has asked for it
        self._root = root
        self._options = options
        self._environ = environ
        self._redact = redact
        self._lock = Lock()
        self._clock = SystemClock(timeout_seconds=ASK_SECONDS, stop=stop, mend=MEND)

    def change(self) -> ChangeRequest:
        """The change; what the command line says of it wins over what the platform knows."""
        with self._lock:
            if self.known is None:
                self._clock.renew(ASK_SECONDS)
                change = self._as_given(self._look_up() or self.platform.change())
                self.known = replace(change, folder=folder_of(self._root))
            return self.known

    def tracked_as(self, path: str) -> str | None:
        """The name of the tracked file that a path of the workspace leads to; None for none. Raises ReportError."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self._origins.tracked_as(path)

    def committed_at(self) -> tuple[str, datetime]:
        """The commit that is checked out, and its date. Raises ReportError."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self._origins.committed_at()

    def pipeline_started_at(self) -> datetime | None:
        """As the platform tells it, where the environment does not; None: it does not tell either."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self.platform.pipeline_started_at()

    def base_text(self, path: str) -> str | None:
        """A file as the target branch has it."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self.platform.base_text(path)

    def tracked(self) -> Tree | None:
        """The files that git tracks in the folder; None where that is no checkout of git."""
        return self._tree(lambda git: git.tree())

    def tracked_before(self, target: str | None) -> Tree | None:
        """The files of the commit ``target``, else of where the branch started; None where that is not known."""
        return self._tree(lambda git: git.tree(target or git.base))

    def _tree(self, ask: Callable[[LocalGit], Tree]) -> Tree | None:
        if not (find_top(self._root) / ".git").exists():  # to ask git would cost more than all else of a short run
            return None
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            try:
                return ask(self._git)
            except (ReportError, ToolError):
                return None

    def team(self, name: str) -> frozenset[str] | None:
        """Who is in it; None where the platform does not say."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self.platform.team(name)

    def tracked_files(self) -> tuple[str, ...]:
        """Every file that git tracks below the folder. Raises ReportError or ToolError where git does not answer."""
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self._git.tracked_files()

    def target(self) -> Target | None:
        """The branch that the change is to be merged into; None when no change request is judged."""
        if self._options.platform == "git":  # which knows of none, and is not worth its import
            return None
        with self._lock:
            self._clock.renew(ASK_SECONDS)
            return self.platform.target()

    def fold(self, title: str) -> tuple[str, str]:
        """What to print around lines of the log that belong together."""
        return ("", "") if self._options.platform == "git" else self.platform.fold(title)

    def publish(self, report: Report, folder: Path) -> tuple[str, ...]:
        """Show the verdict where reviewers look, also when the run was told to stop. Gives what was not possible."""
        with self._lock:
            self._clock.renew(PUBLISH_SECONDS, stop=Event())
            return tuple(map(self._redact, self.platform.publish(report, folder)))

    def _look_up(self) -> ChangeRequest | None:
        """The open change request of a branch on a laptop; None where the commits have to do."""
        options = self._options
        if options.platform != "git" or not options.look_up or options.description is not None:
            return None
        from deliverygate.platforms import open_platform
        from deliverygate.platforms.guessing import guess

        try:
            name = guess(self._environ, self._git)
            if name is None:
                return None
            platform = open_platform(name, self._environ, clock=self._clock, git=self._git, redact=self._redact)
            return platform.change()
        except (ReportError, ToolError, TransportError) as error:
            change = self.platform.change()
            note = f"No open merge or pull request could be looked up, so the commits describe the change: {error}."
            return replace(change, notes=(*change.notes, note))

    def _as_given(self, change: ChangeRequest) -> ChangeRequest:
        if self._options.description is not None:
            text, source = self._options.description
            change = replace(change, description=text, source=source)
        return change if self._options.title is None else replace(change, title=self._options.title)

    @cached_property
    def platform(self) -> Platform:
        """One for all who ask: what it says is the same for each of them."""
        from deliverygate.platforms import open_platform

        name = self._options.platform
        return open_platform(name, self._environ, clock=self._clock, git=self._git, redact=self._redact)

    @cached_property
    def _shell(self) -> SystemShell:
        from deliverygate.shell import SystemShell

        return SystemShell(self._clock, root=find_top(self._root), environ=for_git(self._environ, self._root))

    @cached_property
    def _origins(self) -> Origins:
        from deliverygate.platforms.git_command import Git
        from deliverygate.platforms.origins import Origins

        return Origins(Git(self._shell), self._root)

    @cached_property
    def _git(self) -> LocalGit:
        from deliverygate.platforms.local_git import LocalGit

        given = self._options
        return LocalGit(
            self._shell,
            base=given.base,
            description=given.description,
            title=given.title,
            environ=self._environ,
            prefix=folder_of(self._root),
        )
