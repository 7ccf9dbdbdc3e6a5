"""Endpoints side by side, in the order that their ``needs`` demand, those that are ``finally`` last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Thread

import msgspec

from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.health.endpoint import Endpoint

Checks = tuple[CheckResult, ...]


class Job(msgspec.Struct, frozen=True):
    """One endpoint and the name of its check."""

    name: str
    endpoint: Endpoint


class Schedule:
    """What waits, what runs, what is done. Threads, since an endpoint does little but wait for answers."""

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        work: Callable[[Job], Checks],
        skip: Callable[[Job, str], Checks],
        concurrency: int,
    ) -> None:
        self._jobs = jobs
        self._work = work
        self._skip = skip
        self._concurrency = concurrency
        self._waiting = {job.name: job for job in (*_first(jobs), *_last(jobs))}
        self._running: set[str] = set()
        self._done: dict[str, Checks] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._finished: SimpleQueue[tuple[str, Checks | BaseException]] = SimpleQueue()

    def run(self) -> Iterator[Checks]:
        """The checks of each job in the order of the policy, each as soon as those before it are told."""
        for job in self._jobs:
            while job.name not in self._done:
                self._start_ready()
                if self._running:
                    self._collect()
            yield self._done.pop(job.name)

    def _start_ready(self) -> None:
        for job in tuple(self._waiting.values()):
            if len(self._running) >= self._concurrency:
                return
            if self._is_ready(job):
                del self._waiting[job.name]
                self._begin(job)

    def _is_ready(self, job: Job) -> bool:
        """Whether all that it needs is done; for the last ones, all others."""
        if job.endpoint.is_last and any(not each.endpoint.is_last for each in self._waiting.values()):
            return False
        if job.endpoint.is_last and any(not self._is_last(name) for name in self._running):
            return False
        return self._verdicts.keys() >= set(job.endpoint.needs)

    def _is_last(self, name: str) -> bool:
        return next(job.endpoint.is_last for job in self._jobs if job.name == name)

    def _begin(self, job: Job) -> None:
        unmet = next((each for each in job.endpoint.needs if self._verdicts[each] is not Verdict.PASSED), "")
        if unmet:
            self._note(job.name, self._skip(job, f"{unmet!r}, which is {self._verdicts[unmet].value}"))
            return
        self._running.add(job.name)
        # A daemon, so that one that hangs in a name look-up cannot keep the process alive.
        Thread(target=self._run, args=(job,), name=f"health {job.name}", daemon=True).start()

    def _run(self, job: Job) -> None:
        try:
            self._finished.put((job.name, self._work(job)))
        except BaseException as error:  # noqa: BLE001  handed over to the gate's own thread, which raises it
            self._finished.put((job.name, error))

    def _collect(self) -> None:
        name, result = self._finished.get()
        self._running.discard(name)
        if isinstance(result, BaseException):
            raise result
        self._note(name, result)

    def _note(self, name: str, checks: Checks) -> None:
        if not checks:
            raise RuntimeError(f"{name} gave no check")  # an endpoint that is not judged must not be left out
        self._done[name] = checks
        self._verdicts[name] = Verdict.worst(check.verdict for check in checks)


def _first(jobs: Sequence[Job]) -> tuple[Job, ...]:
    return tuple(job for job in jobs if not job.endpoint.is_last)


def _last(jobs: Sequence[Job]) -> tuple[Job, ...]:
    return tuple(job for job in jobs if job.endpoint.is_last)
