"""The gate before stores that answer whatever a test wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from deliverygate.change import ChangeRequest
from deliverygate.errors import ConfigError, ReportError, TransportError
from deliverygate.gate import MetricsAnswer, Point, Series
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeMetrics, make_context, run_gate
from deliverygate.testing.doors import START
from deliverygate_gates.slo import gate

SHOP = {"name": "shop", "objective": 99.9, "total": "requests_total", "bad": 'requests_total{code="500"}'}
RANGE = re.compile(r"\[(\w+)\]")

Told = Mapping[str, object]  # bad events by window, "" for the windows that it does not name


def store(bad: Told, *, total: object = 1_000_000, **others: object) -> FakeMetrics:
    """A store that has ``total`` events in each window, and ``bad`` ones."""

    def answer(expression: str) -> object:
        if expression == "time()":
            return START.timestamp()
        window = RANGE.search(expression)
        assert window
        if expression in others:
            return others[expression]
        if '"500"' in expression:
            return bad.get(window[1], bad.get("", 0))
        return total.get(window[1], 1_000_000) if isinstance(total, Mapping) else total

    return FakeMetrics(answer)


def judge(
    metrics: FakeMetrics, folder: Path, *, change: ChangeRequest | None = None, **more: Any
) -> tuple[CheckResult, ...]:
    settings = {"slos": [SHOP], **more}
    return run_gate(gate, settings, make_context(folder, metrics={"main": metrics}, change=change))


def verdicts(checks: tuple[CheckResult, ...]) -> list[str]:
    return [check.verdict.value for check in checks]


def test_healthy_service_passes_with_its_numbers(tmp_path: Path) -> None:
    checks = judge(store({"": 100}), tmp_path)

    assert [(check.name, check.verdict, check.summary) for check in checks] == [
        (
            "shop: error budget",
            Verdict.PASSED,
            "90 % of the error budget left (99.99 % of 1,000,000 events good in 30d, wanted 99.9 %)",
        ),
        (
            "shop: page burn rate",
            Verdict.PASSED,
            "0.1 times the budget's pace over 1h, wanted at most 14.4; 0.1 times the budget's pace over 6h, wanted at most 6",
        ),
        (
            "shop: ticket burn rate",
            Verdict.PASSED,
            "0.1 times the budget's pace over 1d, wanted at most 3; 0.1 times the budget's pace over 3d, wanted at most 1",
        ),
    ]
    assert checks[0].measurements == (
        Measurement(name="error budget left", value=90.0, wanted="more than 0 %", unit="%"),
        Measurement(name="good events", value=99.99, wanted="at least 99.9", unit="%"),
        Measurement(name="events", value=1_000_000, wanted="at least 100"),
    )
    assert [(each.name, each.value, each.wanted) for each in checks[1].measurements] == [
        ("burn rate over 1h", 0.1, "at most 14.4"),
        ("burn rate over 5m", 0.1, "at most 14.4"),
        ("burn rate over 6h", 0.1, "at most 6"),
        ("burn rate over 30m", 0.1, "at most 6"),
    ]


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ({"": 0}, ["passed", "passed", "passed"]),
        ({"30d": 999}, ["passed", "passed", "passed"]),
        ({"30d": 1000}, ["failed", "passed", "passed"]),
        ({"1h": 14_401, "5m": 14_401}, ["passed", "failed", "passed"]),
        ({"1h": 14_400, "5m": 14_400}, ["passed", "passed", "passed"]),
        ({"1h": 99_999}, ["passed", "passed", "passed"]),
        ({"5m": 99_999}, ["passed", "passed", "passed"]),
        ({"6h": 6001, "30m": 6001}, ["passed", "failed", "passed"]),
        ({"1d": 3001, "2h": 3001}, ["passed", "passed", "failed"]),
        ({"3d": 1001, "6h": 1001}, ["passed", "passed", "failed"]),
        ({"": 1_000_000}, ["failed", "failed", "failed"]),
    ],
    ids=[
        "nothing bad", "one left", "none left", "fast burn", "at the limit", "over", "has just begun", "slow burn",
        "ticket in a day", "ticket in days", "down",
    ],
)  # fmt: skip
def test_budget_and_pairs_of_windows_decide(tmp_path: Path, bad: Told, found: list[str]) -> None:
    assert verdicts(judge(store(bad), tmp_path, ticket="fail")) == found


@pytest.mark.parametrize(
    ("period", "factors"),
    [("7d", [13.44, 3.5, 1.4, 0.98]), ("28d", [13.4, 5.6, 2.8, 0.933]), ("30d", [14.4, 6, 3, 1])],
)
def test_limits_are_those_of_sloth(tmp_path: Path, period: str, factors: list[float]) -> None:
    checks = judge(store({"": 0}), tmp_path, slos=[{**SHOP, "period": period}])

    wanted = [each.wanted for check in checks[1:] for each in check.measurements[::2]]
    assert wanted == [f"at most {factor:.3g}" for factor in factors]


def test_little_budget_passes_and_says_so(tmp_path: Path) -> None:
    checks = judge(store({"30d": 900}), tmp_path)

    assert checks[0].summary.startswith("10 % of the error budget left, which is little: below 25 %")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"least_budget": 50}, ["failed", "failed", "passed"]),
        ({"budget": "warn", "page": "warn"}, ["passed", "passed", "passed"]),
        ({"budget": "ignore", "ticket": "ignore"}, ["failed"]),
        ({"page": "ignore", "ticket": "ignore"}, ["passed"]),
    ],
    ids=["more must be left", "warn", "page only", "budget only"],
)
def test_policy_says_what_becomes_of_a_breach(tmp_path: Path, settings: dict[str, Any], found: list[str]) -> None:
    metrics = store({"30d": 600, "1h": 50_000, "5m": 50_000})

    assert verdicts(judge(metrics, tmp_path, **settings)) == found


def test_windows_of_the_policy_take_the_place_of_sloths(tmp_path: Path) -> None:
    windows = [{"severity": "page", "long": "2h", "short": "10m", "budget": 5}]
    slo = {**SHOP, "period": "14d"}

    checks = judge(store({"2h": 8500, "10m": 8500}), tmp_path, slos=[slo], windows=windows)

    assert [(check.name, check.summary) for check in checks[1:]] == [
        ("shop: page burn rate", "8.5 times the budget's pace over 2h and 8.5 over 10m, wanted at most 8.4")
    ]


@pytest.mark.parametrize(
    ("total", "bad", "told"),
    [
        ({"30d": nan}, {}, "NaN for 30d"),
        ({"1h": nan}, {}, "NaN in 30d: a sample of `total` is no number"),
        ({"30d": inf}, {}, "infinity for 30d"),
        ({"30d": -1}, {}, "`total` is -1 in 30d, below zero"),
        ({"30d": 99}, {}, "too little traffic: 99 events in 30d, 100 wanted"),
        ({"30d": None}, {}, "no series for `total` in 30d"),
        ({}, {"30d": nan}, "NaN for 30d"),
        ({}, {"30d": 2_000_000}, "2e+06 bad of 1e+06 in 30d: the two count different things"),
        ({}, {"30d": -20_000}, "-20000 bad of 1e+06 in 30d: the two count different things"),
        ({}, {"30d": None}, "no series for `bad` in 30d"),
        ({}, {"30d": MetricsAnswer((), ("store-2 is down",))}, "the answer may lack something: store-2 is down"),
    ],
    ids=[
        "total NaN", "a NaN in total", "total infinite", "total negative", "little traffic", "no total", "bad NaN", "too many bad",
        "negative bad", "no bad", "partial answer",
    ],
)  # fmt: skip
def test_what_proves_nothing_is_inconclusive_and_told(tmp_path: Path, total: Told, bad: Told, told: str) -> None:
    check = judge(store(bad, total=total), tmp_path)[0]

    assert (check.verdict, check.summary) == (Verdict.INCONCLUSIVE, told)
    assert (
        check.mend == "see that the service is scraped and that the expressions are right; docs/gates/slo.md#evidence"
    )


def slots(*present: int, of: int = 720) -> MetricsAnswer:
    """An answer to a range of ``of`` slots of an hour, with values in ``present`` ones."""
    first = START - timedelta(hours=of - 1)
    return MetricsAnswer((Series({}, tuple(Point(first + timedelta(hours=each), 1.0) for each in present)),))


@pytest.mark.parametrize(
    ("present", "told"),
    [
        (range(720), ""),
        (range(719), "stale: no data in the last 1h"),
        (range(240, 720), "data of the last 20d only, 30d wanted"),
        ([*range(300), *range(350, 720)], "data for 93.1 % of 30d only, 95 % wanted: scrapes failed"),
        ([*range(300), *range(330, 720)], ""),
        ([], "no data in 30d"),
    ],
    ids=["whole", "stale", "young", "gap", "small gap", "nothing"],
)
def test_window_must_have_data_from_end_to_end(tmp_path: Path, present: list[int], told: str) -> None:
    answer = slots(*present) if present else MetricsAnswer()
    metrics = store({"": 0}, **{"sum(increase(requests_total[1h]))": answer})

    check = judge(metrics, tmp_path, page="ignore", ticket="ignore")[0]

    assert (check.verdict, check.summary if told else "") == (
        Verdict.INCONCLUSIVE if told else Verdict.PASSED,
        told,
    )


def test_young_service_is_judged_by_its_life_where_the_policy_says_so(tmp_path: Path) -> None:
    metrics = store({"": 0}, **{"sum(increase(requests_total[1h]))": slots(*range(600, 720))})

    checks = judge(metrics, tmp_path, page="ignore", ticket="ignore", min_history="5d")

    assert verdicts(checks) == ["passed"]


def test_bad_counter_that_exists_and_is_silent_in_a_window_counts_nothing(tmp_path: Path) -> None:
    checks = judge(store({"30d": 5, "": None}), tmp_path)

    assert verdicts(checks) == ["passed", "passed", "passed"]


def test_absent_bad_counter_is_zero_where_the_policy_says_so(tmp_path: Path) -> None:
    checks = judge(store({"": None}), tmp_path, absent_bad="zero")

    assert verdicts(checks) == ["passed", "passed", "passed"]


def test_absent_good_counter_is_never_taken_for_anything(tmp_path: Path) -> None:
    slo = {"name": "shop", "objective": 99.9, "total": "requests_total", "good": 'requests_total{code="500"}'}

    checks = judge(store({"": None}), tmp_path, slos=[slo], absent_bad="zero")

    assert (checks[0].verdict, checks[0].summary) == (Verdict.INCONCLUSIVE, "no series for `good` in 30d")


def test_long_window_that_burns_is_not_over_while_the_short_one_is_in_doubt(tmp_path: Path) -> None:
    checks = judge(store({"1h": 50_000}, total={"5m": 3}), tmp_path)

    assert (checks[1].verdict, checks[1].summary) == (
        Verdict.INCONCLUSIVE,
        "50 times the budget's pace over 1h, wanted at most 14.4, and whether that is over: "
        "too little traffic: 3 events in 5m, 8 wanted",
    )


def test_proven_burn_outranks_a_doubt(tmp_path: Path) -> None:
    checks = judge(store({"1h": 50_000, "5m": 50_000}, total={"6h": None}), tmp_path)

    assert checks[1].verdict is Verdict.FAILED


def test_doubt_of_what_only_warns_is_skipped_and_told(tmp_path: Path) -> None:
    checks = judge(store({"": 0}, total={"1d": None}), tmp_path)

    assert (checks[2].verdict, checks[2].summary) == (Verdict.SKIPPED, "not known: no series for `total` in 1d")


def test_burn_of_what_only_warns_passes_with_a_warning(tmp_path: Path) -> None:
    checks = judge(store({"1d": 5000, "2h": 5000}), tmp_path)

    assert checks[2].summary == "warning: 5 times the budget's pace over 1d and 5 over 2h, wanted at most 3"


@pytest.mark.parametrize(
    ("total", "events"),
    [
        ("sum(rate(requests_total[{{.window}}]))", 2_592_000),
        ("sum(increase(requests_total[{{.window}}]))", 1),
        ("sum(sum_over_time(requests[{{ .window }}]))", 1),
    ],
)
def test_number_of_events_follows_from_the_expression(tmp_path: Path, total: str, events: int) -> None:
    slo = {"name": "shop", "objective": 99.9, "total": total, "bad": 'x{code="500"}'}

    checks = judge(store({"": 0}, total=1), tmp_path, slos=[slo], min_events=1)

    assert checks[0].measurements[2].value == events


@pytest.mark.parametrize(
    "slo",
    [
        {"name": "shop", "objective": 99.9, "error_ratio": "avg_over_time(errors[{{.window}}])"},
        {"name": "shop", "objective": 99.9, "total": "sum(requests:sum{w='{{.window}}'} [{{.window}}])", "bad": "x"},
    ],
    ids=["a ratio", "an expression that does not tell"],
)
def test_number_of_events_that_cannot_be_told_is_too_few(tmp_path: Path, slo: dict[str, object]) -> None:
    check = judge(store({}, total=0.0001), tmp_path, slos=[slo])[0]

    assert (check.verdict, check.summary) == (
        Verdict.INCONCLUSIVE,
        "how many events 30d had cannot be told: use rate() or increase(), or set `min_events: 0`",
    )


def test_all_questions_are_asked_for_the_moment_of_the_store(tmp_path: Path) -> None:
    metrics = store({"": 0})

    judge(metrics, tmp_path, page="ignore", ticket="ignore")

    assert metrics.asked == [
        "time()",
        'sum(increase(requests_total{code="500"}[30d]))',
        "sum(increase(requests_total[1h]))",
        "sum(increase(requests_total[30d]))",
        'sum(increase(requests_total{code="500"}[30d]))',
    ]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (
            TransportError("connection refused", kind="connect_refused", where="http://p", mend="start it"),
            "inconclusive",
        ),
        (ReportError("refuses 'time()'", where="http://p", mend="start it"), "error"),
    ],
    ids=["out of reach", "refuses"],
)
def test_store_that_does_not_answer_is_told_once(tmp_path: Path, error: Exception, verdict: str) -> None:
    checks = judge(FakeMetrics({"time()": error}), tmp_path, slos=[SHOP, {**SHOP, "name": "other"}])

    assert [(check.name, check.verdict.value, check.mend) for check in checks] == [
        ("store of metrics", verdict, "start it")
    ]


def test_unknown_store_is_an_error(tmp_path: Path) -> None:
    (check,) = judge(store({}), tmp_path, store="mian")

    assert (check.verdict, check.summary) == (Verdict.ERROR, "no store of metrics 'mian' is known")


def test_store_that_breaks_off_in_the_middle_leaves_the_other_objectives_judged(tmp_path: Path) -> None:
    gone = TransportError("connection reset", kind="connect_reset")
    metrics = store({"": 0}, **{"sum(increase(gone_total[30d]))": gone})
    slos = [{**SHOP, "name": "gone", "total": "gone_total"}, SHOP]

    checks = judge(metrics, tmp_path, slos=slos, page="ignore", ticket="ignore")

    assert [(check.name, check.verdict.value) for check in checks] == [
        ("gone: metrics", "inconclusive"),
        ("shop: error budget", "passed"),
    ]


HOTFIX = ChangeRequest(
    title="Stop the loss", description="## Why\n\nHotfix: stops the loss of orders\n", source="!7", labels=("hotfix",)
)


def test_hotfix_may_ship_on_a_spent_budget(tmp_path: Path) -> None:
    metrics = store({"": 2000, "1h": 50_000, "5m": 50_000})

    checks = judge(metrics, tmp_path, change=HOTFIX, **{"except": {"label": "hotfix"}})

    assert verdicts(checks) == ["passed", "passed", "passed"]
    assert checks[0].summary.startswith(
        "exempt (label hotfix, stops the loss of orders): -100 % of the error budget left, wanted more than 0 %"
    )


def test_change_that_is_not_exempt_is_told_what_it_lacks(tmp_path: Path) -> None:
    change = ChangeRequest(title="x", description="Hotfix: stops the loss of orders", source="!7", labels=("bug",))

    check = judge(store({"": 2000}), tmp_path, change=change, **{"except": {"label": "hotfix"}})[0]

    assert (check.verdict, check.mend.partition("; ")[2]) == (
        Verdict.FAILED,
        "the change is not exempt: it does not carry the label hotfix",
    )


def test_hotfix_is_not_exempt_from_the_lack_of_evidence(tmp_path: Path) -> None:
    checks = judge(store({"": 0}, total=None), tmp_path, change=HOTFIX, **{"except": {}})

    assert verdicts(checks) == ["inconclusive", "inconclusive", "skipped"]


def test_change_is_not_looked_up_for_a_healthy_service(tmp_path: Path) -> None:
    def refuse() -> ChangeRequest:
        raise ConfigError("asked without need")

    context = replace(make_context(tmp_path, metrics={"main": store({"": 0})}), change=refuse)

    assert verdicts(run_gate(gate, {"slos": [SHOP], "except": {}}, context)) == ["passed", "passed", "passed"]
