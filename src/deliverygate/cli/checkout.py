"""The repository that a command was started in: where it is checked out, and a git that nothing in it can steer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deliverygate.errors import ConfigError, ReportError, ToolError
from deliverygate.gate import Clock
from deliverygate.platforms.git_command import Git
from deliverygate.shell import SystemShell

#: What makes git look at another repository than the one around it. Hooks are given these, and so are their children.
STEERING = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
        "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)  # fmt: skip


class Checkout(NamedTuple):
    """A working tree, as seen from one of its folders."""

    git: Git
    top: Path
    prefix: str  #: the folder, as the repository names it: "" at the top, else e.g. "services/shop"


def open_checkout(folder: Path, *, environ: Mapping[str, str], clock: Clock) -> Checkout:
    """The repository around ``folder``. Raises ConfigError for none, and for a submodule, which a change may bring."""
    git = Git(SystemShell(clock, root=folder, environ=for_git(environ, folder)))
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
    inside = folder.resolve().relative_to(top.resolve()).as_posix()
    return Checkout(git, top, "" if inside == "." else inside)


def find_top(folder: Path) -> Path:
    """The nearest folder upwards that is a working tree, without asking git; else the folder itself."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder).resolve()


def folder_of(folder: Path) -> str:
    """A folder as its repository names it, with a slash behind it; empty at the top."""
    inside = folder.resolve().relative_to(find_top(folder)).as_posix()
    return "" if inside == "." else f"{inside}/"


def for_git(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of git itself: it is to be found outside of the checkout, and to look at what is around it."""
    kept = {name: value for name, value in environ.items() if name not in STEERING}
    return without_checkout(kept, folder)


def without_checkout(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment without those folders of PATH in which a change could put a program of its own."""
    top = find_top(folder)
    kept = [
        each
        for each in environ.get("PATH", os.defpath).split(os.pathsep)
        if Path(each).is_absolute() and not Path(each).resolve().is_relative_to(top)
    ]
    return {**environ, "PATH": os.pathsep.join(kept)}
