"""Whether a report is of this run: one from before what is judged proves nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from deliverygate.errors import ReportError
from deliverygate.model import Scan

#: What a report must not be older than. None in a policy: what suits the place, see docs/freshness.md.
Fresh: TypeAlias = Literal["commit", "pipeline", "any"]

CLOCK_SKEW = timedelta(minutes=5)  # two machines are seldom of one mind; more than that is no date to trust
WEST, EAST = timedelta(hours=12), timedelta(hours=14)  # how far a local time may be behind UTC, or ahead of it

AGAIN = "let the tool run again before this gate, and remove what an earlier run has left"
ALLOW = "`fresh: any` in the policy accepts it all the same"


class Bound(NamedTuple):
    """The point in time before which nothing is evidence."""

    what: str  #: as the object of a sentence, e.g. "the commit 1a2b3c4d5e"
    at: datetime


def made_at(scan: Scan) -> datetime | None:
    """When the report was made, at the latest; None when neither it nor its file tells.

    A local time without its zone may be of any place on earth.
    """
    if scan.created_at is None:
        return scan.written_at
    if scan.zone_is_known:
        return scan.created_at
    latest = scan.created_at + WEST
    return min(latest, scan.written_at) if scan.written_at else latest


def require_later(bound: Bound, *, where: str, written_at: datetime | None, scan: Scan | None = None) -> None:
    """Raise ReportError for a report whose file, or whose own date, is from before ``bound``."""
    told = scan.created_at + (timedelta() if scan.zone_is_known else WEST) if scan and scan.created_at else None
    for what, at in (("was written on", written_at), ("says that it was made on", told)):
        if at is not None and at < bound.at - CLOCK_SKEW:
            shown = at if what == "was written on" or scan is None or scan.created_at is None else scan.created_at
            raise ReportError(
                f"{what} {show(shown)}, before {bound.what} ({show(bound.at)}), so it is no evidence of this run",
                where=where,
                mend=f"{AGAIN}; {ALLOW}",
            )


def refuse_tracked(path: str, *, where: str) -> ReportError:
    """For a report that somebody has committed instead of a tool that has written it."""
    named = "it" if path == where else path
    return ReportError(
        f"is no evidence of this run, since git tracks {named}: whoever writes the change writes this report",
        where=where,
        mend=f"remove it from git (`git rm --cached`), name it in .gitignore and let the tool write it; {ALLOW}",
    )


def show(at: datetime) -> str:
    """A point in time as people read it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
