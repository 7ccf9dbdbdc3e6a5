"""Report to annotations: what is shown beside the lines of a change, the most important first, as much as is taken.

What stands on a changed line comes first, then the checks that have no place in a file, then the rest. The texts are
one line each and plain; how they are written out is the platform's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from deliverygate.change import ChangedFile
from deliverygate.model import CheckResult, Finding, GateResult, Location, Report
from deliverygate.renderers.note import ON_LINES, Nearness
from deliverygate.renderers.places import inside
from deliverygate.renderers.selection import checks_of, gates_of
from deliverygate.renderers.text import one_line
from deliverygate.renderers.wording import fix

TITLE = 200  # characters; GitHub's checks take 255
MESSAGE = 1000  # GitHub's runner takes 4,096, and nobody reads them


class Annotation(NamedTuple):
    """A text beside a line, or beside none."""

    blocks: bool  #: whether it stops the change, or only warns
    title: str
    message: str
    place: Location | None = None  #: None: it is about the whole change


class Picked(NamedTuple):
    """What is shown, and how much is left out."""

    shown: tuple[Annotation, ...]
    left_out: int


def pick(report: Report, limit: int, *, blocks: bool, files: Sequence[ChangedFile] = ()) -> Picked:
    """At most ``limit`` annotations of the gates that block, or of those that only warn.

    ``files`` are those of the change; without them no line is known to be changed.
    """
    checks = [
        (gate, check)
        for gate in gates_of(report)
        if gate.blocks is blocks
        for check in checks_of(gate)
        if check.verdict.blocks
    ]
    near = Nearness(files)
    owners: dict[int, GateResult] = {}
    findings = near.sorted(_placed(checks, owners))
    on_lines = sum(near(finding) == ON_LINES for finding in findings)
    shown = [_of_finding(owners[id(finding)], finding) for finding in findings[:limit]]
    without = [_of_check(gate, check) for gate, check in checks if not any(map(_path, check.findings))]
    ordered = (*shown[:on_lines], *without, *shown[on_lines:])
    return Picked(ordered[:limit], len(findings) + len(without) - min(limit, len(ordered)))


def _placed(checks: Iterable[tuple[GateResult, CheckResult]], owners: dict[int, GateResult]) -> Iterator[Finding]:
    """Each finding that has a place in the repository, once."""
    seen: set[str] = set()
    for gate, check in checks:
        for finding in check.findings:
            if _path(finding) is None or finding.fingerprint in seen:
                continue
            seen |= {finding.fingerprint} - {""}
            owners[id(finding)] = gate
            yield finding


def _path(finding: Finding) -> str | None:
    return inside(finding.location.path) if finding.location else None


def _of_finding(gate: GateResult, finding: Finding) -> Annotation:
    where = finding.location
    path = _path(finding)
    place = Location(path, where.line, where.column, where.end_line) if where and path else None
    return Annotation(
        blocks=gate.blocks,
        title=one_line(f"{gate.id}: {finding.rule} ({finding.severity.value})", TITLE),
        message=one_line(f"{finding.message or finding.rule}{fix(finding)}", MESSAGE),
        place=place,
    )


def _of_check(gate: GateResult, check: CheckResult) -> Annotation:
    mend = f"; {check.mend}" if check.mend else ""
    return Annotation(
        blocks=gate.blocks,
        title=one_line(f"{gate.id}: {check.name}", TITLE),
        message=one_line(f"{check.summary}{mend}", MESSAGE),
    )
