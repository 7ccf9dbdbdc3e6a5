"""How the gate's time is shared out: each endpoint has its own, and some is kept for those that come last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from deliverygate.errors import ConfigError
from deliverygate.gate import Clock
from deliverygate.model import Duration
from deliverygate_gates.health.clocks import Limit
from deliverygate_gates.health.endpoint import Endpoint


def kept_for_last(endpoints: Mapping[str, Endpoint], concurrency: int) -> float:
    """The seconds that `finally` endpoints may take: what they clean up must not depend on who was slow before."""
    last = {name: endpoint for name, endpoint in endpoints.items() if endpoint.is_last}
    if not last:
        return 0.0
    longest = [endpoint.longest_seconds for endpoint in last.values()]
    if any(need in last for endpoint in last.values() for need in endpoint.needs):
        return math.fsum(longest)
    return max(longest) * math.ceil(len(longest) / concurrency)


def demand_time(endpoints: Mapping[str, Endpoint], clock: Clock, *, kept: float) -> None:
    """Raises ConfigError for an endpoint whose own settings need more time than there is: luck would decide.

    The last try is left out of account: it is cut at the end of the time.
    """
    left = clock.remaining()
    for name, endpoint in endpoints.items():
        needed = endpoint.longest_seconds - endpoint.timeout
        there_is = left if endpoint.is_last else left - kept
        if needed > there_is or there_is <= 0:
            budget = f"the gate has {Duration(round(left, 1))}"
            if kept:
                budget += f", {Duration(kept)} of it kept for `finally` endpoints"
            raise ConfigError(
                f"may take {Duration(needed)} by its own settings, and {budget}",
                where=name,
                mend="raise the gate's `timeout`, or lower `wait`, `attempts`, `soak` or `sample`",
            )


def limits_of(endpoint: Endpoint, clock: Clock, *, kept_from: float | None) -> Iterator[Limit]:
    """When its time is over, but for the gate's. ``kept_from`` is when that of the ``finally`` endpoints begins."""
    if endpoint.deadline is not None:
        what = f"its `deadline` of {endpoint.deadline} is over"
        yield Limit(clock.monotonic() + endpoint.deadline, what, "raise `deadline`, or find what is slow")
    if kept_from is not None and not endpoint.is_last:
        what = "the gate's time is over but for what is kept for `finally` endpoints"
        yield Limit(kept_from, what, "raise the gate's `timeout`, or find what is slow")
