"""Readings against an objective: how much of the error budget is left, and whether it goes too fast. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deliverygate.judging.figures import beside, show_beside
from deliverygate.model import CheckResult, Duration, Measurement, Verdict
from deliverygate_gates.slo.exemption import Plea
from deliverygate_gates.slo.measuring import Reading
from deliverygate_gates.slo.objective import Slo
from deliverygate_gates.slo.settings import Action, Settings
from deliverygate_gates.slo.windows import Pair, Severity

SPENT = "ship nothing but what makes the service more reliable, until the period has passed the bad days"
BURNING = "find what breaks, or take the last release back, before anything else is shipped"
NO_EVIDENCE = "see that the service is scraped and that the expressions are right; docs/gates/slo.md#evidence"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What is known of one check before the policy's action and the change's plea are heard."""

    verdict: Verdict
    summary: str
    measurements: tuple[Measurement, ...] = ()
    mend: str = ""


def judge_budget(slo: Slo, readings: Mapping[float, Reading], settings: Settings) -> Judgement:
    """How much of the budget of the period is left."""
    reading = readings[slo.period]
    if doubt := _doubt_of(reading, settings.min_events):
        return Judgement(verdict=Verdict.INCONCLUSIVE, summary=doubt, mend=NO_EVIDENCE)
    bad_share = reading.bad_share or 0.0
    left = 100 * (1 - bad_share / slo.budget)
    shown = show_beside(left, settings.least_budget, digits=4)
    good = 100 * (1 - bad_share)
    wanted = f"more than {settings.least_budget:g} %"
    of_events = f" of {reading.events:,.0f} events" if reading.events is not None else ""
    what = f"{shown} % of the error budget left"
    why = f"{good:.6g} %{of_events} good in {Duration(slo.period)}, wanted {100 * slo.target:.6g} %"
    measurements = (
        Measurement(
            name="error budget left", value=beside(left, settings.least_budget, digits=4), wanted=wanted, unit="%"
        ),
        Measurement(name="good events", value=round(good, 6), wanted=f"at least {100 * slo.target:.6g}", unit="%"),
        Measurement(name="events", value=_whole(reading.events), wanted=f"at least {settings.min_events}"),
    )
    if left <= settings.least_budget:
        summary = f"{what}, wanted {wanted} ({why})"
        return Judgement(verdict=Verdict.FAILED, summary=summary, measurements=measurements, mend=SPENT)
    warning = f", which is little: below {settings.warn_below:g} %" if left < settings.warn_below else ""
    return Judgement(verdict=Verdict.PASSED, summary=f"{what}{warning} ({why})", measurements=measurements)


def judge_burn(
    slo: Slo, severity: Severity, pairs: tuple[Pair, ...], readings: Mapping[float, Reading], settings: Settings
) -> Judgement:
    """Whether any pair of windows of this severity burns too fast. A proven burn outranks a doubt."""
    burns = [_burn(slo, pair, readings, settings) for pair in pairs if pair.severity == severity]
    worst = Verdict.worst(burn.verdict for burn in burns)
    return Judgement(
        verdict=worst,
        summary="; ".join(dict.fromkeys(burn.summary for burn in burns if burn.verdict is worst)),
        measurements=tuple(each for burn in burns for each in burn.measurements),
        mend=next(burn.mend for burn in burns if burn.verdict is worst),
    )


def _burn(slo: Slo, pair: Pair, readings: Mapping[float, Reading], settings: Settings) -> Judgement:
    long, short = readings[pair.long], readings[pair.short]
    limit = pair.factor(slo.period)
    measured = tuple(_burn_rate(slo, reading, limit) for reading in (long, short))
    found = tuple(show_beside(each.value, limit) for each in measured if isinstance(each.value, float))
    unclear = _doubt_of(long, settings.min_events)
    if unclear:
        return Judgement(verdict=Verdict.INCONCLUSIVE, summary=unclear, measurements=measured, mend=NO_EVIDENCE)
    wanted = f"wanted at most {limit:.3g}"
    if not _exceeds(slo, long, limit):
        summary = f"{found[0]} times the budget's pace over {pair.long}, {wanted}"
        return Judgement(verdict=Verdict.PASSED, summary=summary, measurements=measured)
    if _exceeds(slo, short, limit):
        summary = f"{found[0]} times the budget's pace over {pair.long} and {found[1]} over {pair.short}, {wanted}"
        return Judgement(verdict=Verdict.FAILED, summary=summary, measurements=measured, mend=BURNING)
    # The long window burns; that it is over must be shown as well as the burn itself.
    if unclear := _doubt_of(short, _share_of_events(pair, settings.min_events)):
        summary = f"{found[0]} times the budget's pace over {pair.long}, {wanted}, and whether that is over: {unclear}"
        return Judgement(verdict=Verdict.INCONCLUSIVE, summary=summary, measurements=measured, mend=NO_EVIDENCE)
    summary = f"over: {found[0]} times the budget's pace over {pair.long}, {found[1]} over {pair.short}, {wanted}"
    return Judgement(verdict=Verdict.PASSED, summary=summary, measurements=measured)


def _exceeds(slo: Slo, reading: Reading, limit: float) -> bool:
    return reading.bad_share is not None and not reading.doubt and round(reading.bad_share / slo.budget - limit, 9) > 0


def _share_of_events(pair: Pair, min_events: int) -> int:
    """Of the events wanted in the long window, those that fall into the short one; one at least."""
    return max(round(min_events * pair.short / pair.long), 1) if min_events else 0


def _burn_rate(slo: Slo, reading: Reading, limit: float) -> Measurement:
    rate = None
    if reading.bad_share is not None and not reading.doubt:
        rate = beside(reading.bad_share / slo.budget, limit, digits=4)
    name = f"burn rate over {Duration(reading.seconds)}"
    return Measurement(name=name, value=rate, wanted=f"at most {limit:.3g}")


def _doubt_of(reading: Reading, min_events: int) -> str:
    """Why a reading proves nothing; "" where it does."""
    if reading.doubt:
        return reading.doubt
    window = Duration(reading.seconds)
    if min_events and reading.events is None:
        return f"how many events {window} had cannot be told: use rate() or increase(), or set `min_events: 0`"
    if reading.events is not None and reading.events < min_events:
        return f"too little traffic: {reading.events:,.0f} events in {window}, {min_events} wanted"
    if reading.bad_share is None:
        return f"no traffic in {window}"
    return ""


def conclude(name: str, found: Judgement, action: Action, plea: Plea) -> CheckResult:
    """The check: what was found, under what the policy does with it and what the change says for itself."""
    verdict, summary, mend = found.verdict, found.summary, found.mend
    if action == "warn" and verdict is Verdict.FAILED:
        verdict, summary = Verdict.PASSED, f"warning: {summary}"
    elif action == "warn" and verdict is Verdict.INCONCLUSIVE:
        verdict, summary = Verdict.SKIPPED, f"not known: {summary}"
    elif verdict is Verdict.FAILED and plea.granted:
        verdict, summary = Verdict.PASSED, f"exempt ({plea.granted}): {summary}"
    elif verdict is Verdict.FAILED and plea.missing:
        mend = f"{mend}; the change is not exempt: {plea.missing}"
    return CheckResult(name=name, verdict=verdict, summary=summary, measurements=found.measurements, mend=mend)


def _whole(events: float | None) -> int | None:
    return None if events is None else round(events)
