"""The files of one commit, out of git's own store: nothing is checked out, and no filter or attribute is asked."""

from __future__ import annotations

import errno
import posixpath
from typing import NamedTuple

from deliverygate.conversions import whole
from deliverygate.platforms.git_command import Git

LARGEST = 48 * 1024 * 1024  # bytes; a program's output is held in memory, and a law is written by people
LINKS = 10  # one after the other
FILES = ("100644", "100755", "100664")  # modes; the last one is of very old commits
LINK = "120000"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """What a tree has under a path."""

    path: str
    mode: str
    object: str
    size: int


class GitTree:
    """Paths are those of the repository, POSIX. ``name`` is what people call the commit, e.g. ``main``."""

    def __init__(self, git: Git, commit: str, *, name: str) -> None:
        self.commit = commit
        self.name = name
        self._git = git

    def entries(self, *paths: str) -> dict[str, Entry]:
        """Those of ``paths`` that are there; a path that ends in a slash stands for what is in that folder."""
        listed = self._git.text("ls-tree", "-z", "-l", "--full-tree", self.commit, "--", *paths)
        return {entry.path: entry for entry in map(_entry, filter(None, listed.split("\0")))}

    def paths(self) -> tuple[str, ...]:
        """All that it has, in all folders."""
        listed = self._git.text("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.commit)
        return tuple(filter(None, listed.split("\0")))

    def all_entries(self) -> tuple[Entry, ...]:
        """Every file, link and submodule that it has, in all folders."""
        listed = self._git.text("ls-tree", "-r", "-z", "-l", "--full-tree", self.commit)
        return tuple(map(_entry, filter(None, listed.split("\0"))))

    def find(self, path: str) -> Entry | None:
        """The file under a path, links followed inside the tree; None for none. Raises OSError for a bad link."""
        for _ in range(LINKS):
            if not path or path.startswith(("/", "../")) or path == ".." or "\0" in path:
                raise OSError(errno.EINVAL, "it lies outside of the repository")
            entry = self.entries(path).get(path) or self._link_above(path)
            if entry is None or entry.mode in FILES:
                return entry
            if entry.mode != LINK:
                raise OSError(errno.EISDIR, "it is no file")
            rest = path.removeprefix(entry.path).lstrip("/")
            path = posixpath.normpath(posixpath.join(self.target(entry), rest))
        raise OSError(errno.ELOOP, "it is a link to a link without end")

    def target(self, link: Entry) -> str:
        """Where a link leads, as a path of the repository. Raises OSError."""
        written = self.content(link).decode("utf-8", errors="surrogateescape")
        return posixpath.normpath(posixpath.join(posixpath.dirname(link.path), written))

    def _link_above(self, path: str) -> Entry | None:
        """The first folder on the way to a path that is a link."""
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        found = self.entries(*above) if above else {}
        return next((found[each] for each in above if each in found and found[each].mode == LINK), None)

    def has(self, path: str) -> bool:
        """Whether there is a file; a link that leads nowhere good is one, so that its reader complains."""
        try:
            return self.find(path) is not None
        except OSError:
            return True

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError, as opening one does."""
        entry = self.find(path)
        if entry is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return self.content(entry)

    def content(self, entry: Entry) -> bytes:
        """The bytes of an entry; of a link, where it leads. Raises OSError."""
        if entry.size > LARGEST:
            raise OSError(errno.EFBIG, f"it is bigger than {LARGEST // 1024**2} MiB")
        return self._git.output("cat-file", "blob", entry.object)


def _entry(line: str) -> Entry:
    about, _, path = line.partition("\t")
    mode, _, name, size = about.split()
    return Entry(path, mode, name, whole(size) or 0)
