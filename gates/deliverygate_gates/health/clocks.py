"""Time for many endpoints side by side: each has a deadline of its own, and all stop when one was told to."""

from __future__ import annotations

from datetime import datetime

import msgspec

from deliverygate.errors import DeadlineExceeded, Interrupted
from deliverygate.gate import Clock
from deliverygate.model import Duration

LONGEST_NAP = 0.5  #: seconds; how soon a sleeper notices that another one was told to stop


class Halt(msgspec.Struct):
    """What the run said when it stopped the gate: it says so once, to whoever asks for the time next."""

    order: Interrupted | None = None


class BoundClock:
    """The gate's clock as one endpoint sees it; who ``cleans_up`` goes on after a stop, as long as that may take."""

    def __init__(self, clock: Clock, halt: Halt, *, deadline: float | None = None, cleans_up: bool = False) -> None:
        self._clock = clock
        self._halt = halt
        self._deadline = deadline
        self._cleans_up = cleans_up
        self._end = None if deadline is None else clock.monotonic() + deadline

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def remaining(self) -> float:
        """Seconds until the nearest deadline. Raises DeadlineExceeded and Interrupted."""
        left = self._left()
        if self._end is None:
            return left
        own = self._end - self.monotonic()
        if own <= 0:
            what = f"its `deadline` of {Duration(self._deadline or 0.0)} is over"
            raise DeadlineExceeded(what, mend="raise `deadline`, or find what is slow")
        return min(left, own)

    def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (rest := until - self.monotonic()) > 0:
            nap = min(rest, self.remaining(), LONGEST_NAP)
            try:
                self._clock.sleep(nap)
            except Interrupted as order:
                self._halt.order = order
        self.remaining()

    def _left(self) -> float:
        try:
            left = self._clock.remaining()
        except Interrupted as order:
            self._halt.order = order
            left = self._clock.remaining()  # what there is to clean up
        if self._halt.order and not self._cleans_up:
            raise self._halt.order
        return left
