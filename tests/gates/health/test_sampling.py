"""What a number of requests proves, disproves or leaves open, and which of them say anything at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverygate.config.values import convert
from deliverygate.errors import DeadlineExceeded
from deliverygate.gate import Sample, Shot, Shots
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeClock, FakeHttp, make_context
from deliverygate_gates.health import gate
from deliverygate_gates.health.proofs import Sampling
from deliverygate_gates.health.sampling import judge_sample
from tests.gates.health.asking import DOWN, OK, URL, all_checked, respond

GOOD = Shot(intended=0, seconds=0.1, ok=True, status=200)
SLOW = Shot(intended=0, seconds=0.9, ok=True, status=200)
BAD = Shot(intended=0, seconds=0.01, status=503)
TIMEOUT = Shot(intended=0, seconds=10, fault="read_timeout")
LATE = Shot(intended=0, seconds=5, late=True, ok=True, status=200)


def judged(*shots: Shot, missed: int = 0, **rule: object) -> tuple[CheckResult, ...]:
    settings = convert({"count": 3000, **rule}, Sampling)
    sample = Sample(Shots(shots), missed=missed, seconds=30.0)
    return tuple(judge_sample(sample, settings, timeout_seconds=10, name="shop"))


@pytest.mark.parametrize(
    ("shots", "verdict", "summary"),
    [
        (
            [GOOD] * 300,
            Verdict.PASSED,
            "100 % answered well (300 of 300), which proves 99.006 % with 95 % confidence, wanted 99 %",
        ),
        (
            [*[GOOD] * 299, BAD],
            Verdict.INCONCLUSIVE,
            "99.666 % answered well (299 of 300), which proves 98.428 % with 95 % confidence, wanted 99 %: "
            "173 more good ones are needed to tell",
        ),
        (
            [*[GOOD] * 290, *[BAD] * 10],
            Verdict.FAILED,
            "96.666 % answered well (290 of 300), which proves 94.411 % with 95 % confidence, wanted 99 %",
        ),
        (
            [GOOD] * 10,
            Verdict.INCONCLUSIVE,
            "100 % answered well (10 of 10), which proves 74.113 % with 95 % confidence, wanted 99 %: "
            "289 more good ones are needed to tell",
        ),
        (
            [],
            Verdict.INCONCLUSIVE,
            "0 % answered well (0 of 0), which proves 0 % with 95 % confidence, wanted 99 %: "
            "299 more good ones are needed to tell",
        ),
    ],
    ids=["proven", "left open", "disproven", "too few", "none"],
)
def test_availability_is_proven_disproven_or_left_open(shots: list[Shot], verdict: Verdict, summary: str) -> None:
    (check,) = judged(*shots, availability=99)

    assert (check.name, check.verdict) == ("shop: availability", verdict)
    assert check.summary == f"{summary}, in 30s from here"


def test_availability_is_measured_as_seen_and_as_proven() -> None:
    (check,) = judged(*[GOOD] * 299, BAD, availability=95)

    assert check.measurements == (
        Measurement(name="availability", value=99.666, wanted="at least 95", unit="%"),
        Measurement(name="availability that is proven", value=98.428, wanted="at least 95", unit="%"),
        Measurement(name="requests", value=300, wanted=""),
    )


@pytest.mark.parametrize(
    ("shots", "verdict", "summary"),
    [
        (
            [*[GOOD] * 99, SLOW],
            Verdict.PASSED,
            "p95 100 ms, and with 95 % confidence at most 100 ms, wanted 500 ms (99 of 100 in time)",
        ),
        (
            [*[GOOD] * 96, *[SLOW] * 4],
            Verdict.INCONCLUSIVE,
            "p95 100 ms, and with 95 % confidence at most 900 ms, wanted 500 ms (96 of 100 in time): "
            "81 more good ones are needed to tell",
        ),
        (
            [*[GOOD] * 80, *[SLOW] * 20],
            Verdict.FAILED,
            "p95 900 ms, and with 95 % confidence at most 900 ms, wanted 500 ms (80 of 100 in time)",
        ),
        (
            [*[GOOD] * 80, *[BAD] * 20],
            Verdict.FAILED,
            "p95 a failed request, and with 95 % confidence at most a failed request, wanted 500 ms "
            "(80 of 100 in time)",
        ),
        (
            [GOOD] * 58,
            Verdict.INCONCLUSIVE,
            "p95 100 ms, and with 95 % confidence at most unknown: too few requests, wanted 500 ms (58 of 58 in time): "
            "1 more good one is needed to tell",
        ),
    ],
    ids=["in time", "left open", "too slow", "failures are never fast", "too few"],
)
def test_quantile_of_the_latency_is_bounded(shots: list[Shot], verdict: Verdict, summary: str) -> None:
    (check,) = judged(*shots, latency={"p95": "500ms"})

    assert (check.name, check.verdict) == ("shop: p95", verdict)
    assert check.summary == f"{summary}, in 30s from here"


def test_what_the_prober_did_late_is_counted_and_not_used() -> None:
    unreachable = Shot(intended=0, seconds=0, fault="connect_unreachable")
    too_often = Shot(intended=0, seconds=0, status=429)

    (check,) = judged(*[GOOD] * 299, *[LATE] * 5, unreachable, too_often, availability=99)

    assert check.verdict is Verdict.PASSED
    assert check.details.splitlines()[2:] == [
        "5 not used: sent late by this machine",
        "1 not used: connect_unreachable",
        "1 not used: status 429",
    ]


def test_request_that_was_never_sent_because_all_waited_is_a_failure() -> None:
    (check,) = judged(*[GOOD] * 290, TIMEOUT, missed=9, availability=99)

    assert (check.verdict, check.summary.partition(",")[0]) == (
        Verdict.FAILED,
        "96.666 % answered well (290 of 300)",
    )
    assert check.details.splitlines()[2:] == [
        "9 failed: not sent, every connection waited 10s",
        "1 failed: read_timeout",
    ]


def test_sample_is_taken_from_a_healthy_service_by_its_expectations(tmp_path: Path) -> None:
    answers = [OK, *[OK] * 399, respond(b"maintenance", seconds=0.01)]
    sample = {"count": 400, "rate": 20, "availability": 98, "latency": {"p99": "100ms"}}

    health, availability, p99 = all_checked(
        tmp_path, answers, within="1s", expect={"not_matching": "maintenance"}, sample=sample
    )

    assert [(check.name, check.verdict) for check in (health, availability, p99)] == [
        ("shop/health", Verdict.PASSED),
        ("shop/health: availability", Verdict.PASSED),
        ("shop/health: p99", Verdict.INCONCLUSIVE),
    ]
    assert "99.75 % answered well (399 of 400)" in availability.summary
    assert "1 failed: status 200" in availability.details


def test_sample_that_is_stopped_tells_what_it_has_and_proves_nothing(tmp_path: Path) -> None:
    sample = {"for": "40s", "rate": 10, "availability": 90, "latency": {"p90": "1s"}}
    endpoints = [
        {"name": "waits", "url": "http://shop/b", "wait": "20s"},
        {"name": "shop", "url": URL, "needs": ["waits"], "sample": sample},
    ]
    clock = FakeClock(timeout_seconds=50)
    answers = {URL: OK, "http://shop/b": [DOWN] * 9 + [OK]}

    context = make_context(tmp_path, clock=clock, http=FakeHttp(answers, clock=clock))
    checks: list[CheckResult] = []

    with pytest.raises(DeadlineExceeded):
        checks.extend(gate.check(convert({"endpoints": endpoints}, gate.settings), context))

    made = "its time of 50 s is over; 316 of 400 requests were made"
    assert [(check.verdict, check.summary) for check in checks[2:]] == [
        (
            Verdict.INCONCLUSIVE,
            f"{made}: 100 % answered well (316 of 316), which proves 99.056 % with 95 % confidence, wanted 90 %, "
            "in 31.5s from here",
        ),
        (
            Verdict.INCONCLUSIVE,
            f"{made}: p90 12 ms, and with 95 % confidence at most 12 ms, wanted 1000 ms (316 of 316 in time), "
            "in 31.5s from here",
        ),
    ]


def test_sick_service_is_not_sampled(tmp_path: Path) -> None:
    checks = all_checked(tmp_path, DOWN, sample={"count": 400, "availability": 98})

    assert [(check.verdict, check.summary) for check in checks] == [
        (Verdict.FAILED, "status 503, wanted 200-299"),
        (Verdict.SKIPPED, "not asked: 'shop/health' is failed"),
    ]
