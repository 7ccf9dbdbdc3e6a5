"""Points in time as reports write them: dates, and numbers of seconds or milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST_EPOCH = 13  # digits of milliseconds until the year 2286
MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138
UNSET_UNTIL = 1980  # the year; builds set all clocks to the beginning of Unix or of ZIP, and no tool of today ran then


def read_time(written: str | None) -> datetime | None:
    """ISO 8601; UTC where no zone is given. None when there is none, when it is no time, or one that was never set.

    Programs in Go write the year 1 then, others the beginning of Unix or of ZIP.
    """
    try:
        time = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return None if time.year <= UNSET_UNTIL else time if time.tzinfo else time.replace(tzinfo=UTC)


def has_zone(written: str | None) -> bool:
    """Whether a point in time is written with its zone; without one it is the local time of some place."""
    try:
        return datetime.fromisoformat(written or "").tzinfo is not None
    except ValueError:
        return True  # it is no time, and needs none


def read_epoch(written: str | None) -> datetime | None:
    """Seconds or milliseconds since 1970, in UTC. None when there is none, or when it can be no time of a report."""
    digits = (written or "").strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > LONGEST_EPOCH:
        return None
    number = int(digits)
    seconds = number / 1000 if number > MILLISECONDS_FROM else number
    time = datetime.fromtimestamp(seconds, UTC)
    return None if time.year <= UNSET_UNTIL else time
