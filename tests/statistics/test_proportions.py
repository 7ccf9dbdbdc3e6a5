"""Bounds of proportions, against printed tables and against sums of whole fractions."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.statistics import interval, lower_bound, probes_needed, upper_bound
from deliverygate.statistics.beta import beta_cdf, beta_inverse, binomial_cdf

COUNTS = st.integers(1, 200).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def exact_binomial_cdf(successes: int, trials: int, chance: Fraction) -> Fraction:
    """The sum of the terms as whole numbers, over one common denominator."""
    good, every = chance.as_integer_ratio()
    terms = (comb(trials, each) * good**each * (every - good) ** (trials - each) for each in range(successes + 1))
    return Fraction(sum(terms), every**trials)


@pytest.mark.parametrize(
    ("trials", "failures", "percent"),
    [
        (10, 0, 74.11),
        (30, 0, 90.50),
        (60, 0, 95.13),
        (100, 0, 97.05),
        (100, 1, 95.34),
        (300, 0, 99.01),
        (1000, 1, 99.53),
        (3000, 0, 99.90),
        (10000, 5, 99.89),
    ],
)
def test_lower_bound_is_the_tabled_one(trials: int, failures: int, percent: float) -> None:
    bound = lower_bound(trials - failures, trials, 0.95)

    assert round(bound * 100, 2) == percent


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (9, 10, 0.5550, 0.9975),
        (10, 10, 0.6915, 1.0),
    ],
)
def test_two_sided_interval_is_the_tabled_one(successes: int, trials: int, low: float, high: float) -> None:
    bounds = interval(successes, trials, 0.95)

    assert tuple(round(bound, 4) for bound in bounds) == (low, high)


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_at_the_lower_bound_so_many_successes_have_the_chance_of_the_doubt(
    counts: tuple[int, int], confidence: float
) -> None:
    successes, trials = counts
    bound = lower_bound(max(successes, 1), trials, confidence)

    chance = 1 - exact_binomial_cdf(max(successes, 1) - 1, trials, Fraction(bound))

    assert float(chance) == pytest.approx(1 - confidence, rel=1e-10)


@given(COUNTS)
def test_bounds_enclose_what_was_observed(counts: tuple[int, int]) -> None:
    successes, trials = counts

    bounds = lower_bound(successes, trials, 0.95), upper_bound(successes, trials, 0.95)

    assert bounds[0] <= successes / trials <= bounds[1]


def test_without_a_trial_nothing_is_known() -> None:
    assert (lower_bound(0, 0, 0.95), upper_bound(0, 0, 0.95)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("availability", "by_confidence"),
    [
        (0.9, (22, 29, 44)),
        (0.95, (45, 59, 90)),
        (0.99, (230, 299, 459)),
        (0.995, (460, 598, 919)),
        (0.999, (2302, 2995, 4603)),
        (0.9999, (23025, 29956, 46050)),
    ],
)
def test_clean_probes_needed_are_the_tabled_ones(availability: float, by_confidence: tuple[int, int, int]) -> None:
    needed = tuple(probes_needed(availability, confidence) for confidence in (0.9, 0.95, 0.99))

    assert needed == by_confidence


@pytest.mark.parametrize(
    ("availability", "by_failures"),
    [(0.95, (93, 124, 153)), (0.99, (473, 628, 773)), (0.995, (947, 1258, 1549)), (0.999, (4742, 6294, 7752))],
)
def test_probes_needed_with_failures_are_the_tabled_ones(
    availability: float, by_failures: tuple[int, int, int]
) -> None:
    needed = tuple(probes_needed(availability, 0.95, failures) for failures in (1, 2, 3))

    assert needed == by_failures


@given(st.floats(0.01, 0.999), st.sampled_from([0.5, 0.75, 0.95, 0.99]), st.integers(0, 5))
def test_probes_needed_is_the_first_number_that_suffices(availability: float, confidence: float, failures: int) -> None:
    needed = probes_needed(availability, confidence, failures)

    last_two = [lower_bound(max(n - failures, 0), n, confidence) >= availability for n in (needed - 1, needed)]

    assert last_two == [False, True]


@pytest.mark.parametrize(("availability", "rejecting"), [(0.99, (2, 4, 7, 16)), (0.999, (1, 2, 2, 4))])
def test_failures_that_reject_a_target_are_the_tabled_ones(availability: float, rejecting: tuple[int, ...]) -> None:
    found = tuple(
        next(failed for failed in range(n) if upper_bound(n - failed, n, 0.95) < availability)
        for n in (30, 100, 300, 1000)
    )

    assert found == rejecting


@pytest.mark.parametrize("successes", [0, 1, 17, 39, 40], ids=str)
def test_binomial_cdf_is_the_sum_of_whole_fractions(successes: int) -> None:
    found = binomial_cdf(successes, 40, 0.375)

    assert found == pytest.approx(float(exact_binomial_cdf(successes, 40, Fraction(3, 8))), rel=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.5, 500), st.floats(0.5, 500))
def test_beta_inverse_undoes_the_beta_function(chance: float, a: float, b: float) -> None:
    x = beta_inverse(chance, a, b)

    assert beta_cdf(x, a, b) == pytest.approx(chance, rel=1e-8)


def test_a_million_trials_take_no_time_to_speak_of() -> None:
    bound = lower_bound(999_000, 1_000_000, 0.95)

    assert bound == pytest.approx(0.998947, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: lower_bound(3, 2, 0.95), "3 successes of 2 trials are no counts"),
        (lambda: lower_bound(-1, 2, 0.95), "-1 successes of 2 trials are no counts"),
        (lambda: lower_bound(1, 2, 1.0), "a confidence of 1 cannot be had; write one between 0 and 1, such as 0.95"),
        (lambda: probes_needed(1.0, 0.95), "an availability of 1 cannot be proven; write one between 0 and 1"),
        (lambda: probes_needed(0.9, 0.95, -1), "-1 failures are no count"),
    ],
    ids=["more than all", "less than none", "certainty", "perfection", "negative failures"],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object], fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        call()
