"""Coverage: reports of any format against a total, against the lines of the change, and against what was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.errors import ReportError, ToolError
from deliverygate.evidence import Coverage, Unsure
from deliverygate.gate import Gate, GateContext
from deliverygate.judging import coverage, globs
from deliverygate.judging.coverage import BASELINE, CHANGED, UNCOVERED, Changed
from deliverygate.judging.freshness import show
from deliverygate.judging.placing.moving import shown
from deliverygate.model import CheckResult, Scan, Verdict
from deliverygate_gates.freshness import Freshness, judge_age
from deliverygate_gates.reports import Reading, Root, doubt, fault_of, read_reports, require_kind
from deliverygate_gates.scope import of_change

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Settings(Freshness, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the policy may say of this gate; docs/gates/coverage.md has an example of each."""

    reports: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    format: str | None = None
    min_total: Percent | None = None
    min_changed: Percent | None = None
    min_new_lines: Count = 20
    not_below_baseline: Percent | str | None = None
    root: Root = None
    source_roots: tuple[str, ...] = ()
    measured: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.min_total is None and self.min_changed is None and self.not_below_baseline is None:
            raise ValueError("demands nothing; set `min_total`, `min_changed` or `not_below_baseline`")
        if self.min_changed is None and self.measured:
            raise ValueError("`measured` speaks of changed lines; set `min_changed` as well")
        if self.root is not None and self.source_roots:
            raise ValueError("`root` and `source_roots` both say where files lie; keep one of them")
        for said in (fault_of(self.root), *(fault_of(each, "source_roots") for each in self.source_roots)):
            if said:
                raise ValueError(said)
        for pattern in self.patterns:
            if said := globs.fault(pattern.removeprefix("!")):
                raise ValueError(f"`measured`: {said}")

    @property
    def patterns(self) -> tuple[str, ...]:
        """``measured`` as several patterns."""
        return (self.measured,) if isinstance(self.measured, str) else self.measured


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each report, then one for each demand over all of them together."""
    patterns = (settings.reports,) if isinstance(settings.reports, str) else settings.reports
    readings = separate(read_all(patterns, settings, context))
    for reading in readings:
        yield reading.check
        yield from judge_age(reading, settings, context)
    found = [reading.scan.coverage for reading in readings if reading.scan and reading.scan.coverage]
    if not found:
        return
    whole, why = coverage.join(found), doubt(readings)
    if settings.min_total is not None:
        yield coverage.judge_total(whole.lines, exact(settings.min_total), doubt=why)
    if settings.not_below_baseline is not None:
        yield judge_baseline(whole, settings, context, why)
    if settings.min_changed is not None:
        yield judge_change(whole, readings, settings, context, why)


def read_all(patterns: Sequence[str], settings: Settings, context: GateContext) -> Sequence[Reading]:
    """The reports, with the paths of this repository."""
    return list(
        read_reports(
            patterns,
            context,
            format=settings.format,
            kind="coverage",
            root=settings.root,
            source_roots=settings.source_roots,
        )
    )


def separate(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The reports. What is joined by its file, reports or records of one, may not leave open which file it is of."""
    return [_require_known_files(reading, are_joined=len(readings) > 1) for reading in readings]


def _require_known_files(reading: Reading, *, are_joined: bool) -> Reading:
    coverage = reading.scan.coverage if reading.scan else None
    unsure = next((each for each in coverage.unsure if are_joined or each.records > 1), None) if coverage else None
    if unsure is None:
        return reading
    error = ambiguous(unsure)
    check = replace(reading.check, verdict=Verdict.ERROR, summary=error.what, mend=error.mend)
    return Reading(reading.name, check, reading.scan)


def exact(percent: float) -> Fraction:
    """A percentage as the policy writes it, without the noise of binary fractions."""
    return Fraction(str(percent))


def judge_baseline(whole: Coverage, settings: Settings, context: GateContext, why: str) -> CheckResult:
    """Against a number of the policy, or against a report from before."""
    baseline = settings.not_below_baseline
    if not isinstance(baseline, str):
        return coverage.judge_baseline(whole.lines, exact(baseline or 0), "as the policy says", doubt=why)
    try:
        before, source = read_before(baseline, settings.format, context)
    except (ReportError, ToolError) as error:
        return cannot_judge(BASELINE, error)
    known = before.coverage.lines.percent if before.coverage else None
    return coverage.judge_baseline(whole.lines, known or Fraction(0), f"{baseline} {source}", doubt=why)


def read_before(path: str, format: str | None, context: GateContext) -> tuple[Scan, str]:  # noqa: A002
    """The report from before, and whose it is: where the target branch has it, the change has no say in it.

    Raises ReportError or ToolError where that cannot be known: the change's own file never stands in for it.
    """
    before = _of_target(path, context)
    load = (lambda: context.read_trusted(path)) if before is None else (lambda: before)
    scan = context.read_scan(load, path=path, format=format)  # of an earlier run: it need not be fresh
    require_kind(scan, "coverage")
    return scan, "of the workspace" if before is None else "of the target branch"


def _of_target(path: str, context: GateContext) -> bytes | None:
    """Its bytes in the target branch; None where that has no such file."""
    if context.law_files is None:
        text = context.base_text(path)
        return None if text is None else text.encode()
    return context.law_files.read(path) if context.law_files.has(path) else None


def judge_change(
    whole: Coverage, readings: Sequence[Reading], settings: Settings, context: GateContext, why: str
) -> CheckResult:
    """The lines that the change made, as far as the reports know them."""
    try:
        changed = measure_change(whole, readings, settings, context)
    except (ReportError, ToolError) as error:
        return cannot_judge(CHANGED, error)
    missing = [path for path in changed.absent if is_named(path, settings.patterns)]
    if missing:
        return CheckResult(
            name=CHANGED,
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{len(missing)} changed files are in no report: {', '.join(missing[:3])}",
            details="\n".join(missing),
            mend="let the tests measure them, also where no test imports them, or take them out of `measured`",
        )
    return coverage.judge_changed(
        changed, exact(settings.min_changed or 0), min_new_lines=settings.min_new_lines, doubt=why
    )


def measure_change(whole: Coverage, readings: Sequence[Reading], settings: Settings, context: GateContext) -> Changed:
    """What the reports know of the new lines. Raises ReportError or ToolError when that cannot be told."""
    change = context.change()
    if change.files is None:
        raise ReportError(" ".join(change.notes) or "the changed files are not known", mend="run in a checkout of git")
    tracked = context.tracked()
    if not whole.unsure and not any(tracked.has(file.path) for file in whole.files):
        raise ReportError(
            f"none of the {len(whole.files)} files in the reports is a file of this repository",
            mend="name the folders that their paths are below with `source_roots`",
        )
    files = of_change(change.files, context)
    touched = {file.path for file in files}
    for each in whole.unsure:
        if touched & set(each.candidates) or not tracked.files.issuperset(each.candidates):
            raise ambiguous(each)
    refuse_late(readings, files)
    reported = {file.path for file in whole.files}
    # What somebody has lying about need not be code: only where the policy names it, its absence says something.
    asked = [
        file for file in files if file.is_tracked or file.path in reported or is_named(file.path, settings.patterns)
    ]
    changed = coverage.pick(whole, asked)
    if changed.nameless:
        raise ReportError(
            f"the reports count the lines of {changed.nameless[0]} and do not name them",
            mend="let the tool write its lines as well",
        )
    return changed


def refuse_late(readings: Sequence[Reading], files: Sequence[ChangedFile]) -> None:
    """Raise ReportError for a report that is older than the text of a file: its lines are those of another text."""
    edited = {file.path: file.edited_at for file in files if file.edited_at is not None}
    for reading in readings:
        scan = reading.scan
        if scan is None or scan.coverage is None or scan.written_at is None:
            continue
        for file in scan.coverage.files:
            if file.path in edited and edited[file.path] >= scan.written_at:
                raise ReportError(
                    f"{file.path} was edited on {show(edited[file.path])}, after {reading.name} was written"
                    f" ({show(scan.written_at)}): its lines are not those of the report",
                    mend="run the tests again",
                )


def ambiguous(unsure: Unsure) -> ReportError:
    """A path that may mean several files, as an error that says what decides."""
    return ReportError(
        f"{unsure.path} in the reports may be {shown(unsure.candidates)}",
        mend="name the folder that is meant with `source_roots`, or the one in which the tool ran with `root`",
    )


def is_named(path: str, patterns: Sequence[str]) -> bool:
    """Whether the last pattern that fits the path names it, or takes it out with ``!``."""
    fitting = [pattern for pattern in patterns if globs.matches(pattern.removeprefix("!"), path)]
    return bool(fitting) and not fitting[-1].startswith("!")


def cannot_judge(name: str, error: ReportError | ToolError) -> CheckResult:
    """The check that could not be made, in the words of what went wrong."""
    where = f"{error.where}: " if error.where else ""
    return CheckResult(name=name, verdict=Verdict.ERROR, summary=f"{where}{error.what}", mend=error.mend)


gate = Gate(
    name="coverage",
    summary="Demand that tests cover enough of the code, and of what the change makes new",
    settings=Settings,
    check=check,
    rules=(UNCOVERED,),
)
