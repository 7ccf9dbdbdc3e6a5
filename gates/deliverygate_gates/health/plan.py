"""``deliverygate health plan``: how many probes a promise needs, before a pipeline spends time on too few."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor

import click
import msgspec

from deliverygate.errors import UsageError
from deliverygate.model import Duration
from deliverygate.statistics import lower_bound, probes_needed, quantile_minimum, upper_bound
from deliverygate_gates.health.proofs import read_quantile

QUANTILES = ("p50", "p90", "p95", "p99", "p99.9")
MOST_FAILURES = 20
MOST_PROBES = 100_000  # for which a sample keeps every single value


class Need(msgspec.Struct, frozen=True):
    """What it takes to show the target although some probes failed."""

    failures: int
    probes: int
    seconds: float  #: from the first to the last one, at the rate asked for


class Bound(msgspec.Struct, frozen=True):
    """What it takes to bound a quantile of the latency."""

    quantile: str
    probes: int
    seconds: float


class Proof(msgspec.Struct, frozen=True):
    """What a given number of probes can show."""

    probes: int
    seconds: float
    availability: float  #: per cent that is shown when none fails
    quantiles: tuple[str, ...]  #: those that it can bound
    allowed: int | None  #: failures with which the target is still shown; None: it is not shown even without one
    rejecting: int | None  #: failures from which on the target is shown to be missed; None: no number shows that


class Plan(msgspec.Struct, frozen=True):
    """The answer, as ``--json`` prints it."""

    availability: float  #: per cent
    confidence: float  #: per cent
    rate: float  #: probes a second
    needs: tuple[Need, ...]
    bounds: tuple[Bound, ...]
    proof: Proof | None = None  #: of the number of probes that was asked about


def make_plan(
    availability: float,
    *,
    confidence: float = 95.0,
    rate: float = 10.0,
    failures: int = 3,
    quantiles: tuple[str, ...] = QUANTILES,
    probes: int | None = None,
) -> Plan:
    """What it takes to show ``availability`` and to bound each of ``quantiles``; percentages are given as such."""
    target, sure = availability / 100, confidence / 100

    def need(allowed: int) -> Need:
        count = probes_needed(target, sure, allowed)
        return Need(allowed, count, _seconds(count, rate))

    def bound(name: str) -> Bound:
        count = quantile_minimum(read_quantile(name), sure)
        return Bound(name, count, _seconds(count, rate))

    needs = tuple(map(need, range(failures + 1)))
    bounds = tuple(map(bound, quantiles))
    proof = _proof(probes, target, sure, rate, bounds) if probes else None
    return Plan(availability, confidence, rate, needs, bounds, proof)


def _proof(probes: int, target: float, sure: float, rate: float, bounds: tuple[Bound, ...]) -> Proof:
    allowed = _last(probes, lambda failed: lower_bound(probes - failed, probes, sure) >= target)
    missed = _last(probes, lambda failed: upper_bound(probes - failed, probes, sure) >= target)
    return Proof(
        probes=probes,
        seconds=_seconds(probes, rate),
        availability=floor(lower_bound(probes, probes, sure) * 1e6) / 1e4,  # down: not more than is shown
        quantiles=tuple(each.quantile for each in bounds if each.probes <= probes),
        allowed=allowed,
        rejecting=None if missed in (None, probes) else missed + 1,
    )


def _last(probes: int, holds: Callable[[int], bool]) -> int | None:
    """The most failures with which it ``holds``, as it does with all fewer ones; None: with none at all."""
    found = bisect_left(range(probes + 1), True, key=lambda failed: not holds(failed)) - 1
    return None if found < 0 else found


def _seconds(probes: int, rate: float) -> float:
    return round((probes - 1) / rate, 3)


def describe(plan: Plan) -> str:
    """The plan for people."""
    sure = f"with {plan.confidence:g} % confidence"
    lines = [
        f"To show {sure} that at least {plan.availability:g} % of requests are answered well, at {plan.rate:g}/s:",
        "",
    ]
    lines += _table(("failures", "probes", "time"), ((each.failures, each.probes, each.seconds) for each in plan.needs))
    lines += ["", f"To bound a latency quantile {sure}:", ""]
    lines += _table(
        ("quantile", "probes", "time"), ((each.quantile, each.probes, each.seconds) for each in plan.bounds)
    )
    if plan.proof:
        lines += ["", *_describe_proof(plan, plan.proof)]
    return "\n".join(lines)


def _describe_proof(plan: Plan, proof: Proof) -> Iterator[str]:
    target = f"{plan.availability:g} %"
    yield f"{proof.probes} probes take {_span(proof.seconds)} and show, {plan.confidence:g} % sure:"
    yield ""
    yield f"  at least {proof.availability:.7g} % when none fails"
    if proof.allowed is None:
        yield f"  never {target}: they are too few"
    else:
        yield f"  {target} with at most {proof.allowed} failed"
    if proof.rejecting is not None:
        yield f"  less than {target} from {proof.rejecting} failed on"
    yield f"  a bound of {', '.join(proof.quantiles) or 'no quantile that was asked about'}"


def _table(head: tuple[str, str, str], rows: Iterable[tuple[str | int, int, float]]) -> Iterator[str]:
    for first, second, third in (head, *((str(a), str(b), _span(c)) for a, b, c in rows)):
        yield f"  {first:>8}  {second:>8}  {third:>9}"


def _span(seconds: float) -> str:
    return str(Duration(ceil(seconds)))


@click.group()
def health() -> None:
    """Plan what the health gate is to prove."""


@health.command()
@click.option("--availability", default=99.0, show_default=True, help="Per cent of requests to be answered well")
@click.option("--confidence", default=95.0, show_default=True, help="Per cent; how sure it must be")
@click.option("--rate", default=10.0, show_default=True, help="Probes a second")
@click.option("--failures", default=3, show_default=True, help="Tell up to this many failed probes")
@click.option("--quantile", "quantiles", multiple=True, help="Latency quantile, e.g. p95; may be given several times")
@click.option("--count", type=int, help="Tell what this many probes can show")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object")
def plan(
    availability: float,
    confidence: float,
    rate: float,
    failures: int,
    quantiles: tuple[str, ...],
    count: int | None,
    as_json: bool,
) -> None:
    """Tell how many probes a promise needs, and how long they take.

    The numbers are exact: see docs/statistics.md.
    """
    _check(
        "--availability", 1 <= availability <= 99.999, "write per cent, from 1 to 99.999: no number of probes shows 100"
    )
    _check("--confidence", 50 <= confidence <= 99.999, "write per cent, from 50 to 99.999")
    _check("--rate", 0.001 <= rate <= 10_000, "write a number of probes a second, from 0.001 to 10000")
    _check("--failures", 0 <= failures <= MOST_FAILURES, f"write a number from 0 to {MOST_FAILURES}")
    _check("--count", count is None or 1 <= count <= MOST_PROBES, f"write a number from 1 to {MOST_PROBES}")
    for name in quantiles:
        try:
            read_quantile(name)
        except ValueError as error:
            raise UsageError(
                str(error).partition("; ")[0], where="--quantile", mend="write e.g. p95 or p99.9"
            ) from error
    made = make_plan(
        availability,
        confidence=confidence,
        rate=rate,
        failures=failures,
        quantiles=quantiles or QUANTILES,
        probes=count,
    )
    click.echo(msgspec.json.format(msgspec.json.encode(made), indent=2) if as_json else describe(made))


def _check(option: str, holds: bool, mend: str) -> None:
    if not holds:
        raise UsageError("is out of range", where=option, mend=mend)
