"""Points in time as reports write them: dates, and numbers of seconds or milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST_EPOCH = 13  # digits of milliseconds until the year 2286
MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138
FIRST_EPOCH = 86_400 * 366  # of builds that set all clocks to 0; no tool of today ran in 1970


def read_time(written: str | None) -> datetime | None:
    """ISO 8601; UTC where no zone is given. None when there is none, when it is no time, or the year 1.

    Programs in Go write the year 1 for a time that was never set.
    """
    try:
        time = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return None if time.year == 1 else time if time.tzinfo else time.replace(tzinfo=UTC)


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
    return datetime.fromtimestamp(seconds, UTC) if seconds >= FIRST_EPOCH else None
