"""Regular expressions on text that nobody of ours wrote: one that backtracks without end is given up.

They are written as in Python (https://docs.python.org/3/library/re.html); the ``regex`` library runs them, because it
takes a time limit and lets other threads go on meanwhile.
"""

from __future__ import annotations

from typing import Any

SLOWEST_SECONDS = 1.0  #: after which a search is given up


class SlowPatternError(Exception):
    """A search that did not come to its end; nothing is known of the text."""


def check_pattern(pattern: str, *, name: str) -> None:
    """Raises ValueError, with the setting's ``name``, for what is no regular expression."""
    if not pattern:
        return
    import regex

    try:
        regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"`{name}` is not a regular expression ({error})") from error


def search(pattern: str, text: str) -> Any:
    """The first match, or None. Raises SlowPatternError."""
    import regex

    try:
        return regex.search(pattern, text, timeout=SLOWEST_SECONDS, concurrent=True)
    except TimeoutError as error:
        raise SlowPatternError(f"not searched to its end in {SLOWEST_SECONDS:g} s") from error
