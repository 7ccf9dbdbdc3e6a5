"""Quantiles by nearest rank, and bounds that hold whatever the distribution."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.statistics import nearest_rank, quantile_minimum, quantile_upper_bound
from tests.statistics.test_proportions import exact_binomial_cdf

VALUES = st.lists(st.floats(allow_nan=False), min_size=1, max_size=80)


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([3.0], 0.5, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        (list(range(1, 101)), 0.07, 7),
        (list(range(1, 101)), 0.99, 99),
        ([1.0, 1.0, 1.0, 9.0], 0.75, 1.0),
        ([1.0, 2.0, inf, inf], 0.75, inf),
        ([1.0], 1e-9, 1.0),
    ],
    ids=["one value", "even count", "odd count", "float trap", "p99 of 100", "ties", "failures", "tiny share"],
)
def test_nearest_rank_is_an_observed_value(values: list[float], q: float, expected: float) -> None:
    assert nearest_rank(values, q) == expected


@given(VALUES, st.integers(1, 99))
def test_at_least_the_share_does_not_exceed_the_nearest_rank(values: list[float], percent: int) -> None:
    found = nearest_rank(values, percent / 100)

    covered = [Fraction(sum(each <= value for each in values), len(values)) for value in values if value < found]
    assert Fraction(sum(each <= found for each in values), len(values)) >= Fraction(percent, 100)
    assert all(share < Fraction(percent, 100) for share in covered)


def test_minimum_sizes_are_the_tabled_ones() -> None:
    sizes = tuple(quantile_minimum(q, 0.95) for q in (0.5, 0.9, 0.95, 0.99, 0.999))

    assert sizes == (5, 29, 59, 299, 2995)


@pytest.mark.parametrize(
    ("count", "q", "rank"),
    [(59, 0.95, 59), (100, 0.95, 99), (300, 0.95, 292), (1000, 0.95, 962), (500, 0.99, 499), (1000, 0.99, 996)],
)
def test_upper_bound_is_the_observation_of_the_tabled_rank(count: int, q: float, rank: int) -> None:
    assert quantile_upper_bound(range(count, 0, -1), q, 0.95) == rank


@pytest.mark.parametrize(("count", "q"), [(0, 0.5), (4, 0.5), (58, 0.95), (298, 0.99)])
def test_too_few_values_have_no_bound(count: int, q: float) -> None:
    assert quantile_upper_bound([1.0] * count, q, 0.95) is None


@given(st.integers(1, 60), st.sampled_from([0.25, 0.5, 0.75, 0.875]))
def test_upper_bound_has_the_smallest_rank_that_keeps_the_promise(count: int, q: float) -> None:
    rank = quantile_upper_bound(range(1, count + 1), q, 0.95)

    keeping = [r for r in range(1, count + 1) if exact_binomial_cdf(r - 1, count, Fraction(q)) >= Fraction(95, 100)]
    assert rank == (keeping[0] if keeping else None)


def test_failures_push_the_bound_to_infinity() -> None:
    values = [0.1] * 95 + [inf] * 5

    assert (quantile_upper_bound(values, 0.85, 0.95), quantile_upper_bound(values, 0.95, 0.95)) == (0.1, inf)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: nearest_rank([], 0.5), "no values have no quantile"),
        (lambda: nearest_rank([1.0, nan], 0.5), "a value that is no number has no rank"),
        (lambda: nearest_rank([1.0], 0.0), "there is no quantile 0; write a share between 0 and 1, such as 0.95"),
        (lambda: quantile_minimum(1.0, 0.9), "there is no quantile 1; write a share between 0 and 1, such as 0.95"),
    ],
    ids=["no values", "no number", "quantile 0", "quantile 1"],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object], fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        call()
