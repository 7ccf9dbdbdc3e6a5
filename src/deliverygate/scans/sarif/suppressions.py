"""Whether the suppressions of a SARIF result let it through, and by whose word (§3.27.23, §3.35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from deliverygate.model import Waiver
from deliverygate.scans.sarif import log
from deliverygate.scans.times import read_time


def waive(suppressions: Sequence[log.Suppression], rule_id: str, counts: Counter[str]) -> Waiver | None:
    """One suppression that is not accepted is enough to let the result count; one without a status is accepted.

    The standard does not say how several are taken together; this is how Microsoft's SDK does it. ``counts`` learns
    what deserves a note.
    """
    counts["state"] += sum(1 for entry in suppressions if entry.status is None and entry.state is not None)
    if any((entry.status or entry.state or "accepted").lower() != "accepted" for entry in suppressions):
        counts["refused"] += 1
        return None
    expiries = [entry.properties.expiry_utc for entry in suppressions if entry.properties]
    ends = [_day(written) for written in expiries if written is not None]
    if None in ends:
        counts["expiry"] += 1  # a date that nobody can read would be a waiver without an end
        return None
    kinds = dict.fromkeys(entry.kind or "of no kind" for entry in suppressions)
    return Waiver(
        id=next((entry.guid for entry in suppressions if entry.guid), rule_id),
        reason="; ".join(entry.justification for entry in suppressions if entry.justification),
        expires=min((end for end in ends if end), default=None),
        source=f"sarif {', '.join(kinds)}",
    )


def _day(written: object) -> date | None:
    time = read_time(written)
    return time.date() if time else None
