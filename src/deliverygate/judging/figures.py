"""Measured numbers as they are shown beside a limit: rounded, but never to the other side of it."""

from __future__ import annotations

MOST_DIGITS = 15


def beside(value: float, limit: float, *, digits: int = 1) -> float:
    """``value`` rounded to so many digits behind the point, and to more where it would look like ``limit``.

    13.96 days beside a limit of 14 are 13.96, and not 14.0. Verdicts compare the value itself.
    """
    for count in range(digits, MOST_DIGITS):
        shown = round(value, count)
        if (shown < limit, shown > limit) == (value < limit, value > limit):
            return shown
    return value


def show_beside(value: float, limit: float, *, digits: int = 3) -> str:
    """The same with so many significant digits, as text."""
    for count in range(digits, MOST_DIGITS):
        shown = float(f"{value:.{count}g}")
        if (shown < limit, shown > limit) == (value < limit, value > limit):
            return f"{value:.{count}g}"
    return repr(value)
