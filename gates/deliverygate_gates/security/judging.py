"""Reports of security scanners against what a policy demands of them: one check for each demand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from deliverygate.gate import GateContext
from deliverygate.judging import suppressions, threshold
from deliverygate.model import CheckResult, Finding, Measurement, Scan, Verdict
from deliverygate_gates.freshness import judge_age
from deliverygate_gates.reports import Reading, doubt, pool
from deliverygate_gates.scope import open_scope
from deliverygate_gates.security.demands import Demands
from deliverygate_gates.security.selection import judge_selected, select
from deliverygate_gates.security.threat import read_threat
from deliverygate_gates.suppressing import open_suppressions


def follow(
    readings: Iterable[Reading], demands: Demands, context: GateContext
) -> Generator[CheckResult, None, list[Reading]]:
    """The checks of each report as it is read, and all of them in the end."""
    done: list[Reading] = []
    for reading in readings:
        done.append(reading)
        yield reading.check
        yield from judge_age(reading, demands, context, file_tells=False)
    return done


def judge(
    readings: Sequence[Reading],
    demands: Demands,
    context: GateContext,
    *,
    judge_classes: Callable[[Sequence[Scan]], CheckResult],
) -> Iterator[CheckResult]:
    """The scope, the classes looked at, the systems past their end, ``block_if``, and each capped severity."""
    scope = open_scope(demands.scope, context)
    scans = [scope.narrow(reading.scan) for reading in readings if reading.scan]
    yield from scope.tell(scans)
    if not scans:
        return
    if demands.classes:
        yield judge_classes(scans)
    if demands.end_of_life != "ignore":
        yield judge_end_of_life(scans, blocks=demands.end_of_life == "block")
    suppressed = open_suppressions(demands.honor_suppressions, context)
    gathered = pool(scans, suppressed, context.clock.now().date())
    chosen, others = choose(gathered.findings, demands.classes)
    if expression := demands.expression:
        threat = read_threat(demands, chosen, context)
        yield from threat.checks
        selected = select(chosen, expression, threat, demands)
        why = doubt(readings, scope.doubt, threat.doubt)
        yield judge_selected(selected, expression, threat, rules=gathered.rules, doubt=why)
        chosen = selected.ignored + selected.others
    noted, why = gathered.noted + others, doubt(readings, scope.doubt)
    yield from threshold.judge(chosen, demands.limits, noted=noted, rules=gathered.rules, doubt=why)
    if demands.max_suppressed is not None:
        yield suppressions.judge(gathered.noted, demands.max_suppressed)


def judge_end_of_life(scans: Sequence[Scan], *, blocks: bool) -> CheckResult:
    """A system past its end gets no fixes, and therefore often shows no vulnerability."""
    ended = tuple(dict.fromkeys(system for scan in scans for system in scan.end_of_life))
    failed = blocks and bool(ended)
    what = f"{', '.join(ended)} gets no more security updates" if ended else "no system past its end of life is named"
    return CheckResult(
        name="end of life",
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        summary=what if failed or not ended else f"{what}; `end_of_life: warn` lets it through",
        measurements=(Measurement(name="systems past their end of life", value=len(ended), wanted="0"),),
        mend="move to a release that is maintained" if failed else "",
    )


def choose(
    findings: Sequence[Finding], classes: Sequence[str] | None
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings of the chosen classes, and the others."""
    if classes is None:
        return tuple(findings), ()
    return (
        tuple(finding for finding in findings if class_of(finding.category) in classes),
        tuple(finding for finding in findings if class_of(finding.category) not in classes),
    )


def class_of(category: str) -> str:
    """The tool's class; licences of packages and of files are one."""
    return "license" if category.startswith("license") else category
