"""The real clock of one gate: it ends with the gate's deadline, and wakes when the run is told to stop."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event

from deliverygate.errors import DeadlineExceeded, Interrupted
from deliverygate.model import Duration


class SystemClock:
    """Time until ``deadline`` (a ``time.monotonic`` value).

    When ``stop`` is set, the next call raises Interrupted, once; from then on ``grace_seconds`` are left to clean up.
    """

    def __init__(self, *, timeout_seconds: float, stop: Event | None = None, grace_seconds: float = 30.0) -> None:
        self.timeout_seconds = timeout_seconds
        self._deadline = time.monotonic() + timeout_seconds
        self._stop = stop or Event()
        self._grace_seconds = grace_seconds
        self._told = False

    def renew(self, timeout_seconds: float, *, stop: Event | None = None) -> None:
        """Begin anew, for a further piece of work by those who hold this clock; ``stop`` takes the old one's place."""
        self.timeout_seconds = timeout_seconds
        self._deadline = time.monotonic() + timeout_seconds
        if stop is not None:
            self._stop = stop
            self._told = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether the run was told to stop and this gate has not been told yet."""
        return self._stop.is_set() and not self._told

    def remaining(self) -> float:
        if self.stopping:
            self._told = True
            self._deadline = time.monotonic() + self._grace_seconds
            raise Interrupted("the run was told to stop", mend="run the stage again")
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                f"its time of {Duration(self.timeout_seconds)} is over", mend="raise `timeout:`, or find what hangs"
            )
        return left

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            step = min(rest, self.remaining())
            if self._told:
                time.sleep(step)
            else:
                self._stop.wait(step)
        self.remaining()
