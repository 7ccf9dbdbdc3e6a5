"""Covered lines against what is wanted of them: in all, among the lines of a change, and compared with before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from deliverygate.change import ChangedFile
from deliverygate.evidence import NOTHING, Coverage, FileCoverage, Tally, Unsure
from deliverygate.judging.score import show, truncate
from deliverygate.model import CheckResult, Finding, Location, Measurement, Rule, Severity, Verdict

TOTAL = "total coverage"
BASELINE = "coverage against the baseline"
CHANGED = "coverage of changed lines"

UNCOVERED = Rule(
    id="uncovered-change",
    summary="Cover the changed lines by tests",
    why="Code that no test runs breaks unseen.",
    remedy="write a test that runs these lines",
    severity=Severity.MEDIUM,
)


def join(coverages: Iterable[Coverage]) -> Coverage:
    """Several reports as one: a line is covered when it is so in one of them."""
    files: dict[str, FileCoverage] = {}
    unsure: dict[str, Unsure] = {}
    for coverage in coverages:
        for file in coverage.files:
            known = files.get(file.path)
            files[file.path] = known.join(file) if known else file
        unsure |= {each.path: each for each in coverage.unsure}
    return Coverage(files=tuple(files.values()), unsure=tuple(unsure.values()))


def judge_total(total: Tally, wanted: Fraction, *, doubt: str = "") -> CheckResult:
    """All lines of all files together."""
    percent = total.percent or Fraction(0)
    reached = percent >= wanted
    missing = -(-wanted * total.valid // 100) - total.covered
    return _check(
        TOTAL,
        percent=percent,
        wanted=f"at least {show(wanted)}",
        explained=f"{total.covered} of {total.valid} lines",
        verdict=Verdict.PASSED if reached else Verdict.FAILED,
        mend="" if reached else f"cover {missing} more line{'' if missing == 1 else 's'} by tests",
        doubt=doubt,
    )


def judge_baseline(total: Tally, before: Fraction, source: str, *, doubt: str = "") -> CheckResult:
    """The total, which must not be lower than ``before``; ``source`` says where that is written."""
    percent = total.percent or Fraction(0)
    reached = percent >= before
    return _check(
        BASELINE,
        percent=percent,
        wanted=f"at least {_shown_before(before)}",
        explained=f"{total.covered} of {total.valid} lines; {source}",
        verdict=Verdict.PASSED if reached else Verdict.FAILED,
        mend="" if reached else "cover what this change adds, or what it has left without tests",
        doubt=doubt,
    )


def _shown_before(before: Fraction) -> str:
    """Up to two digits, and never less than was there: a drop of a hair is a drop."""
    return f"{float(-(-before * 100 // 1)) / 100:.10g}"


@dataclass(frozen=True)
class Changed:
    """What the reports know of the lines that a change made."""

    files: tuple[FileCoverage, ...] = ()  #: their new lines that can be covered
    new_lines: int = 0  #: all new lines of those files, comments and blank ones too
    absent: tuple[str, ...] = ()  #: changed files with new lines that are in no report
    nameless: tuple[str, ...] = ()  #: changed files whose lines the reports count and do not name

    @property
    def lines(self) -> Tally:
        return sum((file.lines for file in self.files), NOTHING)


def pick(coverage: Coverage, changes: Iterable[ChangedFile]) -> Changed:
    """The new lines of the changed files. Where nobody knows which lines are new, all lines of the file are."""
    known = {file.path: file for file in coverage.files}
    files: list[FileCoverage] = []
    new_lines = 0
    absent, nameless = [], []
    for change in changes:
        if change.status == "deleted" or change.lines == ():
            continue
        file = known.get(change.path)
        if file is None:
            absent.append(change.path)
        elif file.counted:
            nameless.append(change.path)
        else:
            new = _new_lines(change, file)
            new_lines += len(new)
            files.append(FileCoverage(path=file.path, covered=file.covered & new, missed=file.missed & new))
    return Changed(tuple(files), new_lines, tuple(absent), tuple(nameless))


def _new_lines(change: ChangedFile, file: FileCoverage) -> frozenset[int]:
    if change.lines is None:
        return file.covered | file.missed
    return frozenset(line for first, last in change.lines for line in range(first, last + 1))


def judge_changed(changed: Changed, wanted: Fraction, *, min_new_lines: int, doubt: str = "") -> CheckResult:
    """The new lines that can be covered. A small change is shown and not judged: one line would decide too much."""
    percent = changed.lines.percent
    lines = changed.lines
    aside = f"; in no report: {_some(changed.absent)}" if changed.absent else ""
    if percent is None or changed.new_lines < min_new_lines:
        few = f"{changed.new_lines} new lines in measured files, fewer than {min_new_lines}: shown, not judged"
        return _check(
            CHANGED,
            percent=percent,
            wanted="shown only",
            explained=(few if changed.new_lines < min_new_lines else "no new line is code") + aside,
            verdict=Verdict.SKIPPED,
            doubt=doubt,
        )
    reached = percent >= wanted
    findings = tuple(finding for file in changed.files for finding in _uncovered(file))
    return _check(
        CHANGED,
        percent=percent,
        wanted=f"at least {show(wanted)}",
        explained=f"{lines.covered} of {lines.valid} lines{aside}",
        verdict=Verdict.PASSED if reached else Verdict.FAILED,
        findings=findings,
        mend="" if reached else UNCOVERED.remedy,
        doubt=doubt,
    )


def _check(
    name: str,
    *,
    percent: Fraction | None,
    wanted: str,
    explained: str,
    verdict: Verdict,
    findings: tuple[Finding, ...] = (),
    mend: str = "",
    doubt: str,
) -> CheckResult:
    if doubt and not verdict.blocks:
        verdict, mend = Verdict.INCONCLUSIVE, "bring the missing evidence"
    value = None if percent is None else truncate(percent)
    demand = "" if wanted == "shown only" else f", {wanted} % wanted"
    measured = "nothing to measure" if value is None else f"{value} %"
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=f"{measured}{demand} ({explained})" + (f"; {doubt}" if doubt else ""),
        findings=findings if verdict is Verdict.FAILED else (),
        noted=() if verdict is Verdict.FAILED else findings,
        measurements=(Measurement(name=name, value=value, wanted=wanted, unit="%"),),
        rules=(UNCOVERED,) if findings else (),
        mend=mend,
    )


def _uncovered(file: FileCoverage) -> Iterable[Finding]:
    for first, last in _stretches(file):
        lines = f"line {first} is" if first == last else f"lines {first} to {last} are"
        yield Finding(
            rule=UNCOVERED.id,
            message=f"{lines} new or changed, and no test runs the code there",
            severity=Severity.MEDIUM,
            tool="coverage",
            location=Location(file.path, first, end_line=None if first == last else last),
        )


def _stretches(file: FileCoverage) -> list[tuple[int, int]]:
    """Missed lines with nothing covered between them."""
    found: list[tuple[int, int]] = []
    broken = True
    for line in sorted(file.covered | file.missed):
        if line in file.covered:
            broken = True
        elif broken:
            found.append((line, line))
            broken = False
        else:
            found[-1] = (found[-1][0], line)
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
