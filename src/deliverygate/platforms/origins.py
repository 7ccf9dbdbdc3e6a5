"""Where files of the workspace come from: out of a commit, or written since; and when the commit was made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

from deliverygate.conversions import moment_of, whole
from deliverygate.errors import ReportError
from deliverygate.platforms.git_command import Git


class Origins:
    """Of the repository around ``folder``, in which ``git`` runs."""

    def __init__(self, git: Git, folder: Path) -> None:
        self._git = git
        self._folder = folder
        self._tracked: dict[Path, frozenset[bytes]] = {}

    def tracked_as(self, path: str) -> str | None:
        """The name of the tracked file that ``path`` leads to, from ``folder`` where it is inside; None for none.

        The index and the commit that is checked out count both, also those of submodules. Raises ReportError when
        git cannot tell.
        """
        for place in self._places(path):
            for top in self._repositories(place):
                if os.fsencode(place.relative_to(top)) in self._listed(top, place.parent):
                    return os.path.relpath(place, self._folder.resolve()).replace(os.sep, "/")
        return None

    def committed_at(self) -> tuple[str, datetime]:
        """The commit that is checked out, and its date. Raises ReportError where there is none."""
        if self._top is None:
            raise ReportError(
                "there is no commit to compare the report with", where="git", mend="run in a checkout of git"
            )
        commit, _, seconds = self._git.text("log", "-1", "--no-show-signature", "--format=%H %ct", "HEAD").partition(
            " "
        )
        count = whole(seconds.strip())
        date = None if count is None else moment_of(count)
        if date is None:
            raise ReportError("this commit has no date", where="git", mend="see what `git log -1` says")
        return commit, date

    def _places(self, path: str) -> Iterator[Path]:
        """Where a path leads, and where it begins if that is another file: a link may be tracked as well."""
        given = Path(os.path.normpath(self._folder / path))
        in_folder = given.parent.resolve() / given.name
        yield from dict.fromkeys((in_folder, given.resolve()))

    @cached_property
    def _top(self) -> Path | None:
        """The working tree that the folder is in; None for none."""
        folder = self._folder.resolve()
        return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)

    def _repositories(self, place: Path) -> Iterator[Path]:
        """Every working tree around a file, the innermost first, up to that of the folder."""
        for each in place.parents if self._top else ():
            if (each / ".git").exists():
                yield each
            if each == self._top:
                return

    def _listed(self, top: Path, folder: Path) -> frozenset[bytes]:
        """What the repository at ``top`` tracks in ``folder``, and below it; asked once."""
        if folder not in self._tracked:
            inside = folder.relative_to(top).as_posix()
            asked = ("-C", str(top), "ls-files", "--cached", "-z")
            done = self._git.run(*asked, "--with-tree=HEAD", "--", inside)
            # Where nothing was committed yet there is no HEAD.
            listed = done.stdout if done.status == 0 else self._git.output(*asked, "--", inside)
            self._tracked[folder] = frozenset(listed.split(b"\0"))
        return self._tracked[folder]
