"""Where a folder lies in its repository, and what of the environment may speak to programs there; asks no git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

#: What makes git look at another repository than the one around it. Hooks are given these, and so are their children.
STEERING = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
        "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)  # fmt: skip


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
