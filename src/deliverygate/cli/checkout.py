"""The repository that a command was started in: where it is checked out, and a git that nothing in it can steer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deliverygate.cli.places import find_top, folder_of, for_git
from deliverygate.clock import SystemClock
from deliverygate.errors import ConfigError, ReportError, ToolError
from deliverygate.gate import Completed, Shell
from deliverygate.platforms.git_command import Git
from deliverygate.shell import SystemShell

QUESTION_SECONDS = 120.0  # for one question to git


class Checkout(NamedTuple):
    """A working tree, as seen from one of its folders."""

    git: Git
    top: Path
    prefix: str  #: the folder, as the repository names it: "" at the top, else e.g. "services/shop"


class Renewing:
    """A shell whose programs have time of their own each: git is asked again when the gates have ended."""

    def __init__(self, shell: Shell, clock: SystemClock) -> None:
        self._shell = shell
        self._clock = clock

    def run(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
        without: Collection[str] = (),
    ) -> Completed:
        """As ``gate.Shell`` promises it."""
        self._clock.renew(QUESTION_SECONDS)
        return self._shell.run(
            command, timeout_seconds=timeout_seconds, environment=environment, folder=folder, without=without
        )


def open_checkout(folder: Path, *, environ: Mapping[str, str], clock: SystemClock) -> Checkout:
    """The repository around ``folder``. Raises ConfigError for none, and for a submodule, which a change may bring."""
    prefix = folder_of(folder)
    shell = SystemShell(clock, root=find_top(folder), environ=for_git(environ, folder))
    git = Git(Renewing(shell, clock), prefix=prefix)
    try:
        top = Path(git.text("rev-parse", "--show-toplevel").removesuffix("\n"))
        outer = git.text("rev-parse", "--show-superproject-working-tree").strip()
    except (ReportError, ToolError) as error:
        mend = "let the job check the repository out with git, or name a policy outside of it with --config"
        raise ConfigError(
            f"the policy of the target branch cannot be read: {error.what}", where=error.where, mend=mend
        ) from error
    if outer:
        raise ConfigError(
            f"this is a submodule of {outer}, and a change says which commit of which repository that is",
            where=str(folder),
            mend=f"run it in {outer}",
        )
    return Checkout(git, top, prefix.rstrip("/"))
