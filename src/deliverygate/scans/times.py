"""Points in time as reports write them: the one place in the readers where text becomes a time."""

from __future__ import annotations

from datetime import UTC, datetime

from deliverygate.scans.numbers import whole

LONGEST = 100  #: characters; ISO 8601 needs some forty
LONGEST_EPOCH = 13  #: digits of milliseconds until the year 2286
MILLISECONDS_FROM = 100_000_000_000  #: as seconds that would be the year 5138
UNSET_UNTIL = 1980  #: the year; builds set all clocks to the beginning of Unix or of ZIP, and no tool of today ran then


def read_time(written: object) -> datetime | None:
    """ISO 8601; UTC where no zone is given. None when there is none, when it is no time, or one that was never set.

    Programs in Go write the year 1 then, others the beginning of Unix or of ZIP. A time that is none in UTC (the last
    hours of the year 9999, west of Greenwich) could be compared with nothing, and is none either.
    """
    time = _parse(written)
    try:
        aware = time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
        return aware if aware and aware.astimezone(UTC).year > UNSET_UNTIL else None
    except (ValueError, OverflowError):
        return None


def has_zone(written: object) -> bool:
    """Whether a point in time is written with its zone; without one it is the local time of some place."""
    time = _parse(written)
    return time is None or time.tzinfo is not None  # what is no time needs none


def read_epoch(written: str | None) -> datetime | None:
    """Seconds or milliseconds since 1970, in UTC. None when there is none, or when it can be no time of a report."""
    number = whole(written)
    if number is None or number >= 10**LONGEST_EPOCH:
        return None
    time = datetime.fromtimestamp(number / 1000 if number > MILLISECONDS_FROM else number, UTC)
    return None if time.year <= UNSET_UNTIL else time


def _parse(written: object) -> datetime | None:
    if not isinstance(written, str) or len(written) > LONGEST:
        return None
    try:
        return datetime.fromisoformat(written.strip())
    except ValueError:
        return None
