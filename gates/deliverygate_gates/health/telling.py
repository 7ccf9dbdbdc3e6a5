"""How the tries of an endpoint become a check: one line, the measured values, and what a person looks into then."""

from __future__ import annotations

from collections.abc import Iterator

from deliverygate.errors import DeliveryGateError
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import wanted_status
from deliverygate_gates.health.latencies import show_phases
from deliverygate_gates.health.tries import Tries
from deliverygate_gates.health.urls import bare


def conclude(endpoint: Endpoint, tries: Tries, context: GateContext, *, name: str) -> CheckResult:
    """The check of an endpoint whose tries have come to their end."""
    broken = tuple(claim for claim in tries.more if not claim.holds)
    words = [str(tries.last), *map(str, broken)] if tries.last.verdict is not Verdict.PASSED or not broken else broken
    return CheckResult(
        name=name,
        verdict=tries.verdict,
        summary="; ".join(map(str, words)) + _told(endpoint, tries),
        measurements=tuple(_measurements(endpoint, tries)),
        details="\n".join(_details(endpoint, tries, context)),
        mend=tries.last.mend or (broken[0].mend if broken else ""),
        seconds=tries.seconds,
    )


def break_off(endpoint: Endpoint, tries: Tries, error: DeliveryGateError, *, name: str) -> CheckResult:
    """The check of an endpoint that the end of its time, or of the run, left undecided."""
    nothing = "; no answer had come" if tries.begun else "; it was not asked"
    so_far = f"; at last: {tries.last}{_told(endpoint, tries)}" if tries.count else nothing
    return CheckResult(
        name=name,
        verdict=Verdict.INCONCLUSIVE,
        summary=f"{error.what}{so_far}",
        mend=error.mend,
    )


def leave_open(error: DeliveryGateError, *, name: str) -> CheckResult:
    """The check of what a healthy endpoint would have proven, had there been the time."""
    summary = f"{error.what}; it was not decided"
    return CheckResult(name=name, verdict=Verdict.INCONCLUSIVE, summary=summary, mend=error.mend)


def _measurements(endpoint: Endpoint, tries: Tries) -> Iterator[Measurement]:
    if tries.last.fault and endpoint.url:
        yield Measurement(name="status", value=None, wanted=wanted_status(endpoint))
    yield from (claim.measurement for claim in (*tries.last.claims, *tries.more))


def _told(endpoint: Endpoint, tries: Tries) -> str:
    count = f"{tries.count} tries"
    if tries.soaked_seconds:
        return f" (healthy for {tries.soaked_seconds:.1f} s, {count})"
    if tries.count == 1:
        return ""
    if tries.verdict is not Verdict.PASSED:
        return f" ({count}, {tries.seconds:.1f} s)"
    if endpoint.wait:
        return f" (ready after {tries.seconds:.1f} s, {count})"
    return f" (flaky: {count})" if tries.is_flaky else f" ({count})"


def _details(endpoint: Endpoint, tries: Tries, context: GateContext) -> Iterator[str]:
    if tries.count > 1:
        if left_out := tries.count - len(tries.log):
            yield f"... {left_out} earlier tries left out ..."
        yield from tries.log
    response = tries.last.response
    if response and response.hops:
        yield from (f"{hop.status} at {bare(hop.url)} led to {bare(hop.location)}" for hop in response.hops)
    if tries.verdict is Verdict.PASSED:
        return
    if response and (phases := show_phases(response.phases)):
        yield phases
    from deliverygate_gates.health.reproducing import reproduce

    if again := reproduce(endpoint):
        yield f"to see it: {context.redact(again)}"
    if tries.last.verdict is not Verdict.PASSED and tries.last.body:
        yield from ("body:", tries.last.body) if endpoint.url else (tries.last.body,)
