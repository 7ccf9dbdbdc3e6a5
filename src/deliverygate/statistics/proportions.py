"""Exact bounds of a proportion from a count of successes, by Clopper and Pearson (1934).

They keep what they promise for every number of trials: the true proportion lies beyond a bound at most in the share
``1 - confidence`` of all samples. Narrower intervals (Wilson's) break that promise where it matters, near 100 %.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log

from deliverygate.statistics.beta import beta_inverse


def lower_bound(successes: int, trials: int, confidence: float) -> float:
    """The lowest proportion that ``successes`` of ``trials`` do not rule out, one-sided; 0 without a trial."""
    _demand_counts(successes, trials)
    doubt = _doubt(confidence)
    if successes == 0:
        return 0.0
    if successes == trials:
        return float(doubt ** (1 / trials))
    return beta_inverse(doubt, successes, trials - successes + 1)


def upper_bound(successes: int, trials: int, confidence: float) -> float:
    """The highest proportion that ``successes`` of ``trials`` do not rule out, one-sided; 1 without a trial."""
    return 1.0 - lower_bound(trials - successes, trials, confidence)


def interval(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Both bounds, two-sided: half of the doubt on either side."""
    each = (1.0 + confidence) / 2
    return lower_bound(successes, trials, each), upper_bound(successes, trials, each)


def probes_needed(availability: float, confidence: float, failures: int = 0) -> int:
    """The fewest trials, ``failures`` of them failed, whose lower bound reaches ``availability``.

    Raises ValueError for an availability of 1: no number of probes proves it.
    """
    if not 0.0 < availability < 1.0:
        raise ValueError(f"an availability of {availability:g} cannot be proven; write one between 0 and 1")
    if failures < 0:
        raise ValueError(f"{failures} failures are no count")
    clean = ceil(log(_doubt(confidence)) / log(availability))

    def suffice(trials: int) -> bool:
        return lower_bound(trials - failures, trials, confidence) >= availability

    # The closed form may be off by one where the quotient is a whole number.
    return _first(suffice, at_least=failures + 1, guess=max(clean - 2, failures + 1))


def _first(holds: Callable[[int], bool], *, at_least: int, guess: int) -> int:
    """The least number from ``at_least`` on that ``holds``; from it on, all do. ``guess`` is rather too low."""
    low, step = (guess, 1) if not holds(guess) else (at_least - 1, guess - at_least + 1)
    high = low + step
    while not holds(high):
        low, step = high, step * 2
        high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _doubt(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence of {confidence:g} cannot be had; write one between 0 and 1, such as 0.95")
    return 1.0 - confidence


def _demand_counts(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials are no counts")
