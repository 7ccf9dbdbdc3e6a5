"""Runs the gates of a stage side by side, in the order their ``needs`` demand, and keeps every one within its bounds.

A gate that crashes, overruns or is stopped becomes a check that says so; what it had found by then is kept, and the
other gates go on. Threads cannot be killed, so a gate that does not come back is left behind, and said so.

Each gate starts with an ERROR that stands for it, and loses it only by completing. Whatever fails on the way, the code
that handles failures included, leaves that ERROR in place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from logging import Logger, getLogger
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Protocol

import msgspec
from msgspec.structs import replace

from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec
from deliverygate.errors import DeadlineExceeded, DeliveryGateError, Interrupted
from deliverygate.gate import GateContext
from deliverygate.judging.fingerprint import identify_results
from deliverygate.judging.importance import KEPT, KEPT_AT_LEAST, keep_most_important
from deliverygate.judging.well_formed import well_formed
from deliverygate.model import CheckResult, Duration, GateResult, Verdict

OWN_CHECK = "runs to its end"  # the check that stands for the gate itself, when it did not
NO_ENDING = ("the gate ended without a verdict", "run it again; deliverygate.log may say what happened")
MOST_CHECKS = 10_000  # of a gate; one without end would fill the memory and every output
ENDLESS = "see that the gate comes to its end; findings of one rule belong into one check"
POLL_SECONDS = 0.1
OVERRUN_SECONDS = 5.0  # what a gate may take to come back after its deadline, before it is left behind


class Watcher(Protocol):
    """Whoever watches the run, e.g. the terminal."""

    def started(self, gate_id: str) -> None:
        """The gate begins."""

    def said(self, gate_id: str, text: str) -> None:
        """The gate tells what it is doing."""

    def finished(self, result: GateResult) -> None:
        """The gate is judged."""


class Silence:
    """Nobody watches."""

    def started(self, gate_id: str) -> None: ...
    def said(self, gate_id: str, text: str) -> None: ...
    def finished(self, result: GateResult) -> None: ...


OpenContext = Callable[[GateSpec, SystemClock, Mapping[str, GateResult], Callable[[str], None]], GateContext]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a stage is run."""

    jobs: int = 4
    grace_seconds: float = 30.0  #: for the running gates to clean up once the run is told to stop
    stop: Event = msgspec.field(default_factory=Event)  #: set by SIGTERM and SIGINT
    today: date = msgspec.field(default_factory=lambda: datetime.now(UTC).date())
    watcher: Watcher = msgspec.field(default_factory=Silence)
    log: Logger = msgspec.field(default_factory=lambda: getLogger("deliverygate"))
    overrun_seconds: float = OVERRUN_SECONDS


def run_gates(specs: Sequence[GateSpec], open_context: OpenContext, options: Options) -> tuple[GateResult, ...]:
    """Run them all; the results stand in the order of ``specs``, whatever the order of the running."""
    return _Stage(specs, open_context, options).run()


class _Stage:
    """One run: what waits, what runs, what is done."""

    def __init__(self, specs: Sequence[GateSpec], open_context: OpenContext, options: Options) -> None:
        self.specs = specs
        self.open_context = open_context
        self.options = options
        self.waiting = list(specs)
        self.running: dict[str, _Running] = {}
        self.done: dict[str, GateResult] = {}
        self.held: set[str] = set()  # gates that did not run because one that they need does not allow it
        self.finished: SimpleQueue[str] = SimpleQueue()
        self.stopped_at: float | None = None

    def run(self) -> tuple[GateResult, ...]:
        while self.waiting or self.running:
            if self.options.stop.is_set():
                self.stop()
            else:
                self.start_ready()
            self.collect()
            self.leave_behind()
        return identify_results([self.done[spec.id] for spec in self.specs])

    def start_ready(self) -> None:
        for spec in tuple(self.waiting):
            first = {*spec.needs, *spec.looks_at}
            if not first <= self.done.keys():
                continue
            if blocker := next((other for other in spec.needs if not self.lets_on(other)), None):
                self.hold(spec, blocker)
            elif len(self.running) < self.options.jobs:
                self.start(spec)

    def lets_on(self, gate_id: str) -> bool:
        return gate_id not in self.held and self.done[gate_id].allows

    def hold(self, spec: GateSpec, blocker: str) -> None:
        self.held.add(spec.id)
        why = "did not run" if blocker in self.held else f"is {self.done[blocker].verdict.value}"
        self.settle(spec, Verdict.SKIPPED, f"not run: it needs {blocker!r}, which {why}", f"mend {blocker!r} first")

    def start(self, spec: GateSpec) -> None:
        self.waiting.remove(spec)
        results = {other: self.done[other] for other in {*spec.needs, *spec.looks_at}}
        running = _Running(spec, self.options, self.open_context, results, self.finished)
        self.running[spec.id] = running
        self.options.watcher.started(spec.id)
        try:
            running.start()
        except (RuntimeError, MemoryError) as error:  # no memory for a thread, or no more threads allowed
            what = f"the gate could not be started ({error})"
            running.end(Verdict.ERROR, what, "give the run more memory or threads")
            self.finish(spec.id)

    def collect(self) -> None:
        if not self.running:
            return
        try:
            self.finish(self.finished.get(timeout=POLL_SECONDS))
        except Empty:
            for running in tuple(self.running.values()):
                if not running.thread.is_alive():  # it could not even say so
                    self.finish(running.spec.id)

    def finish(self, gate_id: str) -> None:
        if running := self.running.pop(gate_id, None):  # None: it had been left behind
            self.note(running.result())

    def stop(self) -> None:
        if self.stopped_at is None:
            self.stopped_at = time.monotonic()
        for spec in tuple(self.waiting):
            what = "not run: the run was told to stop"
            self.settle(spec, Verdict.INCONCLUSIVE, what, "run the stage again")

    def leave_behind(self) -> None:
        now = time.monotonic()
        for running in tuple(self.running.values()):
            if self.stopped_at is not None and now > self.stopped_at + self.options.grace_seconds:
                grace = Duration(self.options.grace_seconds)
                running.give_up(Verdict.INCONCLUSIVE, f"stopped: it had not cleaned up within {grace}")
            elif self.stopped_at is None and now > running.deadline + self.options.overrun_seconds:
                time_given = Duration(running.spec.timeout_seconds)
                running.give_up(
                    Verdict.ERROR, f"left behind: it did not come back when its time of {time_given} was over"
                )
            else:
                continue
            del self.running[running.spec.id]
            self.note(running.result())

    def settle(self, spec: GateSpec, verdict: Verdict, summary: str, mend: str) -> None:
        """A gate that never ran gets its check all the same."""
        self.waiting.remove(spec)
        check = _own_check(verdict, summary, mend)
        self.note(_result(spec, (check,), seconds=0.0, today=self.options.today))

    def note(self, result: GateResult) -> None:
        self.done[result.id] = result
        self.options.watcher.finished(result)


class _Running:
    """One gate in its thread.

    The thread appends checks and sets ``ending``; the stage reads both, and sets ``closed``. Each is one step, so that
    there is no lock that a failing thread could keep.
    """

    def __init__(
        self,
        spec: GateSpec,
        options: Options,
        open_context: OpenContext,
        results: Mapping[str, GateResult],
        finished: SimpleQueue[str],
    ) -> None:
        self.spec = spec
        self.options = options
        self.open_context = open_context
        self.results = results
        self.finished = finished
        self.checks: list[CheckResult] = []
        self.kept = 0  # findings that its checks hold so far
        self.ending: CheckResult | None = _own_check(Verdict.ERROR, *NO_ENDING)  # None: the gate has completed
        self.closed = False
        self.began = time.monotonic()
        self.deadline = self.began + spec.timeout_seconds
        # A daemon, so that a gate that was left behind cannot keep the process alive.
        self.thread = Thread(target=self.work, name=f"gate {spec.id}", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def work(self) -> None:
        with suppress(BaseException):  # what stands for the gate is an ERROR until something better is known
            self.judge()
        with suppress(BaseException):  # the stage also looks for threads that have ended
            self.finished.put(self.spec.id)

    def judge(self) -> None:
        try:
            self.take_all()
        except Interrupted as error:
            self.break_off(Verdict.INCONCLUSIVE, error)
        except DeliveryGateError as error:
            self.break_off(Verdict.ERROR, error)
        except BaseException as error:  # noqa: BLE001  where a broken gate becomes a check: sys.exit() in it is no pass
            self.crash(error)

    def take_all(self) -> None:
        spec = self.spec
        clock = SystemClock(
            timeout_seconds=spec.timeout_seconds, stop=self.options.stop, grace_seconds=self.options.grace_seconds
        )
        context = self.open_context(spec, clock, self.results, lambda text: self.options.watcher.said(spec.id, text))
        for check in self.timed(spec.gate.check(spec.settings, context)):
            if self.closed:  # it was left behind, and nobody listens any more
                return
            if len(self.checks) == MOST_CHECKS:
                raise DeliveryGateError(f"it gave more than {MOST_CHECKS:,} checks", mend=ENDLESS)
            self.take(check)
        if self.checks:
            self.set_ending(None)
        else:
            self.end(Verdict.ERROR, "the gate gave no check, which proves nothing", f"see docs/gates/{spec.name}.md")

    def timed(self, checks: Iterator[CheckResult]) -> Iterator[CheckResult]:
        last = time.monotonic()
        for check in checks:
            now = time.monotonic()
            if not isinstance(check, CheckResult):
                raise TypeError(f"it gave {type(check).__name__} {str(check)[:80]}, wanted a CheckResult")
            yield check if check.seconds else replace(check, seconds=now - last)
            last = now

    def take(self, check: CheckResult) -> None:
        kept = well_formed(keep_most_important(check, max(KEPT_AT_LEAST, KEPT - self.kept)))
        self.kept += len(kept.findings) + len(kept.noted)
        if not self.closed:
            self.checks.append(kept)

    def break_off(self, verdict: Verdict, error: DeliveryGateError) -> None:
        what = f"{error.where}: {error.what}" if error.where else error.what
        if isinstance(error, DeadlineExceeded):
            what = f"broken off: {what}"
        self.end(verdict, what, error.mend)

    def crash(self, error: BaseException) -> None:
        what = f"the gate {self.spec.name!r} crashed ({type(error).__name__}: {error})"
        self.end(Verdict.ERROR, what, f"this is a fault of the gate; {self.log(error)}")

    def log(self, error: BaseException) -> str:
        """Write the traceback; says where it is, or why there is none."""
        try:
            self.options.log.error("the gate %r crashed", self.spec.id, exc_info=error)
        except Exception as fault:  # noqa: BLE001  a log that cannot be written changes no verdict
            return f"its traceback could not be written to deliverygate.log ({type(fault).__name__})"
        return "deliverygate.log has the traceback"

    def end(self, verdict: Verdict, summary: str, mend: str) -> None:
        """Say what became of the gate itself; the summary is also its ``error``."""
        self.set_ending(_own_check(verdict, summary, mend))

    def set_ending(self, check: CheckResult | None) -> None:
        if not self.closed:
            self.ending = check

    def give_up(self, verdict: Verdict, summary: str) -> None:
        self.end(verdict, summary, "find what it waits for, or give it more time")
        self.closed = True

    def result(self) -> GateResult:
        self.closed = True
        ending = self.ending
        checks = (*self.checks, ending) if ending else tuple(self.checks)
        seconds = time.monotonic() - self.began
        result = _result(self.spec, checks, seconds=seconds, today=self.options.today)
        return replace(result, error=ending.summary) if ending else result


def _own_check(verdict: Verdict, summary: str, mend: str) -> CheckResult:
    return CheckResult(name=OWN_CHECK, verdict=verdict, summary=summary, mend=mend)


def _result(spec: GateSpec, checks: tuple[CheckResult, ...], *, seconds: float, today: date) -> GateResult:
    return GateResult(
        gate=spec.name,
        id=spec.id,
        checks=checks,
        enforcement=spec.enforcement,
        blocks=spec.enforcement.blocks_on(today),
        seconds=seconds,
    )
