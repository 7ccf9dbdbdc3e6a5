"""Report to GitLab Code Quality: one JSON list of findings. https://docs.gitlab.com/ci/testing/code_quality/

GitLab drops an entry without a path and keeps only the last of two with the same fingerprint, both without a word.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from deliverygate.model import Finding, Location, Report, Severity
from deliverygate.renderers.places import home, locate
from deliverygate.renderers.selection import first, unique
from deliverygate.renderers.text import one_line
from deliverygate.renderers.wording import WHOLE, fix

MAX_ENTRIES = 25_000

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
    Severity.UNKNOWN: "info",
}


class Lines(msgspec.Struct, gc=False):
    begin: int


class Place(msgspec.Struct, gc=False):
    path: str
    lines: Lines


class Entry(msgspec.Struct, gc=False):
    """One finding, in GitLab's words."""

    description: str
    check_name: str
    fingerprint: str
    severity: str
    location: Place


def render(report: Report) -> bytes:
    """The whole file. GitLab knows no suppression, so what is waived is left out."""
    shown, left_out = first((finding for _, _, finding in unique(report) if finding.waiver is None), MAX_ENTRIES)
    taken: set[str] = set()
    policy = home(report)
    entries = [_entry(finding, policy, taken) for finding in shown]
    if left_out:
        entries.append(_rest(left_out, policy))
    return msgspec.json.encode(entries)


def _entry(finding: Finding, policy: Location, taken: set[str]) -> Entry:
    where, addition = locate(finding, policy)
    unknown = " [severity unknown]" if finding.severity is Severity.UNKNOWN else ""
    return Entry(
        description=one_line(finding.message or finding.rule, 1000) + addition + fix(finding) + unknown,
        check_name=one_line(finding.rule),
        fingerprint=_fingerprint(finding, taken),
        severity=SEVERITIES[finding.severity],
        location=Place(where.path, Lines(max(1, where.line or 1))),
    )


def _fingerprint(finding: Finding, taken: set[str]) -> str:
    """Ours; for a finding that has none, one of its words without its line, and an ordinal for each further one."""
    chosen = finding.fingerprint
    if not chosen:
        path = finding.location.path if finding.location else ""
        words = (finding.tool, finding.rule, path, finding.package or "", finding.message)
        ordinal = 0
        while not chosen or chosen in taken:
            ordinal += 1
            chosen = sha256("\0".join((*words, str(ordinal))).encode(errors="replace")).hexdigest()[:32]
    taken.add(chosen)
    return chosen


def _rest(number: int, policy: Location) -> Entry:
    """The line that says what is left out; its fingerprint stays, so it is new only once."""
    return Entry(
        description=f"{number:,} further findings are left out here, the least severe ones; {WHOLE} holds them all",
        check_name="deliverygate/left-out",
        fingerprint=sha256(b"deliverygate/left-out").hexdigest()[:32],
        severity="info",
        location=Place(policy.path, Lines(1)),
    )
