"""HTTP(S) endpoints as a gate: each must answer, in time, with the status and the body of a healthy service."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.errors import DeadlineExceeded, Interrupted, ReportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.health.probing import Tries, break_off, conclude, probe
from deliverygate_gates.health.settings import Endpoint, Settings, name_checks

__all__ = ["Settings", "gate"]


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check an endpoint, one endpoint after the other.

    ``wait`` counts from here for all: they become ready side by side, so ten that are down cost the time of one.
    """
    began = context.clock.monotonic()
    named = list(zip(name_checks(settings.endpoints), settings.endpoints, strict=True))
    while named:
        name, endpoint = named[0]
        tries = Tries(began if endpoint.wait else context.clock.monotonic())
        try:
            result = _check_one(endpoint, context, tries, name=name)
        except (DeadlineExceeded, Interrupted) as error:
            yield break_off(endpoint, tries, error, name=name)
            yield from (break_off(other, Tries(began), error, name=rest) for rest, other in named[1:])
            raise
        yield result
        del named[0]


def _check_one(endpoint: Endpoint, context: GateContext, tries: Tries, *, name: str) -> CheckResult:
    try:
        verify = _authorities(endpoint, context)
    except ReportError as error:
        summary = f"`ca`: {error.where}: {error.what}"
        return CheckResult(name=name, verdict=Verdict.ERROR, summary=summary, mend=error.mend)
    probe(endpoint, context, tries, verify=verify, name=name)
    return conclude(endpoint, tries, name=name, redact=context.redact)


def _authorities(endpoint: Endpoint, context: GateContext) -> bool | str:
    if not endpoint.ca:
        return True
    context.workspace.read(endpoint.ca)  # written down as an input of the verdict
    return str(context.workspace.resolve(endpoint.ca))


gate = Gate(name="health", summary="Demand that HTTP endpoints answer in health", settings=Settings, check=check)
