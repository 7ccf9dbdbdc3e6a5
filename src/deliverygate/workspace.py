"""The checked-out repository as the gates see it: files are read inside it, never outside, and each is written down."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from deliverygate.errors import ReportError
from deliverygate.model import Input

LARGEST_SOURCE = 2_000_000  # bytes; what is bigger was written by a program, on few and endless lines


@dataclass(frozen=True)
class Workspace:
    """A folder; ``inputs`` tells which of its files were read, in the order of their names."""

    root: Path
    _read: dict[str, str] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file read so far, with the SHA-256 of what was read."""
        with self._lock:
            return tuple(Input(path, digest) for path, digest in sorted(self._read.items()))

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
            data = whole.read_bytes()
        except FileNotFoundError as error:
            raise ReportError(
                "no such file", where=path, mend="check the path, and that the job that writes it ran before this one"
            ) from error
        except OSError as error:
            raise ReportError(f"cannot be read ({error.strerror})", where=path, mend="name a readable file") from error
        with self._lock:
            self._read[self.relative(whole)] = hashlib.sha256(data).hexdigest()
        return data

    def has(self, path: str) -> bool:
        """Whether there is a file of this name inside the workspace."""
        try:
            return self.resolve(path).is_file()
        except (ReportError, OSError):
            return False

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
        return None if b"\0" in data[:8192] else data.decode("utf-8", errors="replace")

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The files that a pattern (``*``, ``?``, ``[...]``, ``**``) names, sorted. Raises ReportError for none."""
        if not pattern.strip() or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise ReportError(
                f"{pattern!r} is not a pattern inside the workspace",
                mend="write it relative to the policy, without a leading / and without ..",
            )
        found = sorted(self.relative(path) for path in self.root.resolve().glob(pattern) if path.is_file())
        if not found:
            raise ReportError(
                "no file matches this pattern", where=pattern, mend="check it, and that the reports were written before"
            )
        return tuple(found)

    def relative(self, path: Path) -> str:
        """``path`` as it is shown to people: below the root, POSIX."""
        root = self.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
