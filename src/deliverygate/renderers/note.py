"""Report to the note in a merge or pull request: what a reviewer must know, at one look, and where the rest is.

As on the page of ``markdown``, every text that is not ours stands in a code span or block, so that it is no mention,
reference, link, image, HTML or quick action, and no line begins with anybody's slash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from deliverygate.change import ChangedFile
from deliverygate.judging.importance import IMPORTANCE
from deliverygate.model import CheckResult, Finding, GateResult, Report, Verdict
from deliverygate.renderers.markdown import block, bullet, cell, code, named_deciders, source
from deliverygate.renderers.selection import checks_of, gates_of, waived
from deliverygate.renderers.wording import MEANING, WHOLE, details, measurements, more, noted_line, outcome, tally

GATES = 50
FINDINGS = 10  # of a check
DETAILS = 1_500  # characters of a program's output
NOTES = 10
ON_LINES = 0  # the nearest that a finding can be to a change
ROOM = 300  # characters for the line that says what was left out


def render(report: Report, *, limit: int, files: Sequence[ChangedFile] = (), whole: str | None = None) -> str:
    """The note, of at most ``limit`` characters, cut between two sections.

    ``files`` are those of the change: what stands on its lines comes first. ``whole`` is where the full report is, as
    Markdown of ours.
    """
    near = Nearness(files)
    head, foot = _head(report), _foot(report, whole)
    kept, left_out = _fitting(list(_sections(report, near)), limit - len(head) - len(foot) - ROOM)
    cut = [f"*{left_out:,} further sections are left out here; `{WHOLE}` holds the whole.*\n"] if left_out else []
    return "\n".join([head, *kept, *cut, foot])


class Nearness:
    """How near to the change a finding stands: 0 on its lines, 1 in its files, 2 elsewhere."""

    def __init__(self, files: Iterable[ChangedFile]) -> None:
        self._lines = {file.path: file.lines for file in files}

    def __call__(self, finding: Finding) -> int:
        where = finding.location
        if where is None or where.path not in self._lines:
            return 2
        lines, first = self._lines[where.path], where.line
        if lines is None or first is None:
            return 1
        last = max(first, where.end_line or first)
        return 0 if any(begin <= last and first <= end for begin, end in lines) else 1

    def sorted(self, findings: Iterable[Finding]) -> list[Finding]:
        """The nearest first; of those the new before the known, the worse before the lesser."""
        return sorted(findings, key=self._key)

    def _key(self, finding: Finding) -> tuple[int, bool, int, str, int]:
        where = finding.location
        place = (where.path, where.line or 0) if where else ("", 0)
        return (self(finding), not finding.is_new, IMPORTANCE.index(finding.severity), *place)


def _head(report: Report) -> str:
    word = "allowed" if report.allowed else "blocked"
    shown, left_out = _worst(gates_of(report))
    rows = [f"| {cell(gate.id)} | {outcome(gate)} | {tally(gate)} |" for gate in shown]
    lines = [
        f"## deliverygate: {code(report.stage)} {word}",
        "",
        f"**{word.capitalize()}**: {MEANING[report.verdict]}{named_deciders(report)}",
        "",
        "| gate | verdict | checks |",
        "| --- | --- | --- |",
        *rows,
        *([f"| {left_out:,} more | | |"] if left_out else []),
        "",
    ]
    return "\n".join(lines)


def _worst(gates: Sequence[GateResult]) -> tuple[list[GateResult], int]:
    """The gates that matter most, in the order of the policy, and how many are left out."""
    ranks = sorted(range(len(gates)), key=lambda index: (gates[index].allows, -gates[index].verdict.rank))
    return [gates[index] for index in sorted(ranks[:GATES])], max(len(gates) - GATES, 0)


def _foot(report: Report, whole: str | None) -> str:
    where = f"The full report: {whole}, {code(WHOLE)}. " if whole else f"The full report: {code(WHOLE)}. "
    return f"{where}{source(report)}\n"


def _sections(report: Report, near: Nearness) -> Iterator[str]:
    """What blocks, then what warns, then what the reader should know beside it."""
    checks = [(gate, check) for gate in gates_of(report) for check in checks_of(gate) if check.verdict.blocks]
    for gate, check in sorted(checks, key=_weight):
        yield _section(gate, check, near)
    if let_through := sum(len(waived(check)) for gate in report.gates for check in gate.checks):
        yield f"{let_through:,} let through by waivers; {code(WHOLE)} says which and why.\n"
    if report.notes:
        shown, left_out = report.notes[:NOTES], len(report.notes) - NOTES
        yield "\n".join([*(f"- {code(note, 1000)}" for note in shown), *_items(more(max(left_out, 0))), ""])


def _weight(pair: tuple[GateResult, CheckResult]) -> tuple[bool, int]:
    gate, check = pair
    return (not gate.blocks, -check.verdict.rank)


def _section(gate: GateResult, check: CheckResult, near: Nearness) -> str:
    word = check.verdict.value if gate.blocks else "warned"
    found = near.sorted(check.findings)
    lines = [
        f"### {word.capitalize()}: {code(gate.id)} {code(check.name)}",
        "",
        code(check.summary, 1000),
        "",
        *_items(code(line, 1000) for line in measurements(check)),
        *([f"- **mend**: {code(check.mend, 1000)}"] if check.mend else []),
        *(bullet(finding) for finding in found[:FINDINGS]),
        *_items((*more(len(found[FINDINGS:])), *noted_line(check))),
        "",
    ]
    text = "\n".join(lines)
    output = details(check, DETAILS) if check.verdict is not Verdict.INCONCLUSIVE or not found else []
    return f"{text}\n{block(output)}" if output else text


def _items(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _fitting(sections: list[str], room: int) -> tuple[list[str], int]:
    """The first sections that fit, and how many are left out."""
    for index, section in enumerate(sections):
        room -= len(section) + 1
        if room < 0:
            return sections[:index], len(sections) - index
    return sections, 0
