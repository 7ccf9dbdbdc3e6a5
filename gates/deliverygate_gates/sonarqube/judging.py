"""A quality gate's verdict as checks: one for the gate, one for each condition with its value and threshold. No I/O."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator

from deliverygate import conversions
from deliverygate.conversions import exact, whole
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate_gates.sonarqube.answers import Condition, GateAnswer, Period, ProjectStatus
from deliverygate_gates.sonarqube.settings import Settings

VERDICTS = {"OK": Verdict.PASSED, "ERROR": Verdict.FAILED}

#: comparator: when a value breaks the threshold, and what that demands of it
COMPARATORS = {
    "GT": (operator.gt, "at most"),
    "LT": (operator.lt, "at least"),
    "EQ": (operator.eq, "other than"),
    "NE": (operator.ne, "exactly"),
}
RATINGS = "ABCDE"
PERCENTAGES = ("coverage", "density", "hotspots_reviewed")

#: What SonarQube lets through in a change that is too small to judge
FORGIVEN = frozenset(
    {"new_coverage", "new_line_coverage", "new_branch_coverage"}
    | {"new_duplicated_lines_density", "new_duplicated_lines", "new_duplicated_blocks"}
)
PERIODS = {
    "PREVIOUS_VERSION": "since version",
    "REFERENCE_BRANCH": "against branch",
    "NUMBER_OF_DAYS": "of the last days:",
    "SPECIFIC_ANALYSIS": "since the analysis",
}
ANALYSE_FIRST = "let the scanner run first, and name its report-task.txt with `report_task`"
NO_VALUE_MEND = "let the scanner import what it is measured on, or name the metric in `may_lack` when it may be missing"


def judge(
    status: ProjectStatus, gate: GateAnswer | None, settings: Settings, *, is_pull_request: bool
) -> Iterator[CheckResult]:
    """The gate's own check first. ``gate`` is what it asks for; None: the token may not know."""
    lacking = tuple(_find_lacking(status, gate, is_pull_request=is_pull_request))
    yield judge_gate(status, gate, settings)
    if status.status == "NONE":
        return
    yield judge_completeness(status, gate, lacking, settings)
    for condition in status.conditions:
        if condition.actual_value is not None:
            yield judge_condition(condition, status, settings)
    for condition in lacking:
        yield judge_lacking(condition, settings)


def _find_lacking(status: ProjectStatus, gate: GateAnswer | None, *, is_pull_request: bool) -> Iterator[Condition]:
    yield from (each for each in status.conditions if each.actual_value is None)
    told = {each.metric_key for each in status.conditions}
    for demand in gate.conditions if gate else ():
        # In a pull request SonarQube judges conditions on new code alone.
        if demand.metric not in told and (is_new_code(demand.metric) or not is_pull_request):
            yield Condition(status="", metric_key=demand.metric, comparator=demand.op, error_threshold=demand.error)


def judge_gate(status: ProjectStatus, gate: GateAnswer | None, settings: Settings) -> CheckResult:
    """SonarQube's own word for the whole."""
    broken = sum(condition.status == "ERROR" for condition in status.conditions)
    counted = f"{broken} of {len(status.conditions)} conditions broken"
    named = f" ({gate.name})" if gate else ""
    verdict = VERDICTS.get(status.status, Verdict.INCONCLUSIVE)
    summary, mend = f"{status.status[:40]}{named}: {counted}", f"see {settings.dashboard}"
    if status.status == "NONE":
        verdict, mend = Verdict.ERROR, ANALYSE_FIRST
        summary = "NONE: never analysed, or its first analysis still waits"
    elif verdict is Verdict.PASSED and not status.conditions and not (gate and gate.conditions):
        verdict = Verdict.ERROR
        summary = f"{status.status[:40]}{named}, but no condition was judged, which proves nothing"
        mend = "give the quality gate conditions" if gate else "name the gate with `quality_gate`, or analyse again"
    return CheckResult(
        name="quality gate",
        verdict=verdict,
        summary=summary,
        measurements=(Measurement(name="quality gate", value=status.status, wanted="OK"),),
        details=f"new code: {describe_period(status.period)}" if status.period else "",
        mend="" if verdict is Verdict.PASSED else mend,
    )


def judge_completeness(
    status: ProjectStatus, gate: GateAnswer | None, lacking: tuple[Condition, ...], settings: Settings
) -> CheckResult:
    """Whether all that the gate asks for could be judged: SonarQube leaves a condition without a value out."""
    name = "conditions with a value"
    count = sum(condition.actual_value is not None for condition in status.conditions)
    if gate is None:
        is_good = settings.on_missing == "pass"
        return CheckResult(
            name=name,
            verdict=Verdict.PASSED if is_good else Verdict.ERROR,
            summary=f"{count}; the token may not see how many the quality gate has",
            measurements=(Measurement(name="conditions", value=count, wanted=""),),
            mend=""
            if is_good
            else "name the gate with `quality_gate`, or use the token of a user who may browse the project",
        )
    missing = [condition.metric_key for condition in lacking if not may_lack(condition, settings)]
    without = f"; without: {', '.join(condition.metric_key for condition in lacking)}" if lacking else ""
    return CheckResult(
        name=name,
        verdict=Verdict.ERROR if missing else Verdict.PASSED,
        summary=f"{count} of {count + len(lacking)}{without}",
        measurements=(Measurement(name="conditions", value=count, wanted=f"{count + len(lacking)}"),),
        mend=NO_VALUE_MEND if missing else "",
    )


def judge_condition(condition: Condition, status: ProjectStatus, settings: Settings) -> CheckResult:
    """SonarQube's word for one condition, held against its own numbers."""
    metric = condition.metric_key
    verdict = VERDICTS.get(condition.status, Verdict.INCONCLUSIVE)
    notes = [describe_period(status.period)] if is_new_code(metric) and status.period else []
    mend = f"see {settings.dashboard}"
    if verdict is Verdict.INCONCLUSIVE:
        notes.append(f"SonarQube says {condition.status[:40]}")
    elif verdict is Verdict.PASSED and is_unclear(condition):
        verdict = Verdict.INCONCLUSIVE
        notes.append("SonarQube says OK of what is no number")
    elif verdict is Verdict.PASSED and breaks(condition):
        if status.ignored_conditions and metric in FORGIVEN:
            notes.append("let through by SonarQube: the change is too small")
        else:
            verdict = Verdict.INCONCLUSIVE
            notes.append("SonarQube says OK all the same")
    value = show(metric, condition.actual_value or "")
    unit = unit_of(metric)
    written = f"{value} {unit}".strip()
    return CheckResult(
        name=name_of(metric),
        verdict=verdict,
        summary=", ".join((f"{written}, wanted {wanted_of(condition)} {unit}".strip(), *notes)),
        measurements=(Measurement(name=metric, value=number(value), wanted=wanted_of(condition), unit=unit),),
        mend="" if verdict is Verdict.PASSED else mend,
    )


def judge_lacking(condition: Condition, settings: Settings) -> CheckResult:
    """A condition whose metric has no value."""
    metric, unit = condition.metric_key, unit_of(condition.metric_key)
    is_good = may_lack(condition, settings)
    return CheckResult(
        name=name_of(metric),
        verdict=Verdict.SKIPPED if is_good else Verdict.ERROR,
        summary=f"no value, wanted {wanted_of(condition)} {unit}".strip(),
        measurements=(Measurement(name=metric, value=None, wanted=wanted_of(condition), unit=unit),),
        mend="" if is_good else NO_VALUE_MEND,
    )


def may_lack(condition: Condition, settings: Settings) -> bool:
    """Whether the policy lets this condition go without a value."""
    return settings.on_missing == "pass" or condition.metric_key in settings.may_lack


def breaks(condition: Condition) -> bool:
    """Whether its value breaks its threshold; words and unknown comparators are left to SonarQube."""
    value, threshold = exact(condition.actual_value or ""), exact(condition.error_threshold)
    comparator = COMPARATORS.get(condition.comparator)
    if value is None or threshold is None or comparator is None:
        return False
    return bool(comparator[0](value, threshold))


def is_unclear(condition: Condition) -> bool:
    """Whether its threshold is a number, and its value is none."""
    return exact(condition.error_threshold) is not None and exact(condition.actual_value or "") is None


def is_new_code(metric: str) -> bool:
    """Whether the metric looks at new code alone; the others look at all of it."""
    return metric.startswith("new_")


def name_of(metric: str) -> str:
    """For people, and one for each metric: "coverage of new code", "bugs of all code"."""
    code = "new code" if is_new_code(metric) else "all code"
    return f"{metric.removeprefix('new_').replace('_', ' ')} of {code}"


def unit_of(metric: str) -> str:
    """The unit, where the metric's name tells it."""
    return "%" if metric.endswith(PERCENTAGES) else ""


def show(metric: str, written: str) -> str:
    """The value as SonarQube's pages show it: ratings are letters."""
    rating = whole(written.removesuffix(".0"))
    is_rating = metric.endswith("_rating") and rating in range(1, 6)
    return RATINGS[rating - 1] if is_rating and rating else written[:80]


def number(shown: str) -> int | float | str:
    """A number as one, so that other tools can reckon with it; anything else as it is."""
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", shown, re.ASCII):
        return shown
    found = conversions.number(shown) if "." in shown else whole(shown)
    return shown if found is None else found


def wanted_of(condition: Condition) -> str:
    """What is demanded, e.g. "at least 80", or for a rating "B or better"."""
    threshold = show(condition.metric_key, condition.error_threshold)
    if threshold in RATINGS and condition.comparator == "GT":
        return threshold if threshold == "A" else f"{threshold} or better"
    _, words = COMPARATORS.get(condition.comparator, (None, condition.comparator[:40]))
    return f"{words} {threshold}".strip()


def describe_period(period: Period | None) -> str:
    """Since when code is new."""
    if period is None:
        return ""
    words: Iterable[str] = (PERIODS.get(period.mode, period.mode[:40].lower()), period.parameter[:80])
    if not period.parameter:
        words = ("since", period.date[:40])
    return " ".join(filter(None, words))
