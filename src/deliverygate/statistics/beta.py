"""The regularised incomplete beta function and its inverse: all that exact bounds of proportions need.

The continued fraction is that of https://dlmf.nist.gov/8.17#v, evaluated by Lentz's method.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

TINY = 1e-300  # stands in for a zero denominator, as Lentz's method wants
PRECISION = 1e-15
MOST_TERMS = 1_000_000  # about the square root of a + b are needed


def beta_cdf(x: float, a: float, b: float) -> float:
    """The chance that a Beta(a, b) variable is at most ``x``: I_x(a, b). ``a`` and ``b`` are above 0."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges fast on the other side only
        return 1.0 - _lower_side(1.0 - x, log1p(-x), log(x), b, a)
    return _lower_side(x, log(x), log1p(-x), a, b)


def beta_inverse(chance: float, a: float, b: float) -> float:
    """The ``x`` whose ``beta_cdf`` is ``chance``, to the last bits of a float."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return low
        if beta_cdf(middle, a, b) < chance:
            low = middle
        else:
            high = middle


def binomial_cdf(successes: int, trials: int, chance: float) -> float:
    """The chance of at most ``successes`` in ``trials`` independent ones that each succeed with ``chance``."""
    if successes < 0:
        return 0.0
    if successes >= trials:
        return 1.0
    return beta_cdf(1.0 - chance, trials - successes, successes + 1)


def _lower_side(x: float, log_x: float, log_rest: float, a: float, b: float) -> float:
    front = exp(a * log_x + b * log_rest + lgamma(a + b) - lgamma(a) - lgamma(b)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    c = 1.0
    d = 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for term in range(1, MOST_TERMS):
        before = value
        for share in _shares(term, x, a, b):
            d = 1.0 / _not_zero(1.0 + share * d)
            c = _not_zero(1.0 + share / c)
            value *= c * d
        if abs(value / before - 1.0) < PRECISION:
            return value
    raise ArithmeticError(f"the incomplete beta function does not converge for a={a}, b={b}, x={x}")


def _shares(term: int, x: float, a: float, b: float) -> tuple[float, float]:
    """The even and the odd coefficient of the fraction."""
    twice = a + 2.0 * term
    even = term * (b - term) * x / ((twice - 1.0) * twice)
    odd = -(a + term) * (a + b + term) * x / (twice * (twice + 1.0))
    return even, odd


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
