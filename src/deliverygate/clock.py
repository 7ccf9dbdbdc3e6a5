"""The real clock of one gate: it ends with the gate's deadline, and wakes when the run is told to stop."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Event, Lock, Thread, current_thread
from weakref import WeakSet

from deliverygate.errors import DeadlineExceeded, Interrupted
from deliverygate.model import Duration

MEND = "raise `timeout:`, or find what hangs"  # of a gate


class SystemClock:
    """Time until ``deadline`` (a ``time.monotonic`` value).

    When ``stop`` is set, the next call raises Interrupted; from then on ``grace_seconds`` are left to clean up. Where a
    gate has several threads, each that had asked for the time before is told, once; one that begins afterwards is
    there to clean up.
    """

    def __init__(
        self, *, timeout_seconds: float, stop: Event | None = None, grace_seconds: float = 30.0, mend: str = MEND
    ) -> None:
        """``mend`` is what helps when the time was too short."""
        self.timeout_seconds = timeout_seconds
        self._mend = mend
        self._deadline = time.monotonic() + timeout_seconds
        self._stop = stop or Event()
        self._grace_seconds = grace_seconds
        self._told = False
        self._at_work: WeakSet[Thread] = WeakSet()
        self._telling = Lock()

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
        if self._is_to_be_told():
            raise Interrupted("the run was told to stop", mend="run the stage again")
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        if self._told:
            what = f"the run was told to stop, and the {Duration(self._grace_seconds)} for cleaning up are over"
            raise DeadlineExceeded(what, mend="raise `--grace`, or find what hangs")
        what = f"its time of {Duration(self.timeout_seconds)} is over"
        raise DeadlineExceeded(what, mend=self._mend)

    def _is_to_be_told(self) -> bool:
        """Whether this thread was at work when the run was told to stop, and does not know it yet."""
        with self._telling:
            if not self._stop.is_set():
                self._at_work.add(current_thread())
                return False
            if not self._told:
                self._told = True
                self._deadline = time.monotonic() + self._grace_seconds
            elif current_thread() not in self._at_work:
                return False
            self._at_work.discard(current_thread())
            return True

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            step = min(rest, self.remaining())
            if self._told:
                time.sleep(step)
            else:
                self._stop.wait(step)
        self.remaining()
