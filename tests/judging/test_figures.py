"""Numbers beside a limit: shown on the side on which they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.judging.figures import beside, show_beside


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [(13.9583, 14, 13.96), (14.04, 14, 14.04), (20.04, 14, 20.0), (14.0, 14, 14.0), (13.99996, 14, 13.99996)],
)
def test_number_is_never_rounded_to_its_limit(value: float, limit: float, shown: float) -> None:
    assert beside(value, limit) == shown


def test_text_is_never_that_of_the_limit() -> None:
    assert [show_beside(2.4004, 2.4), show_beside(89.96, 90, digits=2), show_beside(12.345, 2)] == [
        *("2.4004", "89.96", "12.3")
    ]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_what_is_shown_lies_on_the_side_of_the_value(value: float, limit: float) -> None:
    for shown in (beside(value, limit), float(show_beside(value, limit))):
        assert (shown < limit, shown > limit) == (value < limit, value > limit)
