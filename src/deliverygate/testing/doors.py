"""Fakes that behave: a clock that moves when one sleeps, programs that answer from a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from deliverygate.errors import DeadlineExceeded, ToolError
from deliverygate.gate import Completed

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeClock:
    """Time that passes only in ``sleep``; twenty minutes take no time at all."""

    def __init__(self, *, start: datetime = START, timeout_seconds: float = 3600.0) -> None:
        self.start = start
        self.timeout_seconds = timeout_seconds
        self.passed_seconds = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed_seconds)

    def monotonic(self) -> float:
        return self.passed_seconds

    def remaining(self) -> float:
        left = self.timeout_seconds - self.passed_seconds
        if left <= 0:
            raise DeadlineExceeded(f"its time of {self.timeout_seconds:g} s is over")
        return left

    def sleep(self, seconds: float) -> None:
        self.passed_seconds += min(seconds, self.remaining())
        self.remaining()


class FakeShell:
    """Programs as a table: name to a function from the whole command to what it did."""

    def __init__(self, programs: Mapping[str, Callable[[tuple[str, ...]], Completed]], *, clock: FakeClock) -> None:
        self._programs = programs
        self._clock = clock
        self.ran: list[tuple[str, ...]] = []  #: every command, in order
        self.without: list[tuple[str, ...]] = []  #: for each, the variables that were kept from it

    def run(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
        without: Collection[str] = (),
    ) -> Completed:
        self.ran.append(tuple(command))
        self.without.append(tuple(sorted(without)))
        program = self._programs.get(command[0])
        if program is None:
            raise ToolError("no such program", where=command[0], mend="install it, or correct PATH")
        done = program(tuple(command))
        allowed = min(timeout_seconds or done.seconds, self._clock.remaining())
        self._clock.sleep(min(done.seconds, allowed))
        if done.seconds > allowed:
            raise DeadlineExceeded(f"killed after {allowed:g} s", where=command[0], mend="give it more time")
        return done
