"""Time for many endpoints side by side: each has deadlines of its own, and all stop when one was told to."""

from __future__ import annotations

from datetime import datetime

import msgspec

from deliverygate.errors import DeadlineExceeded, Interrupted
from deliverygate.gate import Clock

LONGEST_NAP = 0.5  #: seconds; how soon a sleeper notices that another one was told to stop


class Halt(msgspec.Struct):
    """What the run said when it stopped the gate: it says so once, to whoever asks for the time next."""

    order: Interrupted | None = None


class Limit(msgspec.Struct, frozen=True):
    """A moment at which the time of an endpoint is over."""

    end: float  #: of the monotonic clock
    what: str
    mend: str


class BoundClock:
    """The gate's clock as one endpoint sees it; who ``cleans_up`` goes on after a stop, as long as that may take."""

    def __init__(self, clock: Clock, halt: Halt, *, limits: tuple[Limit, ...] = (), cleans_up: bool = False) -> None:
        self._clock = clock
        self._halt = halt
        self._limit = min(limits, key=lambda limit: limit.end, default=None)
        self._cleans_up = cleans_up

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def remaining(self) -> float:
        """Seconds until the nearest deadline. Raises DeadlineExceeded and Interrupted."""
        left = self._left()
        if self._limit is None:
            return left
        own = self._limit.end - self.monotonic()
        if own <= 0:
            raise DeadlineExceeded(self._limit.what, mend=self._limit.mend)
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
