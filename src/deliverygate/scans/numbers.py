"""Numbers as strangers write them, in text or in JSON: the one place in the readers where text becomes a number.

Python's own conversions take underscores, other scripts' digits, ``nan`` and ``inf``, and refuse some 4,300 digits with
an exception of their own. Nothing of that happens here: what is no number is None, and the reader says what that means.
"""

from __future__ import annotations

import math
import re
from math import isfinite

LONGEST = 20  #: digits of a whole number: no tool counts beyond 64 bits
LONGEST_TEXT = 400  #: characters of any number; a double written out in full has some 330

_DECIMAL = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?\s*")
_EXPONENT = re.compile(r"[eE]")
_NOT_ZERO = re.compile(r"[1-9]")


def whole(written: str | None) -> int | None:
    """A number from 0 up in plain digits; None for anything else, and for more than ``LONGEST`` digits."""
    if not written:
        return None
    text = written if written.isdecimal() else written.strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= LONGEST else None


def decimal(written: object) -> float | None:
    """A finite number, from JSON or from text such as "7.5" or "1e3"; None for anything else."""
    if isinstance(written, str):
        number = float(written) if len(written) <= LONGEST_TEXT and _DECIMAL.fullmatch(written) else math.nan
        return number if isfinite(number) else None
    return _finite(written) if isinstance(written, int | float) and not isinstance(written, bool) else None


def _finite(number: float) -> float | None:
    """An integer may be too big for a double, too."""
    try:
        converted = float(number)
    except OverflowError:
        return None
    return converted if isfinite(converted) else None


def fits_double(literal: str) -> bool:
    """Whether a number that a JSON parser took apart is finite as a double."""
    return isfinite(float(literal))


def nearest(number: float) -> int:
    """The whole number that a count with decimals means; 0 where sums left what a double can hold."""
    return round(number) if isfinite(number) else 0


def is_hit(written: str | None) -> bool | None:
    """Whether a count of executions says that something was executed; None for what is no count.

    Counters of long runs overflow: tools write negative, scientific and huge numbers. Whatever is above 0 is a hit;
    0 and what is below prove none. The number itself is never needed, so no size of it can do harm.
    """
    text = (written or "").strip()
    if len(text) > LONGEST_TEXT or not _DECIMAL.fullmatch(text):
        return None
    return not text.startswith("-") and bool(_NOT_ZERO.search(_EXPONENT.split(text)[0]))
