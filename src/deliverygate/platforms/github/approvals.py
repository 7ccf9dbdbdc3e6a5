"""Which reviews of a pull request are approvals that stand, by GitHub's own rules."""

from __future__ import annotations

from collections.abc import Iterable

from deliverygate.platforms.github.wire import Review

#: A later review of one of these states takes the place of an earlier one; a mere comment does not.
_DECIDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})

#: What the right to push is called. "maintain" is told as "write", "triage" as "read".
WRITERS = frozenset({"admin", "write"})


def standing(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """The reviews that approve and are the last word of their author. ``reviews`` are in the order of time.

    A dismissed approval is the same review in another state. https://docs.github.com/en/rest/pulls/reviews
    """
    last: dict[str, Review] = {}
    for review in reviews:
        if review.user is not None and review.state in _DECIDING:
            last[review.user.login] = review
    return tuple(review for review in last.values() if review.state == "APPROVED")
