"""Points in time as reports write them: the one place in the readers where text becomes a time."""

from __future__ import annotations

from datetime import UTC, datetime

LONGEST = 100  #: characters; ISO 8601 needs some forty


def read_time(written: object) -> datetime | None:
    """ISO 8601; UTC where no zone is given. None when there is none, when it is no time, or the year 1.

    Programs in Go write the year 1 for a time that was never set. A time that is none in UTC (the last hours of the
    year 9999, west of Greenwich) could be compared with nothing, and is none either.
    """
    if not isinstance(written, str) or len(written) > LONGEST:
        return None
    try:
        time = datetime.fromisoformat(written.strip())
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        is_unset = aware.astimezone(UTC).year == 1
    except (ValueError, OverflowError):
        return None
    return None if is_unset or time.year == 1 else aware
