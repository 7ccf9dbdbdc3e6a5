"""The real clock: it ends with the gate's time, and wakes when the run is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event, Thread, Timer

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded, Interrupted

Ask = Callable[[SystemClock], object]
ASKS: list[Ask] = [lambda clock: clock.remaining(), lambda clock: clock.sleep(5)]


@pytest.fixture
def stop() -> Event:
    return Event()


def test_sleep_takes_its_time_and_leaves_the_rest() -> None:
    clock = SystemClock(timeout_seconds=20)
    began = clock.monotonic()

    clock.sleep(0.05)

    assert 0.05 <= clock.monotonic() - began < 0.5
    assert 19 < clock.remaining() < 19.95


def test_wall_clock_is_in_utc() -> None:
    now = SystemClock(timeout_seconds=1).now()

    assert (now.tzinfo, abs(now - datetime.now(UTC)) < timedelta(seconds=1)) == (UTC, True)


@pytest.mark.parametrize("ask", ASKS, ids=["remaining", "sleep"])
def test_time_that_is_over_is_said_with_what_was_given(ask: Ask) -> None:
    clock = SystemClock(timeout_seconds=0.05)
    time.sleep(0.06)

    with pytest.raises(DeadlineExceeded, match=r"^its time of 50ms is over; raise `timeout:`, or find what hangs$"):
        ask(clock)


def test_sleep_beyond_the_deadline_ends_with_it() -> None:
    clock = SystemClock(timeout_seconds=0.05)
    began = time.monotonic()

    with pytest.raises(DeadlineExceeded):
        clock.sleep(5)

    assert 0.05 <= time.monotonic() - began < 0.5


@pytest.mark.parametrize("ask", ASKS, ids=["remaining", "sleep"])
def test_stop_is_told_once_and_grace_is_left(stop: Event, ask: Ask) -> None:
    clock = SystemClock(timeout_seconds=20, stop=stop, grace_seconds=3)
    stop.set()
    was_stopping = clock.stopping

    with pytest.raises(Interrupted, match=r"^the run was told to stop; run the stage again$"):
        ask(clock)

    clock.sleep(0.01)
    assert (was_stopping, clock.stopping, 2 < clock.remaining() < 3) == (True, False, True)


def test_each_thread_that_was_at_work_is_told_once_and_none_that_begins_to_clean_up(stop: Event) -> None:
    clock, told, began = SystemClock(timeout_seconds=20, stop=stop), [], Barrier(3)

    def work() -> None:
        clock.remaining()
        began.wait(5)
        stop.wait(5)
        for _ in range(2):
            try:
                clock.remaining()
            except Interrupted:
                told.append("at work")

    def clean_up() -> None:
        clock.remaining()
        told.append("cleaned up")

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    began.wait(5)
    stop.set()
    for worker in workers:
        worker.join(5)
    cleaner = Thread(target=clean_up)
    cleaner.start()
    cleaner.join(5)

    assert told == ["at work", "at work", "cleaned up"]


def test_end_of_the_grace_is_told_as_that(stop: Event) -> None:
    clock = SystemClock(timeout_seconds=20, stop=stop, grace_seconds=0)
    stop.set()

    with pytest.raises(Interrupted):
        clock.remaining()
    with pytest.raises(
        DeadlineExceeded, match=r"^the run was told to stop, and the 0s for cleaning up are over; raise"
    ):
        clock.remaining()


def test_sleep_wakes_when_the_run_is_told_to_stop(stop: Event) -> None:
    clock = SystemClock(timeout_seconds=20, stop=stop)
    timer = Timer(0.05, stop.set)
    timer.start()
    began = time.monotonic()

    with pytest.raises(Interrupted):
        clock.sleep(10)

    assert time.monotonic() - began < 0.5


def test_grace_ends_too(stop: Event) -> None:
    clock = SystemClock(timeout_seconds=20, stop=stop, grace_seconds=0.05)
    stop.set()
    with pytest.raises(Interrupted):
        clock.remaining()

    with pytest.raises(DeadlineExceeded):
        clock.sleep(5)
