"""Ruby's fnmatch as an expression against the same rules as a walk over both texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverygate.judging.codeowners.fnmatch import translate


def walk(pattern: str, path: str) -> bool:
    """Whether the pattern fits, told by trying every way."""
    if pattern.startswith("**/"):
        rests = [path, *(path[at + 1 :] for at, sign in enumerate(path) if sign == "/")]
        return any(walk(pattern[3:], rest) for rest in rests)
    return walk_part(pattern, path)


def walk_part(pattern: str, path: str) -> bool:
    """The same inside of a part of the path, where ``**`` is no more than ``*``."""
    if not pattern:
        return not path
    sign, rest = pattern[0], pattern[1:]
    if sign == "*":
        stops = path.find("/") if "/" in path else len(path)
        return any(walk_part(rest, path[at:]) for at in range(stops + 1))
    if sign == "\\" and rest:
        sign, rest = rest[0], rest[1:]
    elif sign == "?":
        return bool(path) and path[0] != "/" and walk_part(rest, path[1:])
    elif sign == "[":
        return walk_set(rest, path)
    if not path.startswith(sign):
        return False
    return walk(rest, path[1:]) if sign == "/" else walk_part(rest, path[1:])


def walk_set(pattern: str, path: str) -> bool:
    negated = pattern[:1] in ("!", "^") and pattern != ""
    at, fits = int(negated), False
    while at < len(pattern) and pattern[at] != "]":
        first, at = sign_of(pattern, at)
        last = first
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            last, at = sign_of(pattern, at + 1)
        fits = fits or (bool(path) and (first <= path[0] <= last or path[0] in (first, last)))
    if at >= len(pattern) or not path or path[0] == "/":
        return False
    return fits is not negated and walk_part(pattern[at + 1 :], path[1:])


def sign_of(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\" and at + 1 < len(pattern)
    return pattern[at], at + 1


@given(st.text("ab/*?[]!-\\", max_size=10), st.text("ab/", max_size=8))
@settings(max_examples=1500, deadline=None)
def test_expression_fits_what_the_walk_fits(pattern: str, path: str) -> None:
    assert (translate(pattern).fullmatch(path) is not None) is walk(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("docs/**", "docs/api/auth.md", False),
        ("docs/**", "docs/auth.md", True),
        ("**/*", "a/b/c", True),
        ("**/foo", "a/.b/c/foo", True),
        ("*", ".profile", True),
        ("[!]x", "ax", True),
        ("[]", "a", False),
    ],
)
def test_expression_says_what_ruby_says(pattern: str, path: str, fits: bool) -> None:
    assert (translate(pattern).fullmatch(path) is not None) is fits


def test_a_pattern_of_many_stars_is_matched_in_no_time() -> None:
    assert translate("*a" * 12 + "b").fullmatch("a" * 4000) is None
