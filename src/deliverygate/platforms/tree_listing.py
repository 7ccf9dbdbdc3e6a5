"""The folders of one commit, for patterns: what stands in each, with links to folders as in the checkout."""

from __future__ import annotations

import posixpath
from contextlib import suppress

from deliverygate.judging.globs import Kind
from deliverygate.platforms.git_tree import LINK, LINKS, SUBMODULE, GitTree


class TreeListing:
    """The folders below ``prefix`` ("" or one that ends in a slash), called as ``judging.globs.Listing`` says."""

    def __init__(self, tree: GitTree, prefix: str = "") -> None:
        self._folders: dict[str, dict[str, Kind]] = {"": {}}
        self._links: dict[str, str] = {}  # a link's path to where it leads
        for entry in tree.all_entries():
            if entry.path.startswith(prefix):
                path = entry.path.removeprefix(prefix)
                self._add(path, "folder" if entry.mode == SUBMODULE else "file")
                if entry.mode == LINK:
                    with suppress(OSError):
                        self._links[path] = posixpath.relpath(tree.target(entry), prefix or ".")
        for path in self._links:
            if self._real(path) in self._folders:
                above, name = _split(path)
                self._folders[above][name] = "link"

    def __call__(self, folder: str) -> tuple[tuple[str, Kind], ...]:
        """What is in a folder, links on the way to it followed."""
        real = self._real(folder.rstrip("/"))
        return tuple(self._folders.get(real, {}).items()) if real is not None else ()

    def _add(self, path: str, kind: Kind) -> None:
        while True:
            above, name = _split(path)
            self._folders.setdefault(above, {})[name] = kind
            if not above:
                return
            path, kind = above, "folder"

    def _real(self, path: str) -> str | None:
        """Where a path leads; None for a circle, and for what lies outside."""
        for _ in range(LINKS):
            link = next((each for each in _prefixes(path) if each in self._links), None)
            if link is None:
                return path
            rest = path.removeprefix(link).lstrip("/")
            path = posixpath.normpath(posixpath.join(self._links[link], rest))
            if path.startswith(("/", "..")):
                return None
            path = "" if path == "." else path
        return None


def _split(path: str) -> tuple[str, str]:
    above, _, name = path.rpartition("/")
    return above, name


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
