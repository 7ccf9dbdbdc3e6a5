"""Where the files of the law are read: in the checkout, or in the commit that the target branch is at."""

from __future__ import annotations

import os
import posixpath
import shutil
import tempfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from deliverygate.conversions import NotTextError, utf8
from deliverygate.errors import ReportError
from deliverygate.workspace import read_file

if TYPE_CHECKING:
    from deliverygate.cli.policy import Opened
    from deliverygate.platforms.git_tree import GitTree
    from deliverygate.platforms.tree_listing import TreeListing

GATES = ".deliverygate/gates"


class LawFiles(Protocol):
    """Files by their paths as the policy writes them: relative to its folder."""

    def read(self, path: str) -> bytes:
        """The bytes. Raises OSError."""

    def has(self, path: str) -> bool:
        """Whether there is such a file."""

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the files in a folder, sorted."""

    def label(self, path: str) -> str:
        """What a message calls the file, e.g. ``main:.deliverygate.yml``."""


class FolderFiles:
    """The checkout."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes:
        return read_file(self._root / path)

    def has(self, path: str) -> bool:
        return (self._root / path).exists()

    def names(self, folder: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(each.name for each in os.scandir(self._root / folder) if each.is_file()))
        except OSError:
            return ()

    def label(self, path: str) -> str:
        return path


class CommitFiles:
    """A commit, as seen from the folder of the policy; ``top`` is where the repository is checked out.

    What an absolute path outside of the repository names is no part of any change, and is read from the disk.
    """

    def __init__(self, tree: GitTree, folder: str, *, top: Path) -> None:
        self.tree = tree
        self._folder = folder
        self._top = top

    def read(self, path: str) -> bytes:
        inside = self.inside(path)
        return read_file(Path(path)) if inside is None else self.tree.read(inside)

    def has(self, path: str) -> bool:
        inside = self.inside(path)
        return Path(path).exists() if inside is None else self.tree.has(inside)

    def names(self, folder: str) -> tuple[str, ...]:
        inside = posixpath.normpath(posixpath.join(self._folder, folder))
        return tuple(sorted(posixpath.basename(path) for path in self.tree.entries(f"{inside}/")))

    def label(self, path: str) -> str:
        inside = self.inside(path)
        return path if inside is None else f"{self.tree.name}:{inside}"

    def inside(self, path: str) -> str | None:
        """The path as the repository has it; None for one outside of it."""
        if not posixpath.isabs(path):
            return posixpath.normpath(posixpath.join(self._folder, path))
        whole = posixpath.normpath(path)
        top = self._top.as_posix().rstrip("/")
        return whole.removeprefix(f"{top}/") if whole.startswith(f"{top}/") else None


class TargetFiles:
    """The files of the law for gates: as they stand in the target branch, below the folder of the policy."""

    def __init__(self, files: CommitFiles, folder: str) -> None:
        self._files = files
        self._prefix = f"{folder}/" if folder else ""
        self.used: set[str] = set()  #: paths of the repository that were read
        self._copies: dict[str, str] = {}
        self._lock = Lock()

    def glob(self, pattern: str) -> tuple[str, ...]:
        from deliverygate.judging.globs import expand, fault

        if said := fault(pattern):
            raise ReportError(said, mend="write it relative to the policy")
        names = expand(pattern, self._listing)
        if not names:
            raise ReportError(
                "no file of the target branch fits this pattern", where=self._files.label(pattern), mend="correct it"
            )
        return names

    @cached_property
    def _listing(self) -> TreeListing:
        from deliverygate.platforms.tree_listing import TreeListing

        return TreeListing(self._files.tree, self._prefix)

    def read(self, path: str) -> bytes:
        from deliverygate.platforms.local_git import in_repository

        inside = in_repository(path, self._prefix)
        self.used.add(inside)
        try:
            return self._files.tree.read(inside)
        except OSError as error:
            mend = "bring it there first, or correct its path in the policy"
            raise ReportError(f"cannot be read ({error.strerror})", where=self._files.label(path), mend=mend) from error

    def has(self, path: str) -> bool:
        from deliverygate.platforms.local_git import in_repository

        return self._files.tree.has(in_repository(path, self._prefix))

    def path(self, path: str) -> str:
        """A copy outside of the checkout, which nobody but this user may read or write."""
        data = self.read(path)
        with self._lock:
            if path not in self._copies:
                folder = tempfile.mkdtemp(prefix="deliverygate-")
                copy = Path(folder, posixpath.basename(posixpath.normpath(path)))
                copy.write_bytes(data)
                self._copies[path] = str(copy)
            return self._copies[path]

    def close(self) -> None:
        """Remove the copies."""
        for copy in self._copies.values():
            shutil.rmtree(posixpath.dirname(copy), ignore_errors=True)
        self._copies.clear()


def gate_files(files: LawFiles) -> Iterable[str]:
    """The paths of the repository's own gates."""
    return [f"{GATES}/{name}" for name in files.names(GATES) if name.endswith(".py") and not name.startswith("_")]


def files_of(opened: Opened) -> TargetFiles | None:
    """Where gates read what judges as the policy does; None: in the workspace."""
    if opened.target is None or not isinstance(opened.files, CommitFiles):
        return None
    return TargetFiles(opened.files, posixpath.dirname(opened.policy.source.path))


def base_text_of(opened: Opened) -> Callable[[str], str | None] | None:
    """What reads a file of the target branch for gates; None where the platform alone knows that branch."""
    if opened.target is None or opened.introduced:
        return None
    files, tree = opened.files, opened.target.tree

    def base_text(path: str) -> str | None:
        try:
            if path.startswith("/"):
                from deliverygate.platforms.local_git import in_repository

                inside = in_repository(path, "")
                return utf8(tree.read(inside)) if tree.has(inside) else None
            return utf8(files.read(path)) if files.has(path) else None
        except (OSError, NotTextError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ReportError(f"cannot be read ({why})", where=files.label(path), mend="save it as UTF-8") from error

    return base_text
