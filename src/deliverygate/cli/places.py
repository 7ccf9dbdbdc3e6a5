"""Where a folder lies in its repository, and what of the environment may speak to programs there; asks no git."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

#: The only variables of git that reach it: how it logs in, and where its settings are. Every other one is left out:
#: hooks and earlier steps leave some that lead to another repository (GIT_DIR) or start a program (GIT_EXTERNAL_DIFF).
GIT_VARIABLES = re.compile(
    r"GIT_ASKPASS|GIT_SSH|GIT_SSH_COMMAND|GIT_SSH_VARIANT|GIT_SSL_\w+|GIT_PROXY_SSL_\w+|GIT_HTTP_\w+"
    r"|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)"
)
#: Of these, and of what else git reads, the ones that name a file.
FILES_OF_GIT = ("GIT_ASKPASS", "GIT_SSH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "SSH_ASKPASS", "XDG_CONFIG_HOME")
#: Settings that may come in GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, ...: how to log in, and whose repositories are read.
SETTINGS_OF_GIT = re.compile(r"(http|credential|url|safe)\..*|core\.(sshcommand|askpass|gitproxy)", re.IGNORECASE)
MOST_SETTINGS = 1000


def find_top(folder: Path) -> Path:
    """The nearest folder upwards that is a working tree, without asking git; else the folder itself."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder).resolve()


def folder_of(folder: Path) -> str:
    """A folder as its repository names it, with a slash behind it; empty at the top."""
    inside = folder.resolve().relative_to(find_top(folder)).as_posix()
    return "" if inside == "." else f"{inside}/"


def for_git(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of git itself: nothing of it names a program or a setting that a change could have written."""
    top = find_top(folder)
    kept = {
        name: value
        for name, value in environ.items()
        if (not name.startswith("GIT_") or GIT_VARIABLES.fullmatch(name))
        and not (name in FILES_OF_GIT and _is_of_checkout(value, top))
    }
    if "GIT_CONFIG_GLOBAL" not in kept and _is_of_checkout(kept.get("HOME", "/"), top):
        kept["GIT_CONFIG_GLOBAL"] = os.devnull  # ~/.gitconfig would be a file of the change
    return without_checkout(kept, folder) | _settings_of_git(environ)


def _settings_of_git(environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment says of git's settings, without those that could start a program or move the checkout."""
    count = environ.get("GIT_CONFIG_COUNT", "")
    given = [
        (key, environ.get(f"GIT_CONFIG_VALUE_{number}", ""))
        for number in range(min(int(count), MOST_SETTINGS) if count.isdecimal() and len(count) < 5 else 0)
        if SETTINGS_OF_GIT.fullmatch(key := environ.get(f"GIT_CONFIG_KEY_{number}", ""))
    ]
    if not given:
        return {}
    pairs = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(given)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(given)}
    return {"GIT_CONFIG_COUNT": str(len(given)), **pairs, **values}


def _is_of_checkout(path: str, top: Path) -> bool:
    """Whether a path may lie in the checkout; one that is not absolute is looked up wherever a program runs."""
    whole = Path(path.strip())
    return not whole.is_absolute() or whole.resolve().is_relative_to(top)


def without_checkout(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment without those folders of PATH in which a change could put a program of its own."""
    top = find_top(folder)
    kept = [
        each
        for each in environ.get("PATH", os.defpath).split(os.pathsep)
        if Path(each).is_absolute() and not Path(each).resolve().is_relative_to(top)
    ]
    return {**environ, "PATH": os.pathsep.join(kept)}
