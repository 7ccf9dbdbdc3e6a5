"""Endpoints as a gate: each must answer in health and in time, prove what is demanded, be of the version shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as replaced

from msgspec.structs import replace

from deliverygate.errors import ConfigError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.clocks import BoundClock, Halt
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.examining import examine, skip
from deliverygate_gates.health.naming import check_names, check_needs, name_checks
from deliverygate_gates.health.scheduling import Checks, Job, Schedule
from deliverygate_gates.health.settings import Settings
from deliverygate_gates.health.timing import demand_time, kept_for_last, limits_of
from deliverygate_gates.health.tries import Tries

__all__ = ["Settings", "gate"]

RENAME = "name the endpoints of the policy otherwise"
SHOWN = 20  #: names of flaky endpoints that are told


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """The checks of each endpoint, side by side.

    ``wait`` counts from here for all that need no other: they become ready side by side, so ten that are down cost the
    time of one.
    """
    endpoints = _gather(settings, context)
    named = dict(zip(name_checks(endpoints), endpoints, strict=True))
    kept = kept_for_last(named, settings.concurrency)
    demand_time(named, context.clock, kept=kept)
    began, halt = context.clock.monotonic(), Halt()
    kept_from = began + context.clock.remaining() - kept if kept else None
    flaky: list[str] = []

    def work(job: Job) -> Checks:
        limits = tuple(limits_of(job.endpoint, context.clock, kept_from=kept_from))
        clock = BoundClock(context.clock, halt, limits=limits, cleans_up=job.endpoint.is_last)
        counts_from_here = bool(job.endpoint.wait) and not job.endpoint.needs and not job.endpoint.is_last
        tries = Tries(began if counts_from_here else clock.monotonic())
        checks = examine(job, replaced(context, clock=clock), tries, halt)
        if tries.is_flaky:
            flaky.append(job.name)
        return checks

    jobs = [Job(name, endpoint) for name, endpoint in named.items()]
    for checks in Schedule(jobs, work=work, skip=skip, concurrency=settings.concurrency).run():
        yield from checks
    if settings.max_flaky is not None:
        yield _judge_flaky(sorted(flaky), settings.max_flaky)
    if halt.order:
        raise halt.order
    context.clock.remaining()


def _gather(settings: Settings, context: GateContext) -> tuple[Endpoint, ...]:
    """All endpoints, those found elsewhere last. Raises ConfigError when they do not fit each other."""
    endpoints = settings.endpoints
    if settings.endpoints_from:
        from deliverygate_gates.health.listing import find_endpoints, read_endpoints

        source = settings.endpoints_from
        endpoints += read_endpoints(source, context) if isinstance(source, str) else find_endpoints(source, context)
        try:
            check_names(endpoints)
            check_needs(endpoints)
        except ValueError as error:
            where, mend = (source, "correct the file") if isinstance(source, str) else ("endpoints_from", RENAME)
            raise ConfigError(str(error), where=where, mend=mend) from error
    return tuple(
        each if each.allow_private is not None else replace(each, allow_private=settings.allow_private)
        for each in endpoints
    )


def _judge_flaky(names: list[str], most: int) -> CheckResult:
    """Whether few enough endpoints needed a further try."""
    told = f": {', '.join(names[:SHOWN])}" if names else ""
    return CheckResult(
        name="flaky endpoints",
        verdict=Verdict.PASSED if len(names) <= most else Verdict.FAILED,
        summary=f"{len(names)} answered only at a further try, at most {most} wanted{told}",
        measurements=(Measurement(name="flaky endpoints", value=len(names), wanted=f"at most {most}"),),
        mend="" if len(names) <= most else "find what loses requests on the way to them",
    )


def _runs_scripts(settings: Settings) -> bool:
    return any(endpoint.command is not None for endpoint in settings.endpoints)


gate = Gate(
    name="health",
    summary="Demand that endpoints answer in health",
    settings=Settings,
    check=check,
    runs=_runs_scripts,
)
