"""One exchange with a server: how long it may take, how far it has come, and where its time went."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Protocol

from deliverygate.errors import TransportError
from deliverygate.gate import Phases

TICK_SECONDS = 0.05  #: how soon a stop of the run is noticed

#: phase to the fault of still being in it when the time is over
TIME_FAULTS = {
    "look-up": ("dns_timeout", "the name was not looked up"),
    "connect": ("connect_timeout", "no connection"),
    "tls": ("connect_timeout", "no TLS connection"),
    "answer": ("read_timeout", "no answer"),
    "body": ("read_timeout", "the answer did not end"),
}
CONNECTING = frozenset({"look-up", "connect", "tls"})


class HasDescriptor(Protocol):
    """A socket, or what stands for one."""

    def fileno(self) -> int: ...


class Line:
    """The clock of one exchange. ``alive`` is called now and then; it raises when the exchange is to stop.

    Sockets on it never block: a socket's own timeout begins anew with each byte, so a server that sends one byte a
    second would never be too slow.
    """

    def __init__(
        self, timeout_seconds: float, alive: Callable[[], object] = bool, *, connect_seconds: float | None = None
    ) -> None:
        self.timeout_seconds = timeout_seconds
        self._connect_seconds = timeout_seconds if connect_seconds is None else connect_seconds
        self.phase = "connect"  #: one of ``TIME_FAULTS``
        self.address = ""  #: the IP address that was connected to
        self.started = time.monotonic()
        self._entered: float | None = None  # when ``phase`` was entered; None: none was yet
        self._until = self.started + timeout_seconds
        self._connected_by = self.started + self._connect_seconds
        self._alive = alive
        self._asked_alive = self.started
        self._spent: dict[str, float] = {}

    def enter(self, phase: str) -> None:
        """Go on to the next phase."""
        self.leave()
        self._entered = time.monotonic()
        if phase in CONNECTING and self.phase not in CONNECTING:  # to the next server, after a redirect
            self._connected_by = self._entered + self._connect_seconds
        self.phase = phase

    def leave(self) -> None:
        """Note the time that the phase took, for ``phases``."""
        if self._entered is None:
            return
        self._spent[self.phase] = self._spent.get(self.phase, 0.0) + time.monotonic() - self._entered
        self._entered = None

    @property
    def phases(self) -> Phases:
        """Where the time went, up to the last ``leave``."""
        spent = self._spent.get
        return Phases(spent("look-up"), spent("connect"), spent("tls"), spent("answer"), spent("body"))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds that remain. Raises TransportError when there are none."""
        until = min(self._until, self._connected_by) if self.phase in CONNECTING else self._until
        left = until - time.monotonic()
        if left <= 0:
            raise self.overdue()
        return left

    def check(self) -> float:
        """Seconds that remain. Raises when there are none, or when the exchange is to stop.

        It bounds work and not only waiting: whoever reads from a server that always has more to say never waits.
        """
        now = time.monotonic()
        if now - self._asked_alive >= TICK_SECONDS:
            self._asked_alive = now
            self._alive()
        return self.left()

    def overdue(self) -> TransportError:
        """The fault of an exchange whose time is over, told by how far it had come."""
        kind, what = TIME_FAULTS[self.phase]
        limit = self.timeout_seconds
        if self.phase in CONNECTING:
            limit = min(limit, self._connect_seconds)
        return TransportError(f"{what} in {limit:g} s", kind=kind)

    def wait(self, connection: HasDescriptor, event: int, *, until: float | None = None) -> None:
        """Until ``connection`` is ready to be read (POLLIN) or written (POLLOUT).

        ``until`` is a moment of the monotonic clock that ends the wait with TimeoutError.
        """
        poll = select.poll()
        poll.register(connection, event)
        while True:
            wait = min(self.check(), TICK_SECONDS)
            if until is not None:
                wait = min(wait, until - time.monotonic())
                if wait <= 0:
                    raise TimeoutError
            if poll.poll(wait * 1000):
                return

    def tick(self) -> float:
        """How long to wait before ``tick`` is asked again, for what is no socket."""
        self._alive()
        return min(self.left(), TICK_SECONDS)
