"""Our own identity of a finding: the same one when its line moves, another one for each further occurrence.

Tools' own fingerprints are not used here: many are constant, or change with the commit, the image or the line.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deliverygate.model import Finding, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERS = re.compile(r"\d+")
_PLACE = (0, 0)


def identify(scan: Scan) -> Scan:
    """The scan with a fingerprint in each finding, those of its single runs included."""
    findings, suppressed = fingerprint(scan.findings), fingerprint(scan.suppressed)
    return replace(scan, findings=findings, suppressed=suppressed, runs=tuple(identify(run) for run in scan.runs))


def fingerprint(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with their fingerprints, in the order given.

    Two findings of the same tool, rule, path and message (numbers aside) differ by an ordinal, counted from the top
    of the file, so that shuffling a report changes nothing.
    """
    listed = tuple(findings)
    keys = [_key(finding) for finding in listed]
    order = range(len(listed))
    if len(set(keys)) < len(keys):
        order = sorted(order, key=lambda index: _place(listed[index]))  # type: ignore[assignment]
    seen: Counter[str] = Counter()
    prints = [""] * len(listed)
    for index in order:
        key = keys[index]
        seen[key] += 1
        prints[index] = sha256(f"{key}\0{seen[key]}".encode(errors="replace")).hexdigest()[:32]
    return tuple(replace(finding, fingerprint=prints[index]) for index, finding in enumerate(listed))


def _key(finding: Finding) -> str:
    path = finding.location.path if finding.location else ""
    message = _NUMBERS.sub("#", finding.message)
    return "\0".join((finding.tool, finding.rule, path, finding.package or "", message))


def _place(finding: Finding) -> tuple[int, int]:
    where = finding.location
    return (where.line or 0, where.column or 0) if where else _PLACE
