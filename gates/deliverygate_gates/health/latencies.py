"""How long an answer took, in whole and in its phases, against the budgets that the policy gives."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from deliverygate.gate import Phases, Response
from deliverygate.judging.figures import beside
from deliverygate_gates.health.claims import Claim
from deliverygate_gates.health.endpoint import Endpoint

PHASE_MENDS = {
    "dns": "see the name server of this machine",
    "connect": "see the network between here and the service",
    "tls": "see the load of whoever ends TLS, and the length of its chain of certificates",
    "first_byte": "find what is slow in the service",
    "transfer": "see how big the body is, and the network between here and the service",
}


def judge_latency(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    """The whole first, then the phases that have a budget."""
    if endpoint.within is not None:
        yield within(endpoint.within, response.seconds, is_whole=not response.truncated)
    measured = asdict(response.phases or Phases())
    for name, budget in endpoint.phases.items():
        yield _phase(name, measured[name], budget)


def within(limit: float, seconds: float, *, is_whole: bool = True) -> Claim:
    """The claim that all of it took no longer than ``limit``."""
    return Claim(
        name="latency",
        value=beside(seconds * 1000, limit * 1000) if is_whole else None,
        wanted=f"at most {milliseconds(limit):g}",
        holds=is_whole and seconds <= limit,
        unit="ms",
        mend="find what is slow, or raise `within`"
        if is_whole
        else "the body is longer than 1 MiB, not read to its end",
    )


def _phase(name: str, seconds: float | None, budget: float) -> Claim:
    return Claim(
        name=f"phase {name}",
        value=None if seconds is None else beside(seconds * 1000, budget * 1000),
        wanted=f"at most {milliseconds(budget):g}",
        holds=seconds is not None and seconds <= budget,
        unit="ms",
        mend=PHASE_MENDS[name] if seconds is not None else f"nothing measured it; leave out `{name}` of `phases`",
        cannot_tell=seconds is None,
    )


def milliseconds(seconds: float) -> float:
    """As they are shown."""
    return round(seconds * 1000, 1)


def show_phases(phases: Phases | None) -> str:
    """One line, e.g. "phases: dns 1.2 ms, connect 0.3 ms"; "" when nothing was measured."""
    measured = {name: seconds for name, seconds in asdict(phases or Phases()).items() if seconds is not None}
    told = ", ".join(f"{name} {milliseconds(seconds):g} ms" for name, seconds in measured.items())
    return f"phases: {told}" if told else ""
