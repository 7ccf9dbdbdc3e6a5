"""Fakes that behave: a clock that moves when one sleeps, a server and programs that answer from a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from deliverygate.errors import DeadlineExceeded, ToolError, TransportError
from deliverygate.gate import Completed, Response

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


class FakeHttp:
    """A web server as a table: URL to a response, to an error, or to a list of them that is answered in turn.

    The last answer of a list stays. A URL that is not in the table refuses the connection.
    """

    def __init__(self, answers: Mapping[str, object], *, clock: FakeClock | None = None) -> None:
        self._answers = {url: list(given) if isinstance(given, list) else [given] for url, given in answers.items()}
        self._clock = clock
        self.asked: list[tuple[str, str]] = []  #: (method, url) of every request, in order

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
        self.asked.append((method, url))
        given = self._answers.get(url)
        if not given:
            raise TransportError("connection refused", kind="connect_refused", where=url)
        answer = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, Response):
            raise TypeError(f"{url}: the table holds {answer!r}, wanted a Response or an error")
        seconds = min(answer.seconds, timeout_seconds)
        if self._clock:
            self._clock.sleep(seconds)
        if answer.seconds > timeout_seconds:
            raise TransportError(f"no whole answer in {timeout_seconds:g} s", kind="read_timeout", where=url)
        return Response(
            status=answer.status,
            headers=answer.headers,
            body=answer.body[:max_bytes],
            seconds=answer.seconds,
            url=answer.url,
            truncated=len(answer.body) > max_bytes,
        )


class FakeShell:
    """Programs as a table: name to a function from the whole command to what it did."""

    def __init__(self, programs: Mapping[str, Callable[[tuple[str, ...]], Completed]], *, clock: FakeClock) -> None:
        self._programs = programs
        self._clock = clock
        self.ran: list[tuple[str, ...]] = []  #: every command, in order

    def run(
        self,
        command: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = ".",
    ) -> Completed:
        self.ran.append(tuple(command))
        program = self._programs.get(command[0])
        if program is None:
            raise ToolError("no such program", where=command[0], mend="install it, or correct PATH")
        done = program(tuple(command))
        allowed = min(timeout_seconds or done.seconds, self._clock.remaining())
        self._clock.sleep(min(done.seconds, allowed))
        if done.seconds > allowed:
            raise DeadlineExceeded(f"killed after {allowed:g} s", where=command[0], mend="give it more time")
        return done
