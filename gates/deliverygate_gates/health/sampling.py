"""What a sample proves: of each claim that it holds, that it does not, or that more requests are needed to tell.

A claim is always about a share of requests: for an availability those that were answered well, for a quantile of the
latency those that were answered well and in time. Its bounds are Clopper and Pearson's; for a quantile they say the
same as the order statistics that bound it whatever the distribution.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from deliverygate.errors import DeliveryGateError
from deliverygate.gate import Sample, Shot, Shots
from deliverygate.model import CheckResult, Duration, Measurement, Verdict
from deliverygate.statistics import lower_bound, nearest_rank, probes_needed, quantile_upper_bound, upper_bound
from deliverygate_gates.health.claims import CANNOT_TELL, CANNOT_TELL_STATUSES
from deliverygate_gates.health.latencies import milliseconds
from deliverygate_gates.health.proofs import Sampling, read_quantile

MEND_FAILED = "look at the service's log of this time: what is told here is what one client saw"
MEND_MORE = "raise `count` or `for`, or ask again when it is quiet"


class Counts(msgspec.Struct, frozen=True):
    """A sample as numbers. ``seconds`` holds infinity for what was not answered well."""

    good: int
    seconds: tuple[float, ...]  #: of every request that tells of the service, one that was due and never sent too
    faults: Counter[str]  #: what went wrong, e.g. {"status 503": 2, "read_timeout": 1}
    unused: Counter[str]  #: requests that tell nothing of the service, by why

    @property
    def total(self) -> int:
        return len(self.seconds)


class Proof(msgspec.Struct, frozen=True):
    """One claim, judged."""

    verdict: Verdict
    summary: str
    measurements: tuple[Measurement, ...]


def judge_sample(sample: Sample, rule: Sampling, *, timeout_seconds: float, name: str) -> Iterator[CheckResult]:
    """One check for the availability, one for each quantile."""
    counts = count(sample, timeout_seconds=timeout_seconds)
    for what, share in rule.claims:
        proof = _availability(counts, rule, share) if what == "availability" else _latency(counts, rule, what)
        yield CheckResult(
            name=f"{name}: {what}",
            verdict=proof.verdict,
            summary=f"{proof.summary}, in {Duration(round(sample.seconds, 1))} from here",
            measurements=(*proof.measurements, *_about(counts)),
            details="\n".join(_details(counts, rule)),
            mend={Verdict.FAILED: MEND_FAILED, Verdict.INCONCLUSIVE: MEND_MORE}.get(proof.verdict, ""),
            seconds=sample.seconds,
        )


def judge_cut(shots: Shots, rule: Sampling, error: DeliveryGateError, *, name: str) -> Iterator[CheckResult]:
    """The same of a sample that was stopped: what there is of it is told, and proves nothing.

    It promised its error rate for a number of requests that was fixed beforehand.
    """
    ended = max((shot.intended + shot.seconds for shot in shots), default=0.0)
    so_far = f"{error.what}; {len(shots)} of {rule.schedule.count} requests were made"
    for check in judge_sample(Sample(shots, seconds=ended), rule, timeout_seconds=0.0, name=name):
        summary = f"{so_far}: {check.summary}" if shots else so_far
        yield replace(check, verdict=Verdict.INCONCLUSIVE, summary=summary, mend=error.mend)


def count(sample: Sample, *, timeout_seconds: float) -> Counts:
    """What of a sample tells of the service.

    Left out is what the prober sent late, and what fails by its own fault; never what the service failed at. What was
    due while every lane waited for an answer was never sent because of the service, and is a failure.
    """
    seconds: list[float] = []
    faults: Counter[str] = Counter()
    unused: Counter[str] = Counter()
    for shot in sample.shots:
        if why := _tells_nothing(shot):
            unused[why] += 1
            continue
        seconds.append(shot.seconds if shot.ok else math.inf)
        if not shot.ok:
            faults[shot.fault or f"status {shot.status}"] += 1
    seconds.extend([math.inf] * sample.missed)
    if sample.missed:
        faults[f"not sent, every connection waited {Duration(timeout_seconds)}"] += sample.missed
    good = sum(each < math.inf for each in seconds)
    return Counts(good, tuple(seconds), faults, unused)


def _tells_nothing(shot: Shot) -> str:
    if shot.late:
        return "sent late by this machine"
    if shot.fault in CANNOT_TELL:
        return str(shot.fault)
    return f"status {shot.status}" if not shot.ok and shot.status in CANNOT_TELL_STATUSES else ""


def _availability(counts: Counts, rule: Sampling, share: float) -> Proof:
    verdict, words = _weigh(counts.good, counts.total, share, rule.confidence)
    at_least = _floor(lower_bound(counts.good, counts.total, rule.confidence / 100) * 100)
    observed = _percent(counts.good, counts.total)
    wanted = f"at least {share * 100:g}"
    return Proof(
        verdict,
        f"{observed:g} % answered well ({counts.good} of {counts.total}), which proves {at_least:g} % "
        f"with {rule.confidence:g} % confidence, wanted {share * 100:g} %{words}",
        (
            Measurement(name="availability", value=observed if counts.total else None, wanted=wanted, unit="%"),
            Measurement(name="availability that is proven", value=at_least, wanted=wanted, unit="%"),
        ),
    )


def _latency(counts: Counts, rule: Sampling, name: str) -> Proof:
    share, limit = read_quantile(name), rule.latency[name]
    in_time = sum(each <= limit for each in counts.seconds)
    verdict, words = _weigh(in_time, counts.total, share, rule.confidence)
    observed = _shown(nearest_rank(counts.seconds, share) if counts.seconds else None)
    bound = _shown(quantile_upper_bound(counts.seconds, share, rule.confidence / 100))
    wanted = f"at most {milliseconds(limit):g}"
    return Proof(
        verdict,
        f"{name} {_told(observed)}, and with {rule.confidence:g} % confidence at most {_told(bound)}, "
        f"wanted {milliseconds(limit):g} ms ({in_time} of {counts.total} in time){words}",
        (
            Measurement(name=f"latency {name}", value=observed, wanted=wanted, unit=_unit(observed)),
            Measurement(name=f"latency {name} at most", value=bound, wanted=wanted, unit=_unit(bound)),
        ),
    )


def _weigh(good: int, total: int, share: float, confidence_percent: float) -> tuple[Verdict, str]:
    """Whether so many good ones prove a share, disprove it, or leave it open, and what is to be said then."""
    confidence = confidence_percent / 100
    if lower_bound(good, total, confidence) >= share:
        return Verdict.PASSED, ""
    if upper_bound(good, total, confidence) < share:
        return Verdict.FAILED, ""
    more = probes_needed(share, confidence, total - good) - total
    ones = "one is" if more == 1 else "ones are"
    return Verdict.INCONCLUSIVE, f": {more} more good {ones} needed to tell"


def _about(counts: Counts) -> Iterator[Measurement]:
    yield Measurement(name="requests", value=counts.total, wanted="")
    if counts.unused:
        yield Measurement(name="requests not used", value=counts.unused.total(), wanted="")


def _details(counts: Counts, rule: Sampling) -> Iterator[str]:
    connections = "each on a connection of its own" if rule.connection == "fresh" else "on connections that are kept"
    yield f"{rule.rate:g} requests a second, {connections}; each timed from the moment when it was due"
    yield "quantiles by nearest rank and order statistics, shares by Clopper and Pearson, one-sided"
    yield from (f"{number} failed: {what}" for what, number in counts.faults.most_common())
    yield from (f"{number} not used: {why}" for why, number in counts.unused.most_common())


def _percent(good: int, total: int) -> float:
    return _floor(100 * good / total) if total else 0.0


def _floor(percent: float) -> float:
    """Three decimals, never rounded up: 99.9996 is not 100."""
    return math.floor(percent * 1000 + 1e-9) / 1000


def _shown(seconds: float | None) -> float | str | None:
    if seconds is None:
        return None
    return "failed" if math.isinf(seconds) else milliseconds(seconds)


def _told(value: float | str | None) -> str:
    if value is None:
        return "unknown: too few requests"
    return "a failed request" if value == "failed" else f"{value:g} ms"


def _unit(value: float | str | None) -> str:
    return "" if isinstance(value, str) else "ms"
