"""Our own identity of a finding: the same one when its line moves, another one for each further occurrence.

Tools' own fingerprints are not used here: many are constant, or change with the commit, the image or the line.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deliverygate.judging.purl import common_name, without_version
from deliverygate.model import Finding, GateResult, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIGITS = b"0123456789"  # of bytes they are left out five times as fast as of text
_BEFORE_PATHS = " \t\n'\"`([<=,"


def identify(scan: Scan) -> Scan:
    """The scan with a fingerprint in each finding; its single runs hold the same ones."""
    return spread(scan, fingerprint(scan.findings), fingerprint(scan.suppressed))


def identify_results(results: Sequence[GateResult]) -> tuple[GateResult, ...]:
    """The results of a run with a fingerprint in each finding that has none yet.

    A finding that stands in several checks, or in the reports of several gates, gets the same one everywhere.
    """
    checks = [check for result in results for check in result.checks]
    if all(finding.fingerprint for check in checks for finding in (*check.findings, *check.noted)):
        return tuple(results)
    # Equal findings share a place. To hash one costs as much as all else that is done here, so it is done once.
    places: dict[Finding, int] = {}
    order = [
        -1 if finding.fingerprint else places.setdefault(finding, len(places))
        for check in checks
        for finding in (*check.findings, *check.noted)
    ]
    named = fingerprint(places)
    turn = iter(order)

    def renew(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(finding if (place := next(turn)) < 0 else named[place] for finding in findings)

    return tuple(
        replace(
            result,
            checks=tuple(
                replace(check, findings=renew(check.findings), noted=renew(check.noted)) for check in result.checks
            ),
        )
        for result in results
    )


def spread(scan: Scan, findings: tuple[Finding, ...], suppressed: tuple[Finding, ...] | None = None) -> Scan:
    """The scan with ``findings`` in the place of its own, one for one, in its single runs as well.

    The runs of a scan hold the same objects as the scan itself. Judged alone they would count occurrences anew.
    ``None`` leaves what is suppressed as it is.
    """
    hidden = scan.suppressed if suppressed is None else suppressed
    twins = {**_twins(scan.findings, findings), **_twins(scan.suppressed, hidden)} if scan.runs else {}

    def renew(old: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(twins.get(id(each), each) for each in old)

    runs = tuple(replace(run, findings=renew(run.findings), suppressed=renew(run.suppressed)) for run in scan.runs)
    return replace(scan, findings=findings, suppressed=hidden, runs=runs)


def fingerprint(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with their fingerprints, in the order given.

    Two findings of the same tool, rule, path and message (digits aside) differ by an ordinal, counted from the top
    of the file, so that shuffling a report changes nothing.
    """
    listed = tuple(findings)
    keys = [_key(finding) for finding in listed]
    if len(set(keys)) < len(keys):
        _count_repeated(keys, listed)
    return tuple(replace(finding, fingerprint=key.hex()) for finding, key in zip(listed, keys, strict=True))


def _key(finding: Finding) -> bytes:
    """What stays when lines shift. A package is named without its version: an update that mends nothing is not new.
    It is also named without its type, since the same scan in another format often gives the bare name, and its path
    without that version, as in ``redis-4.0.2.dist-info`` inside of an image.

    Hashed at once, since the texts of a big report would fill the memory a second time.
    """
    path = finding.location.path if finding.location else ""
    if finding.package:
        path = path and without_version(path, finding.package)
    head = f"{finding.tool}\0{finding.rule}\0{path}\0"
    if finding.package:
        return _digest((head + common_name(finding.package)).encode(errors="replace"))
    return _digest(b"%b\0%b" % (head.encode(errors="replace"), wording(finding)))


def same_in_one_run(finding: Finding) -> bytes:
    """What two reports of one run have in common where they hold the same finding: between them no line has moved."""
    line = finding.location.line if finding.location and not finding.package else None
    return b"%b\0%d" % (_key(finding), line or 0)


def wording(finding: Finding) -> bytes:
    """The message without what changes while the finding stays: numbers, and where the checkout lies."""
    message = finding.message
    if finding.location and f"/{finding.location.path}" in message:
        message = _without_checkout(message, finding.location.path)
    return message.encode(errors="replace").translate(None, _DIGITS)


def _without_checkout(message: str, path: str) -> str:
    """The message with paths relative to the checkout, which it names in front of the finding's own path."""
    before = message[: message.index(f"/{path}") + 1]
    root = before[max(before.rfind(sign) for sign in _BEFORE_PATHS) + 1 :]
    return message.replace(root, "") if root.startswith("/") or root[1:2] == ":" else message


def _digest(text: bytes) -> bytes:
    return sha256(text).digest()[:16]


def _count_repeated(keys: list[bytes], findings: Sequence[Finding]) -> None:
    """Give the second and each further one of equal keys an ordinal, counted from the top of the file."""
    counts = Counter(keys)
    repeated = [index for index, key in enumerate(keys) if counts[key] > 1]
    seen: Counter[bytes] = Counter()
    for index in sorted(repeated, key=lambda index: _place(findings[index])):
        key = keys[index]
        seen[key] += 1
        if seen[key] > 1:
            keys[index] = _digest(b"%b\0%d" % (key, seen[key]))


def _place(finding: Finding) -> tuple[int, int]:
    where = finding.location
    return (where.line or 0, where.column or 0) if where else (0, 0)


def _twins(old: Sequence[Finding], new: Sequence[Finding]) -> dict[int, Finding]:
    return dict(zip(map(id, old), new, strict=True))
