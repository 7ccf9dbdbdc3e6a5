"""How a run is told to stop from outside, and what its report says of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from deliverygate.model import CheckResult, GateResult, Report, Verdict

GATE = "deliverygate"  # the run itself, beside its gates


@contextmanager
def stop_signals() -> Iterator[tuple[Event, list[str]]]:
    """An event that SIGTERM, SIGINT and SIGHUP set; a second one of the same kind ends the process at once."""
    stop, received = Event(), list[str]()

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(signal.Signals(number).name)
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    # nohup has SIGHUP ignored, and it stays so.
    hang_up = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT, *hang_up)}
    try:
        yield stop, received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stopped_by(signals: list[str]) -> tuple[GateResult, ...]:
    """A run that was told to stop is never allowed, even where every gate of the stage only warns."""
    if not signals:
        return ()
    check = CheckResult(
        name="run to its end",
        verdict=Verdict.INCONCLUSIVE,
        summary=f"ended early by {signals[0]}",
        mend="run the stage again",
    )
    return (GateResult(gate=GATE, id=GATE, checks=(check,)),)


def was_stopped(report: Report) -> bool:
    """Whether a run ended early, by its report."""
    return any(gate.gate == GATE for gate in report.gates)
