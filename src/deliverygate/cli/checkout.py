"""The repository that a command was started in: where it is checked out, and a git that nothing in it can steer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deliverygate.cli.places import find_top, folder_of, for_git
from deliverygate.errors import ConfigError, ReportError, ToolError
from deliverygate.gate import Clock
from deliverygate.platforms.git_command import Git
from deliverygate.shell import SystemShell


class Checkout(NamedTuple):
    """A working tree, as seen from one of its folders."""

    git: Git
    top: Path
    prefix: str  #: the folder, as the repository names it: "" at the top, else e.g. "services/shop"


def open_checkout(folder: Path, *, environ: Mapping[str, str], clock: Clock) -> Checkout:
    """The repository around ``folder``. Raises ConfigError for none, and for a submodule, which a change may bring."""
    prefix = folder_of(folder)
    git = Git(SystemShell(clock, root=find_top(folder), environ=for_git(environ, folder)), prefix=prefix)
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
