"""Regular expressions of a policy on text that a stranger wrote: compiled and run here only, with a time limit.

They are written as in Python (https://docs.python.org/3/library/re.html); the ``regex`` library runs them, because it
takes a time limit and lets other threads go on meanwhile. Python's own ``re`` does neither: one pattern that backtracks
would stop every gate, every deadline and the signal that ends the run.
"""

from __future__ import annotations

from time import thread_time
from typing import Any

from deliverygate.errors import DeliveryGateError

SLOWEST_SECONDS = 1.0  #: after which a pattern is given up, in all of its searches together
GIVEN_UP = f"not searched to its end in {SLOWEST_SECONDS:g} s"
SIMPLER = "write a pattern that does not try the same text in many ways, such as (a+)+"


class SlowPatternError(DeliveryGateError):
    """A search that did not come to its end; nothing is known of the text."""


class Pattern:
    """A regular expression with one allowance of time for all its searches, so that many short ones end as well."""

    def __init__(self, written: str, *, name: str = "", multiline: bool = False) -> None:
        """``name`` is the setting that holds it. Raises ValueError for what is no regular expression."""
        import regex

        self.written = written
        self._name = name
        self._left = SLOWEST_SECONDS
        try:
            self._compiled = regex.compile(written, regex.MULTILINE if multiline else 0)
        except (regex.error, RecursionError, OverflowError) as error:
            raise ValueError(f"`{name}`: {written!r} is not a regular expression ({error})") from error

    def search(self, text: str) -> Any:
        """The first match, or None. Raises SlowPatternError."""
        if self._left <= 0:
            raise self._slow()
        began = thread_time()
        try:
            return self._compiled.search(text, timeout=self._left, concurrent=True)
        except TimeoutError as error:
            raise self._slow() from error
        finally:
            self._left -= thread_time() - began

    def _slow(self) -> SlowPatternError:
        what = f"the pattern {self.written[:200]!r} was {GIVEN_UP}"
        return SlowPatternError(what, where=self._name, mend=SIMPLER)


def check_pattern(written: str, *, name: str, multiline: bool = False) -> None:
    """Raises ValueError, with the setting's ``name``, for what is no regular expression; "" is none at all."""
    if written:
        Pattern(written, name=name, multiline=multiline)


def search(written: str, text: str) -> Any:
    """The first match of a pattern that is searched once, or None. Raises SlowPatternError."""
    return Pattern(written).search(text)
