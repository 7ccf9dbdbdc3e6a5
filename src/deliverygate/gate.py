"""The whole promise to gate authors: a gate is a settings type and one function that yields checks.

    class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
        path: str

    def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
        ...

    gate = Gate(name="licence", summary="Demand a licence file", settings=Settings, check=check)

Everything outside the gate is reached through ``GateContext``, so that a test can stand in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from logging import Logger, getLogger
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from deliverygate.change import ChangeRequest
from deliverygate.errors import ReportError
from deliverygate.model import CheckResult, GateResult, Rule, Scan
from deliverygate.workspace import Workspace

SettingsType = TypeVar("SettingsType", bound=msgspec.Struct)


def _nothing(_: Any) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Gate(Generic[SettingsType]):
    """One kind of gate, as an entry point of the group ``deliverygate.gates`` offers it."""

    name: str  #: as the policy writes it, e.g. "static-analysis"
    summary: str  #: one phrase in the imperative, e.g. "Fail on vulnerabilities at or above a severity"
    settings: type[SettingsType]
    check: Callable[[SettingsType, GateContext], Iterator[CheckResult]]
    rules: tuple[Rule, ...] = ()
    looks_at: Callable[[SettingsType], Iterable[str]] = _nothing  #: ids of gates whose results it reads: they run first


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


@dataclass(frozen=True)
class Completed:
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
    ) -> Completed:
        """Run a program in ``folder`` of the workspace, with ``environment`` added to ours.

        Raises ToolError when it is not there or cannot be started, DeadlineExceeded when it was killed because its
        time, or the gate's, was over. The whole process group is killed.
        """


@dataclass(frozen=True)
class Response:
    """A whole HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float  #: from the call to the last byte of the body
    url: str  #: the one that answered, after redirects
    truncated: bool = False  #: the body was longer than ``max_bytes`` and was cut


class Http(Protocol):
    """HTTP(S) requests with one total deadline."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        max_bytes: int = 1_048_576,
        follow_redirects: int = 0,
        verify: bool | str = True,
    ) -> Response:
        """Ask once. ``timeout_seconds`` bounds the whole of it, from name look-up to the last byte.

        Raises TransportError when no whole answer came.
        """


class ScanReader(Protocol):
    """How the runner reads, fingerprints and waives a report.

    ``load`` gives its bytes, so that nobody holds on to those of a big report while its findings are judged.
    """

    def __call__(self, load: Callable[[], bytes], *, path: str, format: str | None) -> Scan: ...  # noqa: A002


@dataclass(frozen=True)
class GateContext:
    """The doors of one running gate."""

    workspace: Workspace
    clock: Clock
    http: Http
    shell: Shell
    environ: Mapping[str, str]
    change: Callable[[], ChangeRequest]  #: looked up at the first call; raises when it cannot be known
    base_text: Callable[[str], str | None]  #: a file as the target branch has it; None when it has none
    read_scan: ScanReader
    results: Mapping[str, GateResult]  #: of the gates named by ``Gate.looks_at`` and ``needs``, by id
    progress: Callable[[str], None] = lambda _: None  #: tell whoever watches what is going on, one line
    redact: Callable[[str], str] = str  #: blots out every secret that the run knows
    log: Logger = field(default_factory=lambda: getLogger("deliverygate"))

    def scan(self, path: str, *, format: str | None = None) -> Scan:  # noqa: A002
        """Read a tool's report: recognised by content unless ``format`` names the reader; waivers are applied.

        Raises ReportError, with the path, when it is missing or no evidence.
        """
        return self.read_scan(lambda: self.workspace.read(path), path=path, format=format)

    def read_text(self, path: str) -> str:
        """A text file of the workspace. Raises ReportError when it is missing or not UTF-8."""
        try:
            return self.workspace.read(path).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ReportError(
                f"is not UTF-8 (byte {error.start})", where=path, mend="save the file as UTF-8"
            ) from error
