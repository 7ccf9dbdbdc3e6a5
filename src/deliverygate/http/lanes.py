"""Requests by a schedule: each in its turn at its time, over lanes that do not wait for each other."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from deliverygate.errors import TransportError
from deliverygate.gate import Response, Sample, Schedule, Shot, Shots
from deliverygate.http.asking import Asking
from deliverygate.http.direct import Direct
from deliverygate.network.line import TICK_SECONDS

LEAD_SECONDS = 0.005  #: from the call to the first shot, for its lane to get ready
FAREWELL_SECONDS = 1.0  #: for lanes to notice that the sample is stopped


class _Stopped(Exception):  # noqa: N818  no fault: a lane is told to end
    """The sample is over before its time."""


class Lanes:
    """Lanes take the next slot of a schedule in turn, wait for its time, and ask.

    Whoever is free already waits for the next slot, so that a shot is sent late for one of two reasons: no lane was
    free, which is the service's doing; or the lane that waited was woken late, which is ours, and noted as its lag.
    """

    def __init__(
        self,
        asking: Asking,
        schedule: Schedule,
        *,
        timeout_seconds: float,
        judge: Callable[[Response], bool] | None = None,
        shots: Shots | None = None,
    ) -> None:
        self._asking = asking
        self._schedule = schedule
        self._timeout_seconds = timeout_seconds
        self._judge = judge or _is_no_error
        self._turn = Lock()  # held by the lane that waits for the next slot, which alone touches the next three
        self._taken = 0
        self._missed = 0
        self._threads: list[Thread] = []
        self._notes = Lock()
        self._free = 0  # lanes that wait for their turn
        self._under_way = 0  # lanes that have not ended
        self._shots = Shots() if shots is None else shots
        self._error: BaseException | None = None
        self._stop = Event()
        self._done = Event()
        self._start = 0.0

    def run(self, alive: Callable[[], object]) -> Sample:
        """The whole sample. Raises what ``alive`` raises, and the fault of a question that cannot be asked."""
        self._start = time.monotonic() + LEAD_SECONDS
        self._open_lane()
        try:
            while not self._done.wait(TICK_SECONDS):
                alive()
        finally:
            self._stop.set()
            self._done.wait(FAREWELL_SECONDS)
        if self._error:
            raise self._error
        return Sample(self._shots, self._missed, time.monotonic() - self._start)

    def _open_lane(self) -> None:
        with self._notes:
            self._under_way += 1
        self._threads.append(Thread(target=self._lane, name="lane", daemon=True))
        self._threads[-1].start()

    def _lane(self) -> None:
        direct = self._asking.direct()
        try:
            while slot := self._take_slot():
                self._shoot(*slot, direct)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  handed over, not swallowed: ``run`` raises it
            self._error = self._error or error
            self._stop.set()
        finally:
            direct.end()
            with self._notes:
                self._under_way -= 1
                if not self._under_way:
                    self._done.set()

    def _take_slot(self) -> tuple[float, float] | None:
        """When the next shot is due, from the start, and our own lag; waits for it. None: there is none left."""
        with self._notes:
            self._free += 1
        with self._turn:
            with self._notes:
                self._free -= 1
            while self._taken < self._schedule.count:
                due = self._taken * self._schedule.interval_seconds
                self._taken += 1
                self._leave_a_successor()
                behind = time.monotonic() - self._start - due
                if behind > self._timeout_seconds:
                    self._missed += 1
                    continue
                if behind < 0:
                    if self._stop.wait(-behind):
                        raise _Stopped
                    return due, max(time.monotonic() - self._start - due, 0.0)
                return due, 0.0
        return None

    def _leave_a_successor(self) -> None:
        """Before this lane goes off there is one that waits for the next slot; it must not be made in a shot's time."""
        if not self._free and len(self._threads) < min(self._schedule.concurrency, self._schedule.count):
            self._open_lane()

    def _shoot(self, due: float, lag: float, direct: Direct) -> None:
        line = self._asking.line(self._timeout_seconds, self._go_on)
        late = lag > self._schedule.late_after_seconds
        try:
            answer = self._asking.over(line, direct)
        except TransportError as error:
            if error.kind == "config":
                raise
            seconds = time.monotonic() - self._start - due
            shot = Shot(due, seconds, lag, late, fault=error.kind, address=line.address, phases=line.phases)
        else:
            seconds = line.started - self._start - due + answer.seconds
            ok = self._judge(answer)
            phases = answer.phases or line.phases
            shot = Shot(due, seconds, lag, late, ok, answer.status, None, answer.address, phases)
        with self._notes:
            self._shots.append(shot)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _Stopped


def _is_no_error(answer: Response) -> bool:
    return answer.status < 400
