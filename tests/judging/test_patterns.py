"""Patterns of a policy: as Python writes them, and given up when they take too long."""

from __future__ import annotations

from time import monotonic

import pytest

from deliverygate.judging import globs
from deliverygate.judging.patterns import SLOWEST_SECONDS, Pattern, SlowPatternError, check_pattern, search


def test_pattern_that_backtracks_is_given_up() -> None:
    began = monotonic()

    with pytest.raises(SlowPatternError) as caught:
        Pattern(r"(?:x+x+)+y", name="title").search("x" * 5000)

    assert str(caught.value) == (
        "title: the pattern '(?:x+x+)+y' was not searched to its end in 1 s; "
        "write a pattern that does not try the same text in many ways, such as (a+)+"
    )
    assert monotonic() - began < 10 * SLOWEST_SECONDS


def test_many_searches_share_one_allowance() -> None:
    pattern = Pattern(r"(?:x+x+)+y", name="placeholders")
    with pytest.raises(SlowPatternError):
        pattern.search("x" * 5000)

    began = monotonic()
    for _ in range(1000):
        with pytest.raises(SlowPatternError):
            pattern.search("a")

    assert monotonic() - began < SLOWEST_SECONDS


def test_pattern_is_found_as_python_finds_it() -> None:
    assert search(r"(?i)v(\d+)", "shop V12")[1] == "12"
    assert search("^b$", "a\nb") is None
    assert Pattern("^b$", multiline=True).search("a\nb") is not None


@pytest.mark.parametrize("written", ["(", "[", "*", "(?P<a>x)(?P<a", "a{2,1}"])
def test_what_is_no_pattern_is_told_with_its_setting(written: str) -> None:
    with pytest.raises(ValueError, match=r"^`title`: .* is not a regular expression \("):
        check_pattern(written, name="title")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/".join(["**/a"] * 12) + "/b", "/".join(["a"] * 2000) + "/c"),
        ("*a" * 30 + "b", "a" * 4000),
        ("/".join(["**"] * 30) + "/x", "/".join(["a"] * 2000)),
        ("?*" * 50 + "b", "a" * 4000),
    ],
    ids=["folders", "stars", "double stars", "question marks"],
)
def test_globs_are_matched_in_no_time(pattern: str, path: str) -> None:
    began = monotonic()

    assert not globs.matches(pattern, path)
    assert monotonic() - began < SLOWEST_SECONDS
