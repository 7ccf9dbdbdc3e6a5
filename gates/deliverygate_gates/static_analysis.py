"""Static analysis: reports of linters and scanners against a clean-file score and caps per severity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Annotated, TypeAlias

import msgspec

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Gate, GateContext
from deliverygate.judging import globs, score, suppressions, threshold
from deliverygate.judging.scope import Scope
from deliverygate.judging.score import Evidence, Wanted
from deliverygate.judging.suppressions import Doubt, Honored
from deliverygate.judging.threshold import Limits, UnknownMeans
from deliverygate.model import CheckResult, Measurement, Scan, Severity, Verdict
from deliverygate_gates.freshness import Freshness, judge_age
from deliverygate_gates.reports import Pool, Root, doubt, fault_of, pool, read_reports
from deliverygate_gates.scope import open_scope
from deliverygate_gates.suppressing import open_suppressions

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Join: TypeAlias = Callable[[Sequence[Scan]], Pool]


class Settings(Freshness, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the policy may say of this gate; docs/gates/static-analysis.md has an example of each."""

    scans: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    format: str | None = None
    min_score: Percent | None = None
    count_from: Severity = Severity.MEDIUM
    analysed: str | tuple[str, ...] = ()
    fail_on: Severity | None = None
    max: dict[Severity, Count] | None = None
    max_suppressed: Count | None = None
    unknown: UnknownMeans = "block"
    only_new: bool = False
    scope: Scope = "all"
    root: Root = None
    honor_suppressions: Honored = "target"

    def __post_init__(self) -> None:
        if self.min_score is None and not self.limits.caps:
            raise ValueError("demands nothing; set `min_score`, `fail_on` or `max`")
        if self.count_from is Severity.UNKNOWN:
            raise ValueError("`count_from` cannot be unknown; say `unknown: block`")
        for pattern in self.patterns:
            if said := globs.fault(pattern.removeprefix("!")):
                raise ValueError(f"`analysed`: {said}")
        if said := fault_of(self.root):
            raise ValueError(said)

    @property
    def limits(self) -> Limits:
        """The caps; where the policy demands nothing at all, no high and no critical finding."""
        silent = self.min_score is None and self.max is None and self.fail_on is None
        return threshold.make_limits(
            fail_on=Severity.HIGH if silent else self.fail_on,
            maximum=self.max or {},
            unknown=self.unknown,
            only_new=self.only_new,
        )

    @property
    def patterns(self) -> tuple[str, ...]:
        """``analysed`` as several patterns."""
        return (self.analysed,) if isinstance(self.analysed, str) else self.analysed


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check for each report, each capped severity, the suppressions and the score."""
    patterns = (settings.scans,) if isinstance(settings.scans, str) else settings.scans
    readings = []
    for reading in read_reports(patterns, context, format=settings.format, root=settings.root):
        readings.append(reading)
        yield reading.check
        yield from judge_age(reading, settings, context)
    scope = open_scope(settings.scope, context)
    scans = [scope.narrow(reading.scan) for reading in readings if reading.scan]
    yield from scope.tell(scans)
    if not scans:
        return
    suppressed = open_suppressions(settings.honor_suppressions, context)
    gathered, why = pool(scans, suppressed, context.clock.now().date()), doubt(readings, scope.doubt)
    yield from threshold.judge(
        gathered.findings, settings.limits, noted=gathered.noted, rules=gathered.rules, doubt=why
    )
    if settings.max_suppressed is not None:
        yield suppressions.judge(gathered.noted, settings.max_suppressed)
    if settings.min_score is not None:
        yield judge_score(scans, settings, context, suppressed, why=why)


def judge_score(
    scans: Sequence[Scan], settings: Settings, context: GateContext, suppressed: Doubt, *, why: str
) -> CheckResult:
    """The score, with the tracked files as its ground where a report does not list what it analysed."""
    wanted = Wanted(Fraction(str(settings.min_score)), settings.count_from, settings.unknown)
    join = partial(pool, doubt=suppressed, today=context.clock.now().date())
    evidence = list(gather(scans, settings, join))
    if settings.patterns and any(each.analysed is None for each in evidence):
        try:
            tracked = tracked_files(settings.patterns, context)
        except (ReportError, ToolError) as error:
            return _unknown_ground(error, wanted)
        evidence = [_on_ground(each, tracked) for each in evidence]
    return score.judge(evidence, wanted, doubt=why)


def gather(scans: Sequence[Scan], settings: Settings, join: Join) -> Iterator[Evidence]:
    """What each tool looked at and found. Reports of one tool are one: their files are joined, not added up."""
    by_tool: dict[str, list[Scan]] = {}
    for scan in scans:
        for run in scan.runs or (scan,):
            by_tool.setdefault(run.tool, []).append(run)
    for tool, runs in by_tool.items():
        if len(runs) > 1 and all(isinstance(run.analysed, int) for run in runs):
            # Counts of several runs may speak of the same files, so they cannot be added up.
            yield from (
                _evidence(f"{tool} #{number}", [run], settings, join) for number, run in enumerate(runs, start=1)
            )
        else:
            yield _evidence(tool, runs, settings, join)


def _evidence(tool: str, runs: Sequence[Scan], settings: Settings, join: Join) -> Evidence:
    gathered = join(runs)
    limits = settings.limits
    counted = tuple(finding for finding in gathered.findings if threshold.counts(finding, limits))
    return Evidence(tool, _analysed(runs), counted, gathered.noted, gathered.rules, _not_analysed(runs))


def _analysed(runs: Sequence[Scan]) -> tuple[str, ...] | int | None:
    if len(runs) == 1:
        return runs[0].analysed
    lists = [run.analysed for run in runs if isinstance(run.analysed, tuple)]
    return tuple(dict.fromkeys(path for paths in lists for path in paths)) if len(lists) == len(runs) else None


def _not_analysed(runs: Sequence[Scan]) -> tuple[str, ...]:
    """The files that the tool says it did not look at, in none of its runs."""
    seen = {path for run in runs if isinstance(run.analysed, tuple) for path in run.analysed}
    return tuple(dict.fromkeys(path for run in runs for path in run.not_analysed if path not in seen))


def tracked_files(patterns: Sequence[str], context: GateContext) -> tuple[str, ...]:
    """The files in git that the patterns name; one with ``!`` in front takes files out again.

    Raises ReportError for a pattern that names none, ReportError or ToolError when git does not answer.
    """
    listed = context.tracked_files()
    chosen: dict[str, None] = {}
    for pattern in patterns:
        named = [path for path in listed if globs.matches(pattern.removeprefix("!"), path)]
        if not named:
            raise ReportError("no tracked file matches this pattern", where=pattern, mend="correct `analysed:`")
        if pattern.startswith("!"):
            for path in named:
                chosen.pop(path, None)
        else:
            chosen.update(dict.fromkeys(named))
    return tuple(chosen)


def _on_ground(evidence: Evidence, tracked: tuple[str, ...]) -> Evidence:
    if evidence.analysed is not None:
        return evidence
    ground = tuple(path for path in tracked if path not in evidence.not_analysed)
    return replace(evidence, analysed=ground)


def _unknown_ground(error: ReportError | ToolError, wanted: Wanted) -> CheckResult:
    return CheckResult(
        name="score",
        verdict=Verdict.ERROR,
        summary=f"which files were analysed is not known: {error.where}: {error.what}",
        measurements=(
            Measurement(name="score", value=None, wanted=f"at least {score.show(wanted.percent)}", unit="%"),
        ),
        mend=error.mend,
    )


gate = Gate(
    name="static-analysis",
    summary="Hold reports of linters and scanners to a clean-file score and caps per severity",
    settings=Settings,
    check=check,
)
