"""The checked-out repository as the gates see it: files are read inside it, never outside, and each is written down."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, BinaryIO

from deliverygate.conversions import moment_of, readable
from deliverygate.errors import ReportError
from deliverygate.model import Input

if TYPE_CHECKING:
    from deliverygate.judging.globs import Kind

LARGEST_FILE = 1024**3  # bytes; what is bigger is no report, and reading it would end the run for want of memory
BIG_FILE = 1_000_000  # bytes; to hash more than that takes longer than to start a thread
CHUNK = 1_048_576  # of a pipe, whose length nobody knows
MOST_FILES = 200_000  # of a folder that is no checkout of git
LARGEST_SOURCE = 2_000_000  # bytes; what is bigger was written by a program, on few and endless lines


def read_file(path: Path, *, or_pipe: bool = False) -> bytes:
    """The bytes of an ordinary file. Raises OSError, also for what is none: a pipe or a device may never end.

    With ``or_pipe`` those are read too, as a shell's ``<(...)`` is one.
    """
    with open(path, "rb", opener=None if or_pipe else _open_at_once) as file:
        status = os.fstat(file.fileno())
        if not or_pipe and not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        if status.st_size > LARGEST_FILE:
            raise _too_big()
        return read_bounded(file)


def read_bounded(file: BinaryIO) -> bytes:
    """All that comes out of a file or a pipe. Raises OSError as soon as it is too much."""
    expected = _size_of(file)  # asked for at once; asking for the limit would reserve a gigabyte for every file
    parts = [file.read(expected + 1)]
    total = len(parts[0])
    while len(parts[-1]) > (expected if len(parts) == 1 else 0) and total <= LARGEST_FILE:
        parts.append(file.read(CHUNK))
        total += len(parts[-1])
    if total > LARGEST_FILE:
        raise _too_big()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _size_of(file: BinaryIO) -> int:
    """What the file system says; 0 for a pipe, and for what has no number of its own."""
    try:
        return min(os.fstat(file.fileno()).st_size, LARGEST_FILE)
    except (OSError, ValueError):
        return 0


def _too_big() -> OSError:
    return OSError(errno.EFBIG, f"it is bigger than {LARGEST_FILE / 1024**3:g} GiB")


def _open_at_once(path: str, flags: int) -> int:
    """Without waiting for somebody to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


class Digest:
    """The SHA-256 of a file's bytes. That of a big one is made while its reader is at work: hashing holds no lock."""

    def __init__(self, data: bytes) -> None:
        self._thread: Thread | None = None
        self._value = ""
        if len(data) > BIG_FILE:
            self._thread = _start(self._make, data)
        if not self._thread:
            self._make(data)

    def _make(self, data: bytes) -> None:
        self._value = hashlib.sha256(data).hexdigest()

    def __str__(self) -> str:
        """In hexadecimal; waits until it is made."""
        if self._thread:
            self._thread.join()
        return self._value


def _start(work: Callable[[bytes], None], data: bytes) -> Thread | None:
    thread = Thread(target=work, args=(data,), name="sha256", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # the system gives us no further thread
        return None
    return thread


def _listing(root: Path, folder: str) -> list[tuple[str, Kind]]:
    """What is in a folder, for patterns; git's own is no part of what is checked out."""
    try:
        with os.scandir(root / folder) as entries:
            return [(each.name, _kind(each, root)) for each in entries if each.name != ".git"]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _kind(entry: os.DirEntry[str], root: Path) -> Kind:
    if not entry.is_symlink():
        return "folder" if entry.is_dir() else "file"
    try:
        leads = Path(entry.path).resolve()
        return "link" if leads.is_dir() and leads.is_relative_to(root) else "file"
    except (OSError, RuntimeError):  # a link to a link without end
        return "file"


@dataclass(frozen=True)
class Workspace:
    """A folder; ``inputs`` tells which of its files were read, in the order of their names."""

    root: Path
    _read: dict[str, Digest] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file read so far, with the SHA-256 of what was read."""
        with self._lock:
            return tuple(Input(path, str(digest)) for path, digest in sorted(self._read.items()))

    def resolve(self, path: str) -> Path:
        """The absolute path. Raises ReportError when it, or what it links to, lies outside it."""
        root = self.root.resolve()
        try:
            whole = (root / path).resolve()
        except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a NUL in the name
            raise ReportError(f"cannot be looked up ({error})", where=path, mend="check the path") from error
        if not whole.is_relative_to(root):
            raise ReportError(
                "lies outside the workspace and was not opened", where=path, mend=f"copy the file below {root}"
            )
        return whole

    def read(self, path: str) -> bytes:
        """The bytes of a file, written down as an input of the verdict. Raises ReportError when it cannot."""
        whole = self.resolve(path)
        try:
            data = read_file(whole)
        except FileNotFoundError as error:
            raise ReportError(
                "no such file", where=path, mend="check the path, and that the job that writes it ran before this one"
            ) from error
        except OSError as error:
            raise ReportError(f"cannot be read ({error.strerror})", where=path, mend="name a readable file") from error
        with self._lock:
            self._read[self.relative(whole)] = Digest(data)
        return data

    def written_at(self, path: str) -> datetime | None:
        """When a file was last written; None where there is none inside."""
        try:
            return moment_of(self.resolve(path).stat().st_mtime)
        except (ReportError, OSError, ValueError):
            return None

    def path(self, path: str) -> str:
        """Where the file lies, for a program or a library that opens it itself; noted as an input as ``read`` does."""
        self.read(path)
        return str(self.resolve(path))

    def has(self, path: str) -> bool:
        """Whether there is a file of this name inside the workspace."""
        try:
            return self.resolve(path).is_file()
        except (ReportError, OSError):
            return False

    def real(self, path: str) -> str | None:
        """The path of a file inside without links on the way; None where there is no such file inside."""
        # Asked once for each file of a report, which may be many: plain text is several times as fast as Path.
        root = self._real_root
        whole = os.path.join(root, path)  # noqa: PTH118
        if not whole.startswith((f"{root}/", f"{self.root}/")):
            return None
        try:
            if not os.path.isfile(whole):  # noqa: PTH113
                return None
            found = os.path.realpath(whole, strict=True)
        except (OSError, ValueError):  # a name that no file system takes, a loop of links
            return None
        return found.removeprefix(f"{root}/") if found.startswith(f"{root}/") else None

    @cached_property
    def _real_root(self) -> str:
        return str(self.root.resolve()).rstrip("/")

    def walk(self) -> tuple[frozenset[str], dict[str, str]]:
        """All files inside but those of git itself, and the symbolic links with what they hold; links are not followed.

        Raises ReportError where there are too many to look at.
        """
        files: set[str] = set()
        links: dict[str, str] = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [each for each in folders if each != ".git"]
            for name in (*names, *folders):
                path = Path(folder, name)
                inside = path.relative_to(self.root).as_posix()
                if path.is_symlink():
                    links[inside] = str(path.readlink())
                elif name in names:
                    files.add(inside)
            if len(files) > MOST_FILES:
                raise ReportError(f"holds more than {MOST_FILES} files", where=".", mend="run in a checkout of git")
        return frozenset(files), links

    def peek(self, path: str) -> str | None:
        """The text of a source file, for a look at what stands around a finding.

        None for one that is not inside, not there, too big, or no text. It is not written down: the commit names it.
        """
        try:
            whole = self.resolve(path)
            if not whole.is_file() or whole.stat().st_size > LARGEST_SOURCE:
                return None
            data = whole.read_bytes()
        except (ReportError, OSError):
            return None
        return None if b"\0" in data[:8192] else readable(data)

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The files that a pattern (``*``, ``?``, ``[...]``, ``**``) names, sorted. Raises ReportError for none."""
        if not pattern.strip() or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise ReportError(
                f"{pattern!r} is not a pattern inside the workspace",
                mend="write it relative to the policy, without a leading / and without ..",
            )
        from deliverygate.judging import globs

        if said := globs.fault(pattern):
            raise ReportError(said, mend="correct the pattern")
        root = self.root.resolve()
        try:
            found = globs.expand(pattern, lambda folder: _listing(root, folder))
        except (OSError, ValueError) as error:  # a folder that may not be looked into
            why = getattr(error, "strerror", None) or str(error).removesuffix(".")
            raise ReportError(f"cannot be looked for ({why})", where=pattern, mend="correct the pattern") from error
        if not found:
            raise ReportError(
                "no file matches this pattern", where=pattern, mend="check it, and that the reports were written before"
            )
        return found

    def is_of_checkout(self, path: str) -> bool:
        """Whether a path lies in the working tree that the workspace is a part of; a link counts by where it leads."""
        root = self.root.resolve()
        top = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
        return (root / path).resolve().is_relative_to(top) or Path(os.path.normpath(root / path)).is_relative_to(top)

    def relative(self, path: Path) -> str:
        """``path`` as it is shown to people: below the root, POSIX."""
        root = self.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
