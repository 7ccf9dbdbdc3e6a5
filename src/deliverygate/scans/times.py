"""Points in time as reports write them."""

from __future__ import annotations

from datetime import UTC, datetime


def read_time(written: str | None) -> datetime | None:
    """ISO 8601; UTC where no zone is given. None when there is none, when it is no time, or the year 1.

    Programs in Go write the year 1 for a time that was never set.
    """
    try:
        time = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return None if time.year == 1 else time if time.tzinfo else time.replace(tzinfo=UTC)
