"""When and for which commit each approval was given: from GitLab's notes of its own and the pushes it saw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from deliverygate.change import Approval
from deliverygate.platforms.gitlab.records import Approved, Note, Version

#: The body of the note that GitLab itself writes, in English on every server (app/services/system_notes).
APPROVED = "approved this merge request"


def date(approved: Sequence[Approved], notes: Iterable[Note] | None) -> dict[str, datetime]:
    """When each of them approved, by user name, as far as it is known.

    ``notes`` come newest first, and no more of them are asked for than are needed; None: they may not be read.
    """
    known = {each.user.username: each.approved_at for each in approved if each.approved_at is not None}
    missing = {each.user.username for each in approved} - known.keys()
    for note in (notes or ()) if missing else ():
        name = note.author.username if note.author and note.system and note.body == APPROVED else None
        if name in missing:
            known[name] = note.created_at
            missing.discard(name)
            if not missing:
                break
    return known


def approvals(
    approved: Iterable[Approved], dates: dict[str, datetime], versions: Iterable[Version] | None
) -> tuple[Approval, ...]:
    """The approvals, each with the head that there was to look at."""
    pushes = tuple(versions or ())
    names = (each.user.username for each in approved)
    return tuple(Approval(by=name, at=(at := dates.get(name)), commit=_head_at(at, pushes)) for name in names)


def pushed_at(head: str | None, versions: Iterable[Version]) -> datetime | None:
    """When ``head`` came; for one that GitLab never saw, when the last one came.

    A new target branch makes a new version of the same head, which is no push.
    """
    pushes = tuple(versions)
    of_head = [each.created_at for each in pushes if each.head_commit_sha == head]
    return min(of_head) if of_head else max((each.created_at for each in pushes), default=None)


def _head_at(moment: datetime | None, pushes: Sequence[Version]) -> str | None:
    if moment is None:
        return None
    before = [each for each in pushes if each.created_at <= moment]
    return max(before, key=lambda each: each.created_at).head_commit_sha if before else None
