"""Report to the lines that end a run: each gate, each check that did not pass with how to mend it, the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from deliverygate.model import CheckResult, GateResult, Report, Verdict
from deliverygate.renderers.progress import Progress
from deliverygate.renderers.selection import checks_of, first, gates_of
from deliverygate.renderers.text import neutral, one_line
from deliverygate.renderers.wording import (
    details,
    finding_line,
    help_lines,
    meaning,
    measurements,
    mend_line,
    more,
    noted_line,
    outcome,
    tally,
    waived_lines,
)

__all__ = ["Progress", "plain", "render"]

FINDINGS = 10
WAIVED = 10
DETAILS = 20  #: lines of a program's output

# ECMA-48 "select graphic rendition". Written by hand: rich would take longer to import than the rest of a run.
COLOURS = {
    "passed": "32",
    "skipped": "2",
    "warned": "33",
    "inconclusive": "35",
    "error": "31",
    "failed": "1;31",
    "allowed": "1;32",
    "blocked": "1;31",
}


def render(report: Report, *, colour: bool, width: int) -> str:
    """The whole text, ending in a newline. ``width`` is the terminal's, in columns; 0: lines are not wrapped."""
    page = _Page(report, colour=colour, width=width)
    return "\n".join(page.lines()) + "\n"


def plain(report: Report) -> bytes:
    """The same without colours and without wrapping, e.g. for a file or a mail."""
    return render(report, colour=False, width=0).encode()


class _Page:
    def __init__(self, report: Report, *, colour: bool, width: int) -> None:
        self.report = report
        self.colour = colour
        self.width = width
        self.gates = gates_of(report)
        self.column = max(len(one_line(gate.id, 40)) for gate in self.gates)
        self.margin = " " * (max(len(verdict.value) for verdict in Verdict) + 2)

    def lines(self) -> Iterator[str]:
        for gate in self.gates:
            text = f"{one_line(gate.id, 40):<{self.column}}  {tally(gate)}, {gate.seconds:.1f} s"
            yield self.labelled(outcome(gate), text)
        for gate in self.gates:
            for check in checks_of(gate):
                yield from self.check(gate, check)
        yield ""
        yield from self.end()

    def check(self, gate: GateResult, check: CheckResult) -> Iterator[str]:
        """A check that did not pass, and what another one lets through."""
        let_through = [f"waived: {line}" for line in waived_lines(check, WAIVED)]
        if not check.verdict.blocks and not let_through:
            return
        word = "warned" if check.verdict.blocks and not gate.blocks else check.verdict.value
        yield ""
        yield self.labelled(word, f"{one_line(gate.id, 40)}  {one_line(check.name)}  {one_line(check.summary, 1000)}")
        shown, left_out = first(check.findings, FINDINGS)
        body = [
            *measurements(check),
            *mend_line(check),
            *(finding_line(finding) for finding in shown),
            *more(left_out),
            *help_lines(check, shown),
            *details(check, 100 * DETAILS)[-DETAILS:],
        ]
        for line in (*(body if check.verdict.blocks else ()), *noted_line(check), *let_through):
            yield self.fitted(self.margin + line)

    def end(self) -> Iterator[str]:
        for note in self.report.notes:
            yield self.fitted(f"{'note':<{len(self.margin)}}{one_line(note)}")
        word = "allowed" if self.report.allowed else "blocked"
        yield self.labelled(word, f"{one_line(self.report.stage)}: {meaning(self.report)}")

    def labelled(self, word: str, text: str) -> str:
        line = self.fitted(f"{word.upper():<{len(self.margin)}}{text}")
        return f"\x1b[{COLOURS[word]}m{line[: len(word)]}\x1b[0m{line[len(word) :]}" if self.colour else line

    def fitted(self, line: str) -> str:
        """The line, wrapped under itself. Made neutral after that: a wrapped part begins a line as well."""
        if len(line) <= self.width or not self.width:
            return neutral(line)
        indent = self.margin + "  "
        width = max(self.width, len(indent) + 20)
        return neutral(fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))
