"""How long GitHub asks to wait. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""

from __future__ import annotations

from deliverygate.conversions import number, retry_after
from deliverygate.gate import Response

SECONDARY_SECONDS = 60.0  # "wait for at least one minute", where no header says more


def wait_seconds(answer: Response, *, now: float) -> float | None:
    """Seconds until the same may be asked again; None: the answer tells of no limit. ``now`` is the time of day."""
    if answer.status not in {403, 429}:
        return None
    wait = retry_after(answer.headers.get("retry-after", ""), now=now)
    if wait is not None:
        return wait
    reset = number(answer.headers.get("x-ratelimit-reset", ""))
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - now, 0.0) + 1.0  # the server's clock has whole seconds
    if answer.status == 429 or b"secondary rate limit" in answer.body.lower():
        return SECONDARY_SECONDS
    return None
