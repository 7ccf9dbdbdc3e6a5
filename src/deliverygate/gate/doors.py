"""The doors within the machine: time, programs, reports of tools. Each is promised to gate authors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from deliverygate.model import Scan


class Clock(Protocol):
    """Time, bounded by the gate's deadline."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump, from any start."""

    def sleep(self, seconds: float) -> None:
        """Wait. Raises DeadlineExceeded or Interrupted at once when the gate's time is over or the run is stopped."""

    def remaining(self) -> float:
        """Seconds until the gate's deadline. Raises like ``sleep`` when there are none left."""


class Completed(msgspec.Struct, frozen=True):
    """A program that ran to its end."""

    status: int  #: exit status; negative: ended by that signal
    stdout: bytes
    stderr: bytes
    seconds: float


class Shell(Protocol):
    """Programs, never through a shell."""

    def run(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
        without: Collection[str] = (),
    ) -> Completed:
        """Run a program in ``folder`` of the workspace, with ``environment`` added to ours, and ``without`` taken out.

        Raises ToolError when it is not there or cannot be started, DeadlineExceeded when it was killed because its
        time, or the gate's, was over. The whole process group is killed.
        """


class Files(Protocol):
    """Files by paths relative to the policy's folder."""

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The files that a pattern (``*``, ``?``, ``[...]``, ``**``) names, sorted. Raises ReportError for none."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises ReportError when it is missing or lies outside."""

    def has(self, path: str) -> bool:
        """Whether there is such a file."""

    def path(self, path: str) -> str:
        """Where a program or a library finds these bytes on the disk. Raises ReportError as ``read`` does."""


class ScanReader(Protocol):
    """How the runner reads, fingerprints and waives a report.

    ``load`` gives its bytes, so that nobody holds on to those of a big report while its findings are judged. ``root``
    is the folder in which its tool ran and ``source_roots`` those that covered files lie below, as the policy says.
    """

    def __call__(
        self,
        load: Callable[[], bytes],
        *,
        path: str,
        format: str | None,  # noqa: A002
        root: str | None = None,
        source_roots: tuple[str, ...] = (),
    ) -> Scan: ...


class FreshnessDoor(Protocol):
    """Whether a file of the workspace was made by this run, as far as the gate's policy wants to know."""

    def __call__(self, path: str, scan: Scan | None = None) -> None:
        """Raise ReportError for one that git tracks or that is too old; with ``scan`` its own date counts as well."""
