"""Report to a Markdown page for a job's summary or a note: the verdict, the gates, what failed, what is waived.

Every text that is not ours stands in a code span or block. Nothing else keeps all servers from making links, mentions,
images, commands or HTML of it: they work on the rendered text, where an escaped ``@name`` is a name again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from deliverygate.model import CheckResult, Finding, GateResult, Report
from deliverygate.renderers.selection import checks_of, first, gates_of, waived
from deliverygate.renderers.text import neutral, one_line
from deliverygate.renderers.wording import (
    MEANING,
    WHOLE,
    deciders,
    details,
    help_lines,
    measurements,
    more,
    noted_line,
    outcome,
    place,
    tally,
    terms,
)

# GitHub drops a job summary above 1 MiB whole.
MAX_BYTES = 900_000
FINDINGS = 50
WAIVED = 100
DETAILS = 8_000

_TICKS = re.compile("`+")


def render(report: Report) -> bytes:
    """The page for a job's summary."""
    return page(report).encode()


def page(report: Report, *, max_bytes: int = MAX_BYTES) -> str:
    """The page, cut between two sections where it would be longer than ``max_bytes``, with a line that says so."""
    sections = [_head(report), *_failures(report), *_waivers(report)]
    room = max_bytes - 200  # for the line itself
    kept: list[str] = []
    for section in sections:
        room -= len(section.encode()) + 1
        if room < 0:
            break
        kept.append(section)
    if left_out := len(sections) - len(kept):
        kept.append(f"*{left_out:,} further sections are left out here; `{WHOLE}` holds the whole.*\n")
    return "\n".join(kept)


def code(text: str, limit: int = 300) -> str:
    """A stranger's text as one code span (CommonMark 6.1), which is shown as it is written and does nothing."""
    # Notes of ours are found again by a comment's marker: nobody else may write one.
    shown = one_line(text, limit).replace("<!--", "<! --").replace("-->", "-- >")
    if not shown:
        return ""
    longest = max((len(found[0]) for found in _TICKS.finditer(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(text: str) -> str:
    """The same in a table, where a bar ends the cell even inside a code span."""
    return code(text.replace("|", "¦"))


def block(lines: Iterable[str]) -> str:
    """Lines as a code block. The bar before each keeps it from ending the block or being a command to the server."""
    return "\n".join(["```text", *(f"| {_harmless(line)}".rstrip() for line in lines), "```"]) + "\n"


def _harmless(line: str) -> str:
    return neutral(line).replace("<!--", "<! --").replace("-->", "-- >")


def _head(report: Report) -> str:
    word = "allowed" if report.allowed else "blocked"
    rows = [
        f"| {cell(gate.id)} | {outcome(gate)} | {tally(gate)} | {gate.seconds:.1f} s |" for gate in gates_of(report)
    ]
    lines = [
        f"# deliverygate: {code(report.stage)} {word}",
        "",
        f"**{word.capitalize()}**: {MEANING[report.verdict]}{named_deciders(report)}",
        "",
        "| gate | verdict | checks | time |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        *(f"- {code(note, 1000)}" for note in report.notes),
        *([""] if report.notes else []),
        source(report),
        "",
    ]
    return "\n".join(lines)


def named_deciders(report: Report) -> str:
    """The gates that stop the change, behind the sentence that says why; nothing where it may go on."""
    if report.allowed:
        return ""
    deciding, others = (", ".join(code(name) for name in names[:20]) for names in deciders(report))
    return (f": {deciding}" if deciding else "") + (f"; also blocking: {others}" if others else "")


def source(report: Report) -> str:
    """Which policy judged, when, and by which version."""
    ref = f" at {code(report.policy.ref)}" if report.policy.ref else ""
    when = report.started_at.isoformat(sep=" ", timespec="seconds")
    digest = code(report.policy.sha256[:12])
    return f"Policy {code(report.policy.path)}{ref} (SHA-256 {digest}), {when}, deliverygate {code(report.version)}."


def _failures(report: Report) -> Iterator[str]:
    for gate in gates_of(report):
        for check in checks_of(gate):
            if check.verdict.blocks:
                yield _failure(gate, check)


def _failure(gate: GateResult, check: CheckResult) -> str:
    word = "warned" if not gate.blocks else check.verdict.value
    shown, left_out = first(check.findings, FINDINGS)
    helps = help_lines(check, shown)
    lines = [
        f"## {word.capitalize()}: {code(gate.id)} {code(check.name)}",
        "",
        code(check.summary, 1000),
        "",
        *(f"- {code(line, 1000)}" for line in measurements(check)),
        *([f"- **mend**: {code(check.mend, 1000)}"] if check.mend else []),
        *(bullet(finding) for finding in shown),
        *(f"- {line}" for line in (*more(left_out), *noted_line(check))),
        *(f"- {code(line, 1000)}" for line in helps),
        "",
    ]
    text = "\n".join(lines)
    rest = details(check, DETAILS)
    return f"{text}\n{block(rest)}" if rest else text


def bullet(finding: Finding) -> str:
    """One finding as an item of a list."""
    where = f" at {code(place(finding))}" if place(finding) else ""
    mended = f", fixed in {code(finding.fixed_in)}" if finding.fixed_in else ""
    return f"- **{finding.severity.value}** {code(finding.rule)}{where}: {code(finding.message)}{mended}"


def _waivers(report: Report) -> Iterator[str]:
    for gate in report.gates:
        found = [finding for check in gate.checks for finding in waived(check)]
        if found:
            shown, left_out = first(found, WAIVED)
            bullets = [
                f"- {code(finding.rule)} {code(place(finding))} {code(terms(finding), 1000)}" for finding in shown
            ]
            lines = [f"## Let through: {code(gate.id)}", "", *bullets, *(f"- {line}" for line in more(left_out)), ""]
            yield "\n".join(lines)
