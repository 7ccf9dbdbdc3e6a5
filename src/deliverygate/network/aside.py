"""Calls that nobody can cancel, each in a thread of its own that is left behind when the time is over."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import TypeVar

from deliverygate.network.line import Line

Result = TypeVar("Result")

# A thread that is left behind stays until the system gives up, half a minute perhaps. A long sample of a name whose
# server is silent must not pile them up without end.
SLOTS = BoundedSemaphore(128)


def aside(call: Callable[[], Result], line: Line) -> Result:
    """What ``call`` gives back or raises, if it comes within the time of ``line``."""
    while not SLOTS.acquire(timeout=line.tick()):
        pass
    said: SimpleQueue[Callable[[], Result]] = SimpleQueue()

    def run() -> None:
        said.put(_outcome(call))
        SLOTS.release()

    Thread(target=run, name="aside", daemon=True).start()
    while True:
        try:
            result = said.get(timeout=line.tick())
        except Empty:
            continue
        return result()


def _outcome(call: Callable[[], Result]) -> Callable[[], Result]:
    """What gives back or raises what ``call`` did."""
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001  handed over, not swallowed
        fault = error

        def raise_it() -> Result:
            raise fault

        return raise_it
    return lambda: result
