"""The working tree beside the commit: what differs from it, and how its files count lines.

Reports describe the working tree, with what filters, encodings and jobs made of the committed text.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.conversions import moment_of
from deliverygate.errors import ReportError
from deliverygate.platforms.counting import UNKNOWN, Lines, look_at
from deliverygate.platforms.git_command import Git, decode

LARGEST = 64 * 1024 * 1024  # bytes; of a bigger file the first ones must do
HEAD_BYTES = 512
ORDINARY = ("100644", "100755", "100664")  # modes; others are links and submodules
CONVERTERS = ("filter", "working-tree-encoding")  # attributes by which the two texts may have other lines
# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize [0-9]+\n")
UNSET = frozenset({b"unspecified", b"unset"})


class WorkingTree:
    """Names are relative to ``folder``, which is that of ``git.prefix``."""

    def __init__(self, git: Git, folder: Path) -> None:
        self._git = git
        self._folder = folder

    def edited(self) -> frozenset[str]:
        """Tracked files whose text, kind or mode is not that of HEAD."""
        listed = self._git.text(
            "diff", "--name-only", "-z", self._git.relative, "--no-renames", "--ignore-submodules=untracked",
            "HEAD", "--",
        )  # fmt: skip
        named = frozenset(filter(None, listed.split("\0")))
        return named - {path for path in self.converted(sorted(named)) if self._is_from_lfs(path)}

    def _is_from_lfs(self, path: str) -> bool:
        """Whether a file is the one that its pointer in HEAD names; git itself was not let to ask the filter."""
        pointer = _POINTER.fullmatch(self._content(f"HEAD:{self._git.prefix}{path}") or b"")
        data = self._read(path)
        return bool(pointer and data is not None and hashlib.sha256(data).hexdigest().encode() == pointer[1])

    def untracked(self) -> tuple[str, ...]:
        """Files that git neither tracks nor ignores; a repository inside of this one is named by its folder."""
        prefix = self._git.prefix
        below = ("--", prefix) if prefix else ()
        listed = self._git.text("ls-files", "--others", "--exclude-standard", "-z", *below)
        return tuple(sorted(name.removeprefix(prefix).removesuffix("/") for name in listed.split("\0") if name))

    def converted(self, paths: Iterable[str]) -> frozenset[str]:
        """Those of ``paths`` that git stores otherwise than tools see them."""
        prefix = self._git.prefix
        given = tuple(f"{prefix}{path}" for path in paths)
        if not given:
            return frozenset()
        found = set()
        for start in range(0, len(given), 500):  # arguments have a limit
            asked = self._git.output("check-attr", "-z", *CONVERTERS, "--", *given[start : start + 500])
            fields = asked.split(b"\0")
            for name, _, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
                if value not in UNSET:
                    found.add(decode(name).removeprefix(prefix))
        return frozenset(found)

    def written_at(self, path: str) -> datetime | None:
        """When the file was last written; None where there is none."""
        try:
            return moment_of((self._folder / path).lstat().st_mtime)
        except (OSError, ValueError):
            return None

    def look_at(self, path: str, blob: str, *, committed: bool = False) -> tuple[Lines, bool]:
        """What is known of the lines of a file, and whether the text of ``blob`` is what tools see.

        ``blob`` is the name of the committed content; only zeros where no commit has it. ``committed``: that is meant,
        whatever is in the working tree.
        """
        data = None if committed else self._read(path)
        if data is None:
            text = self._content(blob)
            return (look_at(text, path), True) if text is not None else (UNKNOWN, False)
        is_same = not blob.strip("0") or blob in _names(data, len(blob))
        return look_at(data, path), is_same

    def _read(self, path: str) -> bytes | None:
        """The bytes of an ordinary file, of a very big one the first; None where there is none."""
        whole = self._folder / path
        try:
            status = whole.lstat()
            if not stat.S_ISREG(status.st_mode):
                return None
            with open(whole, "rb", opener=_without_links) as file:
                data = file.read(LARGEST + 1)
        except (OSError, ValueError):
            return None
        return data if len(data) <= LARGEST else data[:HEAD_BYTES] + b"\0"

    def _content(self, blob: str) -> bytes | None:
        """What the commit has; None where it is no file or cannot be read."""
        if not blob.strip("0"):
            return None
        try:
            return self._git.output("cat-file", "blob", blob)
        except ReportError:
            return None


def settle(file: ChangedFile, *, mode: str, lines: Lines, is_same: bool) -> ChangedFile:
    """The file with lines that every tool counts like git, or with None in their place.

    ``mode`` is the one that git gives it; ``lines`` and ``is_same`` are what ``WorkingTree.look_at`` tells.
    """
    if file.status == "deleted" or file.lines == ():
        return file
    told = sum(last - first + 1 for first, last in file.lines or ())
    if mode not in ORDINARY:  # findings stand in what it leads to
        return replace(file, lines=None, added=told)
    if lines.plain and is_same and file.lines is not None:
        return file
    if lines.total is None:
        return replace(file, lines=None, added=None)
    return replace(file, lines=None, added=told + lines.odd if is_same and (lines.odd or lines.plain) else lines.total)


def beside(tree: WorkingTree, differing: Iterable[str], *, is_local: bool) -> Iterator[ChangedFile]:
    """What only the working tree has so: all of its lines may be new. In CI a job has made it, otherwise somebody."""
    for path in differing:
        yield ChangedFile(path=path, added=0, in_change=is_local, edited_at=tree.written_at(path))
    for path in tree.untracked():
        yield ChangedFile(
            path=path,
            status="added",
            added=0,
            in_change=is_local,
            is_tracked=False,
            edited_at=tree.written_at(path),
        )


def _names(data: bytes, length: int) -> frozenset[str]:
    """What git would call this content, also with the ends of lines that it stores."""
    kind = hashlib.sha256 if length == 64 else hashlib.sha1
    texts = {data, data.replace(b"\r\n", b"\n")}
    return frozenset(kind(b"blob %d\0" % len(text) + text).hexdigest() for text in texts)


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
