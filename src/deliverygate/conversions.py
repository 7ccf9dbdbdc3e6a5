"""Text that strangers wrote to numbers, moments, addresses and documents: a value, or None for what is none.

Python's own conversions raise what nobody expects (``int`` of 5,000 digits, ``astimezone`` of the year 1, ``Decimal``
of a huge exponent) and take what no format means (``float("1_0")``, ``int("٣")``). Foreign text is converted here
only; tests/architecture/test_conversions.py says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeVar, overload
from urllib.parse import SplitResult, urlsplit

import msgspec

T = TypeVar("T")

LONGEST_WAIT = 10**9  #: seconds
MOST_DIGITS = 4000  #: of a whole number; Python itself takes 4,300
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}


class NotTextError(ValueError):
    """Bytes that are not UTF-8. The text goes on from "is"."""

    def __init__(self, byte: int) -> None:
        super().__init__(f"not UTF-8 (byte {byte})")
        self.byte = byte  #: the first that is wrong


def whole(text: str, *, most: int | None = None) -> int | None:
    """A whole number in decimal digits; None as well for one above ``most``."""
    if len(text) > MOST_DIGITS or not _WHOLE.fullmatch(text):
        return None
    found = int(text)
    return found if most is None or found <= most else None


def number(text: str) -> float | None:
    """A finite number, with a fraction or an exponent perhaps; None as well for one that no float can hold."""
    if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    found = float(text)
    return found if math.isfinite(found) else None


def any_number(text: str) -> float | None:
    """The same, or one of NaN and the infinities, as Prometheus and Go write them."""
    special = _SPECIAL.get(text.lstrip("+-").lower())
    if special is None or len(text) - len(text.lstrip("+-")) > 1:
        return number(text)
    return -special if text.startswith("-") else special


def exact(text: str) -> Decimal | None:
    """A finite number with all its digits."""
    if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except DecimalException:  # an exponent that no Decimal has
        return None


def exact_of(value: float) -> Decimal | None:
    """A number of a policy with the digits that it is written with; None for NaN and infinity."""
    return Decimal(repr(value)) if math.isfinite(value) else None


def moment(text: str, *, naive_as_utc: bool = False) -> datetime | None:
    """A moment by ISO 8601, in UTC; None as well for one without a zone, unless those are in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None and not naive_as_utc:
        return None
    return in_utc(found)


def in_utc(found: datetime) -> datetime | None:
    """A moment in UTC, where one without a zone is meant; None: its zone leads out of the calendar."""
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None


def moment_of(seconds: float) -> datetime | None:
    """The moment so many seconds after 1970 began, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):  # beyond the calendar, or no number
        return None


def http_date(text: str) -> datetime | None:
    """The moment in a header such as ``Date`` or ``Retry-After``, in UTC. RFC 9110, section 5.6.7"""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return in_utc(found)


def retry_after(text: str, *, now: float) -> float | None:
    """Seconds to wait by a ``Retry-After`` header, at ``now`` seconds after 1970. RFC 9110, section 10.2.3"""
    seconds = whole(text.strip())
    if seconds is not None:
        return float(min(max(seconds, 0), LONGEST_WAIT))
    date = http_date(text)
    return None if date is None else max(date.timestamp() - now, 0.0)


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address in any of its spellings, without a zone."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def ascii_name(text: str) -> str | None:
    """The name of a host in ASCII, as it goes over the wire (IDNA 2008, with the mapping of UTS 46)."""
    if text.isascii():
        return text
    import idna

    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError:  # idna's own faults are such
        return None


def url_parts(text: str) -> SplitResult | None:
    """An address taken apart, whose host and port can be read; None for what is none."""
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname
    except ValueError:  # half an IPv6 address, a port out of range
        return None
    return parts


def utf8(data: bytes) -> str:
    """UTF-8, with or without a mark at its beginning. Raises NotTextError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotTextError(error.start) from error


def readable(data: bytes, encoding: str = "utf-8") -> str:
    """As much of it as is text; the rest becomes U+FFFD. For what is shown, and for searches."""
    return data.decode(encoding, errors="replace")


@overload
def read_json(data: bytes | msgspec.Raw) -> Any: ...


@overload
def read_json(data: bytes | msgspec.Raw, kind: type[T]) -> T: ...


def read_json(data: bytes | msgspec.Raw, kind: Any = Any) -> Any:
    """JSON as a type. Raises ValueError, in words, for what is not JSON or not of that type.

    A key with ``null`` is one that is left out, where the type does not want it: servers written in Go and Java say
    so of lists and texts that are empty.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except msgspec.ValidationError as error:
        return _read_without_nulls(lambda: msgspec.json.decode(data), kind, error)


def to_record(data: Any, kind: type[T]) -> T:
    """The same of JSON that was read already."""
    try:
        return msgspec.convert(data, kind)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except msgspec.ValidationError as error:
        return _read_without_nulls(lambda: data, kind, error)


def _read_without_nulls(read: Callable[[], Any], kind: type[T], fault: msgspec.ValidationError) -> T:
    try:
        return msgspec.convert(without_nulls(read()), kind)
    except (ValueError, RecursionError):
        raise fault from None


def without_nulls(data: Any) -> Any:
    """Decoded JSON or YAML with every key left out that holds ``null``."""
    if isinstance(data, dict):
        return {name: without_nulls(value) for name, value in data.items() if value is not None}
    return [without_nulls(each) for each in data] if isinstance(data, list) else data
