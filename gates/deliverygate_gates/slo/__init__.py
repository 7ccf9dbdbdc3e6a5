"""Service level objectives as a gate: nothing is shipped on a spent error budget, or while it goes too fast."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from deliverygate.errors import ConfigError, DeliveryGateError, ReportError, TransportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Verdict
from deliverygate_gates.slo.exemption import Plea, hear
from deliverygate_gates.slo.files import read_files
from deliverygate_gates.slo.judging import Judgement, conclude, judge_budget, judge_burn
from deliverygate_gates.slo.measuring import Inquiry, Reading, read_now
from deliverygate_gates.slo.objective import Slo
from deliverygate_gates.slo.settings import Action, Settings
from deliverygate_gates.slo.windows import Pair, Severity

__all__ = ["Settings", "gate"]

FAULTS = (ConfigError, ReportError, TransportError)
SEVERITIES: tuple[Severity, ...] = ("page", "ticket")


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """For each objective one check for its budget and one for each kind of burn."""
    try:
        slos = (*(each.slo for each in settings.slos), *read_files(settings, context.law))
    except FAULTS as error:
        yield tell_fault("objectives", error)
        return
    try:
        metrics = context.metrics(settings.store)
        at = read_now(metrics)
    except FAULTS as error:
        yield tell_fault("store of metrics", error)
        return

    @cache
    def find_plea() -> Plea:
        return hear(settings.exempt, context.change)

    for slo in slos:
        context.progress(f"{slo.name}: asks for its windows")
        yield from check_slo(Inquiry(slo=slo, metrics=metrics, at=at, settings=settings), find_plea)


def check_slo(inquiry: Inquiry, find_plea: Callable[[], Plea]) -> Iterator[CheckResult]:
    """The checks of one objective."""
    slo, settings = inquiry.slo, inquiry.settings
    pairs = settings.pairs_for(slo.period)
    try:
        readings = inquiry.read_all(window for pair in pairs for window in (pair.long, pair.short))
    except FAULTS as error:
        yield tell_fault(f"{slo.name}: metrics", error)
        return
    for name, action, found in judge(slo, pairs, readings, settings):
        needs_plea = found.verdict is Verdict.FAILED and action == "fail"
        yield conclude(f"{slo.name}: {name}", found, action, find_plea() if needs_plea else Plea())


def judge(
    slo: Slo, pairs: tuple[Pair, ...], readings: Mapping[float, Reading], settings: Settings
) -> Iterator[tuple[str, Action, Judgement]]:
    """What is found for each check that the policy wants, with what it does about it."""
    if settings.budget != "ignore":
        yield "error budget", settings.budget, judge_budget(slo, readings, settings)
    for severity in SEVERITIES:
        action = settings.action_for(severity)
        if action != "ignore" and any(pair.severity == severity for pair in pairs):
            yield f"{severity} burn rate", action, judge_burn(slo, severity, pairs, readings, settings)


def tell_fault(name: str, error: DeliveryGateError) -> CheckResult:
    """Why there is nothing to judge. A store that does not answer says nothing of the service."""
    verdict = Verdict.INCONCLUSIVE if isinstance(error, TransportError) else Verdict.ERROR
    where = f"{error.where}: " if error.where else ""
    return CheckResult(name=name, verdict=verdict, summary=f"{where}{error.what}", mend=error.mend)


gate = Gate(
    name="slo",
    summary="Demand an error budget that is not spent and does not go too fast",
    settings=Settings,
    check=check,
)
