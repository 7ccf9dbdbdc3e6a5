"""How many probes a promise needs, told beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deliverygate_gates.health.plan import Bound, Need, Plan, Proof, make_plan
from tests.command import deliverygate


def test_plan_tells_probes_and_time_by_failures_and_quantiles() -> None:
    plan = make_plan(99.0, rate=10.0, failures=1, quantiles=("p95",))

    assert plan == Plan(
        availability=99.0,
        confidence=95.0,
        rate=10.0,
        needs=(Need(0, 299, 29.8), Need(1, 473, 47.2)),
        bounds=(Bound("p95", 59, 5.8),),
    )


@pytest.mark.parametrize(
    ("probes", "proof"),
    [
        (1, Proof(1, 0.0, 5.0, (), None, 1)),
        (100, Proof(100, 9.9, 97.0486, ("p90", "p95"), None, 4)),
        (299, Proof(299, 29.8, 99.0030, ("p90", "p95", "p99"), 0, 7)),
        (1000, Proof(1000, 99.9, 99.7008, ("p90", "p95", "p99"), 4, 16)),
    ],
)
def test_proof_tells_what_a_number_of_probes_can_show(probes: int, proof: Proof) -> None:
    plan = make_plan(99.0, quantiles=("p90", "p95", "p99"), probes=probes)

    assert plan.proof == proof


def test_share_that_is_shown_is_never_rounded_up() -> None:
    plan = make_plan(99.999, confidence=99.999, probes=100_000)

    assert plan.proof is not None
    assert plan.proof.availability == 99.9884


def test_command_tells_it_to_people(tmp_path: Path) -> None:
    ran = deliverygate(
        "health",
        "plan",
        "--availability",
        "99.5",
        "--failures",
        "1",
        "--quantile",
        "p99",
        "--count",
        "1000",
        folder=tmp_path,
    )

    assert (ran.status, ran.stdout) == (
        0,
        """\
To show with 95 % confidence that at least 99.5 % of requests are answered well, at 10/s:

  failures    probes       time
         0       598         1m
         1       947      1m35s

To bound a latency quantile with 95 % confidence:

  quantile    probes       time
       p99       299        30s

1000 probes take 1m40s and show, 95 % sure:

  at least 99.7008 % when none fails
  99.5 % with at most 1 failed
  less than 99.5 % from 10 failed on
  a bound of p99
""",
    )


def test_command_tells_it_to_programs(tmp_path: Path) -> None:
    ran = deliverygate("health", "plan", "--failures", "0", "--quantile", "p50", "--json", folder=tmp_path)

    assert json.loads(ran.stdout) == {
        "availability": 99.0,
        "confidence": 95.0,
        "rate": 10.0,
        "needs": [{"failures": 0, "probes": 299, "seconds": 29.8}],
        "bounds": [{"quantile": "p50", "probes": 5, "seconds": 0.4}],
        "proof": None,
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--availability", "100"), "--availability: is out of range; write per cent, from 1 to 99.999: no number of probes shows 100"),
        (("--confidence", "nan"), "--confidence: is out of range; write per cent, from 50 to 99.999"),
        (("--rate", "0"), "--rate: is out of range; write a number of probes a second, from 0.001 to 10000"),
        (("--failures", "-1"), "--failures: is out of range; write a number from 0 to 20"),
        (("--count", "0"), "--count: is out of range; write a number from 1 to 100000"),
        (("--quantile", "p100"), "--quantile: 'p100' is not a quantile; write e.g. p95 or p99.9"),
    ],
    ids=["perfection", "no number", "never", "negative", "no probes", "the maximum"],
)  # fmt: skip
def test_what_makes_no_sense_is_wrong_use(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = deliverygate("health", "plan", *arguments, folder=tmp_path)

    assert (ran.status, ran.errors) == (2, [told])
