"""Whether an approval was given to what is judged, and by whom."""

from __future__ import annotations

from deliverygate.change import Approval, ChangeRequest


def is_of_head(approval: Approval, change: ChangeRequest) -> bool | None:
    """Whether it was given to the last commit of the change; None: nobody can tell.

    The commit decides where it is known: a review of an older state may well be sent after a push.
    """
    if approval.commit is not None and change.head is not None:
        return approval.commit == change.head
    if approval.at is not None and change.pushed_at is not None:
        return approval.at > change.pushed_at
    return None


def same_person(name: str, other: str | None) -> bool:
    """Whether two user names are one: no platform tells their cases apart."""
    return other is not None and name.casefold() == other.casefold()
