"""Quantiles of a sample: the observed one by nearest rank, and a bound that holds whatever the distribution.

A failure stands in the sample as infinity, or as the time after which it was given up: leaving it out would make a
service the faster the more often it fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, isnan

from deliverygate.statistics.beta import binomial_cdf
from deliverygate.statistics.proportions import probes_needed


def nearest_rank(values: Iterable[float], q: float) -> float:
    """The least observed value that at least the share ``q`` of all values does not exceed.

    Raises ValueError without any value, and for one that is no number.
    """
    ordered = _ordered(values)
    if not ordered:
        raise ValueError("no values have no quantile")
    # As it is written, in decimals: 0.07 * 100 as floats is a little above 7, and would give rank 8.
    return ordered[max(ceil(Fraction(repr(_share(q))) * len(ordered)), 1) - 1]


def quantile_upper_bound(values: Iterable[float], q: float, confidence: float) -> float | None:
    """A value that the true quantile ``q`` does not exceed, with ``confidence``; None: too few values for any.

    The bound is the observation of the smallest rank r for which a binomial count of n draws with chance q stays below
    r with the confidence wanted. Nothing is assumed of the distribution but independent draws.
    """
    ordered = _ordered(values)
    if len(ordered) < quantile_minimum(q, confidence):
        return None
    return ordered[_bound_rank(len(ordered), q, confidence) - 1]


def quantile_minimum(q: float, confidence: float) -> int:
    """The fewest values of which the largest is a bound of the quantile ``q``, e.g. 59 for 0.95 with 0.95.

    It is the same question as how many clean probes prove an availability: 1 - q^n reaches the confidence.
    """
    return probes_needed(_share(q), confidence)


def _bound_rank(count: int, q: float, confidence: float) -> int:
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_cdf(middle - 1, count, q) >= confidence else (middle, high)
    return high


def _ordered(values: Iterable[float]) -> list[float]:
    ordered = list(values)
    if any(isnan(value) for value in ordered):
        raise ValueError("a value that is no number has no rank")
    return sorted(ordered)


def _share(q: float) -> float:
    if not 0.0 < q < 1.0:
        raise ValueError(f"there is no quantile {q:g}; write a share between 0 and 1, such as 0.95")
    return q
