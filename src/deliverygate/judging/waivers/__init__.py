"""Findings let through with a reason, an owner and an end: which they are, and what became of the others.

A waiver holds through the day named by ``expires``, and for no longer than the finding's severity allows. One that is
over, or was given too long, hides nothing: its finding counts and says so. What is waived stays visible, as a
suppressed finding with the waiver in it.
"""

from __future__ import annotations

from deliverygate.judging.waivers.applying import Applied, apply, matching, waive
from deliverygate.judging.waivers.file import Waivers, parse
from deliverygate.judging.waivers.idle import Seen, judge, unmatched
from deliverygate.judging.waivers.terms import MAX_DAYS, WARN_DAYS, Terms

__all__ = [
    "MAX_DAYS", "WARN_DAYS", "Applied", "Seen", "Terms", "Waivers", "apply", "judge", "matching", "parse", "unmatched",
    "waive",
]  # fmt: skip
