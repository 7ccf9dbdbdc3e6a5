"""All checks of one endpoint: that it answers in health, then its replicas, its version, and what a sample proves."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.errors import DeadlineExceeded, Interrupted, ReportError, TransportError
from deliverygate.gate import GateContext, Shots
from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.health.claims import FAULT_MENDS, LOOK_AT_LOG
from deliverygate_gates.health.clocks import Halt
from deliverygate_gates.health.control import judge_control, wants_control
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.naming import name_parts
from deliverygate_gates.health.probes import open_probe
from deliverygate_gates.health.probes.http import HttpProbe
from deliverygate_gates.health.scheduling import Job
from deliverygate_gates.health.telling import break_off, conclude, leave_open
from deliverygate_gates.health.tries import Asking, Tries


def skip(job: Job, why: str) -> tuple[CheckResult, ...]:
    """Its checks when another one that it needs has not passed."""
    return tuple(_skipped(name, f"not asked: it needs {why}") for name in name_parts(job.name, job.endpoint))


def examine(job: Job, context: GateContext, tries: Tries, halt: Halt) -> tuple[CheckResult, ...]:
    """Its checks, each of them whatever happens. What the end of its time left open is inconclusive.

    A stop of the run may reach us through any door, and only us: ``halt`` hands it on to the others.
    """
    done: list[CheckResult] = []
    try:
        done.extend(_examine(job, context, tries))
    except (DeadlineExceeded, Interrupted) as error:
        if isinstance(error, Interrupted):
            halt.order = error
        for name in name_parts(job.name, job.endpoint)[len(done) :]:
            done.append(leave_open(error, name=name) if done else break_off(job.endpoint, tries, error, name=name))
    return tuple(done)


def _examine(job: Job, context: GateContext, tries: Tries) -> Iterator[CheckResult]:
    health, *others = name_parts(job.name, job.endpoint)
    try:
        probe = open_probe(job.endpoint, context)
    except ReportError as error:
        where = f"{error.where}: " if error.where else ""
        yield CheckResult(name=health, verdict=Verdict.ERROR, summary=f"{where}{error.what}", mend=error.mend)
        yield from (_skipped(name, f"not asked: {health!r} is error") for name in others)
        return
    Asking(job.endpoint, context, tries, probe=probe, name=job.name).run()
    if isinstance(probe, HttpProbe):
        _add_control(probe, tries)
    result = conclude(job.endpoint, tries, context, name=health)
    yield result
    if result.verdict is not Verdict.PASSED:
        yield from (_skipped(name, f"not asked: {health!r} is {result.verdict.value}") for name in others)
    elif isinstance(probe, HttpProbe):
        yield from _prove(job.endpoint, probe, tries, name=job.name)


def _add_control(probe: HttpProbe, tries: Tries) -> None:
    response = tries.last.response
    if response and tries.verdict is Verdict.PASSED and wants_control(probe.endpoint):
        control = judge_control(probe, response)
        if not control.holds or probe.endpoint.control:
            tries.more = (*tries.more, control)


def _prove(endpoint: Endpoint, probe: HttpProbe, tries: Tries, *, name: str) -> Iterator[CheckResult]:
    until = tries.since + endpoint.wait
    if endpoint.kubernetes:
        from deliverygate_gates.health.replicas import check_cluster

        yield from check_cluster(probe, name=name, until=until)
    if endpoint.version:
        from deliverygate_gates.health.version import check_version

        yield check_version(probe, name=f"{name}: version", until=until)
    if endpoint.sample:
        from deliverygate_gates.health.sampling import judge_cut, judge_sample

        probe.context.progress(f"{name}: {endpoint.sample.schedule.count} requests")
        shots = Shots()
        try:
            sample = probe.sample(shots)
        except TransportError as error:
            mend = error.mend or FAULT_MENDS.get(error.kind, LOOK_AT_LOG)
            for what, _ in endpoint.sample.claims:
                summary = f"{error.what} ({error.kind})"
                yield CheckResult(name=f"{name}: {what}", verdict=Verdict.ERROR, summary=summary, mend=mend)
            return
        except (DeadlineExceeded, Interrupted) as error:
            yield from judge_cut(shots, endpoint.sample, error, name=name)
            raise
        yield from judge_sample(sample, endpoint.sample, timeout_seconds=endpoint.timeout, name=name)


def _skipped(name: str, summary: str) -> CheckResult:
    return CheckResult(name=name, verdict=Verdict.SKIPPED, summary=summary, mend="mend that one first")
