"""How long an endpoint may take to become healthy, how it must stay so, and which limit ends what."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.config.values import convert
from deliverygate.errors import ConfigError
from deliverygate.gate import Completed, Response
from deliverygate.model import Measurement, Verdict
from deliverygate.testing import FakeClock, FakeHttp, FakeShell, make_context, run_gate
from deliverygate_gates.health import gate
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.timing import kept_for_last
from tests.gates.health.asking import DOWN, OK, REFUSED, URL, all_checked, checked


def test_healthy_is_who_answers_well_several_times_in_a_row(tmp_path: Path) -> None:
    check = checked(tmp_path, [OK, DOWN, OK, OK, OK, DOWN], wait="60s", every="2s", consecutive=3)

    assert (check.verdict, check.summary) == (Verdict.PASSED, "status 200 in 12 ms (ready after 8.1 s, 5 tries)")


def test_row_that_is_broken_off_by_the_end_of_the_wait_fails(tmp_path: Path) -> None:
    check = checked(tmp_path, [DOWN, DOWN, OK, OK], wait="7s", every="2s", consecutive=3)

    assert (check.verdict, check.summary) == (
        Verdict.FAILED,
        "good answers in a row 2, wanted at least 3 (4 tries, 6.1 s)",
    )


def test_several_good_answers_are_demanded_without_a_wait_too(tmp_path: Path) -> None:
    steady = checked(tmp_path, OK, consecutive=3)
    shaky = checked(tmp_path, [OK, DOWN, OK], consecutive=3)

    assert [(check.verdict, check.summary) for check in (steady, shaky)] == [
        (Verdict.PASSED, "status 200 in 12 ms (3 tries)"),
        (Verdict.FAILED, "status 503, wanted 200-299 (2 tries, 2.1 s)"),
    ]


def test_service_that_falls_over_after_a_while_fails_its_soak(tmp_path: Path) -> None:
    answers = [DOWN, *[OK] * 200, REFUSED, *[OK] * 500]

    check = checked(tmp_path, answers, wait="60s", every="5s", soak="20m")

    assert (check.verdict, check.summary) == (
        Verdict.FAILED,
        "connection refused (connect_refused) (healthy for 997.4 s, 202 tries)",
    )


def test_service_that_stays_healthy_passes_its_soak(tmp_path: Path) -> None:
    check = checked(tmp_path, OK, every="10s", soak="20m")

    assert (check.verdict, check.summary) == (Verdict.PASSED, "status 200 in 12 ms (healthy for 1191.4 s, 120 tries)")
    assert check.measurements[-1] == Measurement(name="healthy", value=1191.428, wanted="for 1200", unit="s")


def test_ready_too_late_fails_although_it_is_healthy(tmp_path: Path) -> None:
    check = checked(tmp_path, [DOWN, DOWN, OK], wait="60s", every="10s", ready_within="15s")

    assert (check.verdict, check.summary, check.mend) == (
        Verdict.FAILED,
        "time to ready 20.112 s, wanted at most 15 s (3 tries, 20.1 s)",
        "find what makes it start slowly, or raise `ready_within`",
    )


def test_last_ones_have_their_time_even_where_others_used_up_the_gates(tmp_path: Path) -> None:
    clock = FakeClock(timeout_seconds=60)
    http = FakeHttp({"http://a/": DOWN, "http://b/": replace(OK, seconds=9), "http://c/": OK}, clock=clock)
    shell = FakeShell({"./clean.sh": lambda _: Completed(0, b"", b"", 15)}, clock=clock)
    endpoints = [
        {"url": "http://a/", "wait": "20s"},
        {"name": "slow", "url": "http://b/", "soak": "25s", "needs": ["c/"], "timeout": "10s"},
        {"name": "never", "url": "http://b/", "needs": ["slow"]},
        {"url": "http://c/"},
        {"command": "./clean.sh", "finally": True, "timeout": "20s"},
    ]

    checks = run_gate(
        gate, {"endpoints": endpoints, "concurrency": 1}, make_context(tmp_path, clock=clock, http=http, shell=shell)
    )

    over = "the gate's time is over but for what is kept for `finally` endpoints"
    assert [(check.verdict, check.summary.partition(";")[0]) for check in checks] == [
        (Verdict.FAILED, "status 503, wanted 200-299 (10 tries, 18.5 s)"),
        (Verdict.INCONCLUSIVE, over),
        (Verdict.SKIPPED, "not asked: it needs 'slow', which is inconclusive"),
        (Verdict.PASSED, "status 200 in 12 ms"),
        (Verdict.PASSED, "exit status 0 (15.0 s)"),
    ]


def test_time_that_is_kept_for_the_last_ones_is_no_time_of_others(tmp_path: Path) -> None:
    context = make_context(tmp_path, clock=FakeClock(timeout_seconds=60))
    clean = {"command": "./clean.sh", "finally": True, "timeout": "40s"}

    with pytest.raises(ConfigError) as caught:
        run_gate(gate, {"endpoints": [{"url": URL, "wait": "30s"}, clean]}, context)

    assert caught.value.what == (
        "may take 30s by its own settings, and the gate has 1m, 40s of it kept for `finally` endpoints"
    )


@pytest.mark.parametrize(
    ("many", "seconds"),
    [
        ({}, 0),
        ({"a": {"finally": True}}, 10),
        ({str(number): {"finally": True} for number in range(9)}, 20),
        ({"a": {"finally": True}, "b": {"finally": True, "needs": ["a"], "timeout": "5s"}}, 15),
    ],
    ids=["none", "one", "more than fit side by side", "one after the other"],
)
def test_as_much_is_kept_as_the_last_ones_may_take(many: dict[str, dict[str, object]], seconds: float) -> None:
    endpoints = {name: convert({"url": URL, "name": name, **given}, Endpoint) for name, given in many.items()}

    assert kept_for_last({"other": convert({"url": URL}, Endpoint), **endpoints}, concurrency=8) == seconds


def test_flaky_endpoints_are_counted_and_limited(tmp_path: Path) -> None:
    clock = FakeClock()
    http = FakeHttp({"http://a/": [REFUSED, OK], "http://b/": [REFUSED, OK], "http://c/": OK}, clock=clock)
    endpoints = [{"url": f"http://{host}/", "attempts": 2} for host in "abc"]
    settings = {"endpoints": endpoints, "concurrency": 1, "max_flaky": 1}

    *checks, flaky = run_gate(gate, settings, make_context(tmp_path, clock=clock, http=http))

    assert [check.verdict for check in checks] == [Verdict.PASSED] * 3
    assert (flaky.name, flaky.verdict, flaky.summary) == (
        "flaky endpoints",
        Verdict.FAILED,
        "2 answered only at a further try, at most 1 wanted: a/, b/",
    )


def test_deadline_of_a_check_ends_that_check_only(tmp_path: Path) -> None:
    clock = FakeClock()
    version = {"expect": "1", "header": "x", "replicas": 30}
    http = FakeHttp({URL: Response(200, {"x": "1"}, b"", 1.0, URL), "http://b/": OK}, clock=clock)
    endpoints = [{"url": URL, "deadline": "20s", "version": {**version, "addresses": "one"}}, {"url": "http://b/"}]
    context = make_context(tmp_path, clock=clock, http=http)

    checks = run_gate(gate, {"endpoints": endpoints, "concurrency": 1}, context)

    assert [(check.name, check.verdict, check.summary) for check in checks] == [
        ("shop/health", Verdict.PASSED, "status 200 in 1000 ms"),
        (
            "shop/health: version",
            Verdict.INCONCLUSIVE,
            "its `deadline` of 20s is over; it was not decided",
        ),
        ("b/", Verdict.PASSED, "status 200 in 12 ms"),
    ]


def test_answer_that_the_deadline_cut_off_is_no_fault_of_the_service(tmp_path: Path) -> None:
    slow = Response(200, {"x": "1"}, b"", 8.0, URL)
    version = {"expect": "1", "header": "x", "addresses": "one", "replicas": 2}

    health, proof = all_checked(tmp_path, slow, deadline="20s", control=False, version=version)

    assert [(check.verdict, check.summary) for check in (health, proof)] == [
        (Verdict.PASSED, "status 200 in 8000 ms"),
        (Verdict.INCONCLUSIVE, "its `deadline` of 20s is over; it was not decided"),
    ]


@pytest.mark.parametrize(
    ("endpoint", "needed"),
    [
        ({"wait": "20m"}, "20m"),
        ({"attempts": 100, "every": "10s"}, "33m"),
        ({"soak": "15m"}, "15m10s"),
        ({"sample": {"for": "11m", "availability": 99}}, "11m10s"),
    ],
    ids=["wait", "attempts", "soak", "sample"],
)
def test_endpoint_that_needs_more_time_than_the_gate_has_is_refused(
    tmp_path: Path, endpoint: dict[str, object], needed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, OK, time=600, **endpoint)

    assert str(caught.value) == (
        f"shop/health: may take {needed} by its own settings, and the gate has 10m; "
        "raise the gate's `timeout`, or lower `wait`, `attempts`, `soak` or `sample`"
    )
