"""Programs, run through plumbum: arguments and a deadline in, status and output out. No shell reads the command."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import time
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deliverygate.errors import DeadlineExceeded, Interrupted, ReportError, ToolError
from deliverygate.gate import Clock, Completed
from deliverygate.workspace import Workspace

if TYPE_CHECKING:
    from io import BufferedReader

MAX_BYTES = 64 * 1024 * 1024  #: of stdout and stderr together; the report of a scanner may be large
TICK_SECONDS = 0.05  #: how soon a stop of the run is noticed
FORKS = "install it outside of the checkout; see docs/security.md#forks"
LINGER_SECONDS = 1.0  #: how long a program's children may go on writing after it has ended


class SystemShell:
    """Runs programs in a session of their own, so that all they start can be ended together."""

    def __init__(
        self,
        clock: Clock,
        *,
        root: Path,
        environ: Mapping[str, str],
        kill_after_seconds: float = 5.0,
        max_bytes: int = MAX_BYTES,
        foreign: Path | None = None,
    ) -> None:
        """``foreign`` is a folder of somebody we do not trust: no program below it is started."""
        self._clock = clock
        self._workspace = Workspace(root)
        self._environ = environ
        self._kill_after_seconds = kill_after_seconds
        self._max_bytes = max_bytes
        self._foreign = foreign.resolve() if foreign else None

    def run(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
        without: Collection[str] = (),
    ) -> Completed:
        """Run a program to its end; whatever is left of its process group then is killed.

        It reads nothing: stdin is empty. See ``gate.Shell`` for the rest of the promise.
        """
        self._clock.remaining()
        kept = {name: value for name, value in self._environ.items() if name not in without}
        variables = {**kept, **(environment or {})}
        place = self._look_up(folder)
        program = find_program(command, place, variables.get("PATH", os.defpath))
        if self._foreign and program.resolve().is_relative_to(self._foreign):
            raise ToolError("lies in the checkout of a fork and was not started", where=command[0], mend=FORKS)
        started = self._clock.monotonic()
        process = _start(program, command, place, variables)
        output = _Output(process, self._max_bytes, name=command[0])
        try:
            self._wait(process, output, started + (timeout_seconds or inf))
            self._drain(process, output, LINGER_SECONDS)
        except DeadlineExceeded as error:
            self._end(process, output)
            what = f"killed after {self._clock.monotonic() - started:.1f} s"
            mend = error.mend or f"it was given {timeout_seconds:g} s: give it more time, or find what hangs"
            raise DeadlineExceeded(what, where=command[0], mend=mend, output=output.whole) from error
        except Interrupted:
            self._end(process, output)
            raise
        finally:
            _signal(process, signal.SIGKILL)
            status = process.wait()
            output.close()
        return Completed(status, output.stdout, output.stderr, self._clock.monotonic() - started)

    def _look_up(self, folder: str) -> Path:
        try:
            place = self._workspace.resolve(folder)
        except ReportError as error:
            raise ToolError(f"folder {error.what}", where=folder, mend="name a folder of the workspace") from error
        if not place.is_dir():
            raise ToolError("no such folder", where=folder, mend="name a folder of the workspace")
        return place

    def _wait(self, process: Any, output: _Output, until: float) -> None:
        while process.poll() is None:
            left = min(self._clock.remaining(), until - self._clock.monotonic())
            if left <= 0:
                raise DeadlineExceeded("its own time is over")
            output.read(min(left, TICK_SECONDS), idle=self._clock.sleep)

    def _drain(self, process: Any, output: _Output, seconds: float) -> None:
        """Read on until the program has ended and every pipe is closed, or ``seconds`` are over."""
        until = self._clock.monotonic() + seconds
        while (output.is_open or process.poll() is None) and (left := until - self._clock.monotonic()) > 0:
            output.read(min(left, TICK_SECONDS), idle=time.sleep)

    def _end(self, process: Any, output: _Output) -> None:
        """Ask the whole group to end, and listen to its last words."""
        _signal(process, signal.SIGTERM)
        try:
            self._drain(process, output, self._kill_after_seconds)
        except ToolError:  # too many last words; that it was killed matters more
            pass


def find_program(command: Sequence[str], folder: Path, path: str) -> Path:
    """The file to run: looked up in ``path`` (PATH), or below ``folder`` when its name holds a slash.

    Raises ToolError when it is not there or cannot be run.
    """
    if not command or not command[0]:
        raise ToolError("the command is empty", mend="name a program and its arguments")
    if any("\0" in argument for argument in command):
        raise ToolError("an argument holds a NUL character", where=command[0].split("\0")[0], mend="remove it")
    if "/" not in command[0]:
        found = shutil.which(command[0], path=path)
        if found is None:
            raise ToolError("no such program in PATH", where=command[0], mend="install it, or correct PATH")
        return Path(found).absolute()
    file = folder / command[0]
    if not file.is_file():
        raise ToolError("no such program", where=command[0], mend=f"write its path as seen from {folder}")
    if not os.access(file, os.X_OK):
        raise ToolError("is not executable", where=command[0], mend=f"chmod +x {command[0]}")
    return file


def _start(program: Path, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> Any:
    """A plumbum process, first of a new session and process group."""
    arguments = [str(argument) for argument in command[1:]]
    try:
        with Path(os.devnull).open("rb") as nothing:
            return _command_type()(str(program)).popen(
                arguments, cwd=str(folder), env=dict(variables), stdin=nothing, start_new_session=True
            )
    except (OSError, ValueError) as error:  # no permission, no `#!` line, a NUL in the environment
        reason = getattr(error, "strerror", None) or str(error)
        raise ToolError(
            f"cannot be started ({reason})", where=command[0], mend="check that it is a program for this machine"
        ) from error


@cache
def _command_type() -> Any:
    """plumbum's command, whose machine adds no environment of its own to the one that is given."""
    from plumbum.machines.local import LocalCommand, LocalMachine

    class BareMachine(LocalMachine):
        env = None  # type: ignore[assignment]

    class BareCommand(LocalCommand):
        machine = BareMachine()

    return BareCommand


def _signal(process: Any, number: int) -> None:
    """Signal the group. Its number stays taken as long as a member lives, also when the first one has ended."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # nobody left; macOS says "not permitted" of a zombie
        pass


class _Output:
    """What a program writes, read as it comes so that it never waits for us."""

    def __init__(self, process: Any, max_bytes: int, *, name: str) -> None:
        self._pipes: tuple[BufferedReader, ...] = (process.stdout, process.stderr)
        self._collected = {pipe.fileno(): bytearray() for pipe in self._pipes}
        self._out, self._err = self._collected.values()
        self._max_bytes = max_bytes
        self._name = name
        self._selector = selectors.DefaultSelector()
        for number in self._collected:
            self._selector.register(number, selectors.EVENT_READ)

    @property
    def stdout(self) -> bytes:
        return bytes(self._out)

    @property
    def stderr(self) -> bytes:
        return bytes(self._err)

    @property
    def whole(self) -> bytes:
        return self.stdout + self.stderr

    @property
    def is_open(self) -> bool:
        return bool(self._selector.get_map())

    def read(self, seconds: float, *, idle: Any) -> None:
        """Take what comes within ``seconds``; a program that closed its output is waited for in small steps."""
        if not self.is_open:
            idle(min(seconds, 0.005))
            return
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, 65_536)
            self._collected[key.fd] += data
            if not data:
                self._selector.unregister(key.fd)
        if len(self._out) + len(self._err) > self._max_bytes:
            raise ToolError(
                f"wrote more than {self._max_bytes / 1024**2:.3g} MiB and was killed",
                where=self._name,
                mend="let it write its report to a file",
            )

    def close(self) -> None:
        self._selector.close()
        for pipe in self._pipes:
            pipe.close()
