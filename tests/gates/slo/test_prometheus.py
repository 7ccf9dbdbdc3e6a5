"""The gate before a real Prometheus that holds a week of several services."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

import pytest

from deliverygate.clock import SystemClock
from deliverygate.config.stores import MetricsStore
from deliverygate.errors import ReportError
from deliverygate.http import RequestsHttp
from deliverygate.metrics.prometheus import Prometheus
from deliverygate.model import Verdict
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.slo import gate
from tests.command import deliverygate

pytestmark = [pytest.mark.xdist_group("prometheus"), pytest.mark.timeout(180)]

PASSED, SKIPPED, FAILED, INCONCLUSIVE = Verdict.PASSED, Verdict.SKIPPED, Verdict.FAILED, Verdict.INCONCLUSIVE


@pytest.fixture
def store(prometheus_url: str) -> Prometheus:
    clock = SystemClock(timeout_seconds=60, stop=Event())
    return Prometheus(MetricsStore(url=prometheus_url), http=RequestsHttp(clock), clock=clock, environ={})


def judge(store: Prometheus, folder: Path, job: str, **more: object) -> dict[str, tuple[Verdict, str]]:
    """Verdict and summary of each check of a service, by what is judged."""
    objective = {
        "name": job,
        "objective": 99.9,
        "period": "7d",
        "total": f'requests_total{{job="{job}"}}',
        "bad": f'requests_total{{job="{job}",code=~"5.."}}',
    }
    checks = run_gate(gate, {"slos": [objective], **more}, make_context(folder, metrics={"main": store}))
    return {check.name.removeprefix(f"{job}: "): (check.verdict, check.summary) for check in checks}


@pytest.mark.parametrize(
    ("job", "verdicts"),
    [
        ("healthy", (PASSED, PASSED, PASSED)),
        ("burning-fast", (PASSED, FAILED, FAILED)),
        ("burning-slowly", (PASSED, PASSED, FAILED)),
        ("spent", (FAILED, PASSED, PASSED)),
        ("over", (PASSED, PASSED, PASSED)),
        ("restarting", (PASSED, PASSED, PASSED)),
        ("replicated", (PASSED, PASSED, PASSED)),
        ("gap", (PASSED, PASSED, INCONCLUSIVE)),
        ("stale", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
        ("young", (INCONCLUSIVE, PASSED, INCONCLUSIVE)),
        ("quiet", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
        ("idle", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
        ("never-bad", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
        ("not-a-number", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
        ("unheard-of", (INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE)),
    ],
)
def test_service_is_judged_by_its_budget_and_by_how_fast_it_goes(
    store: Prometheus, tmp_path: Path, job: str, verdicts: tuple[Verdict, ...]
) -> None:
    found = judge(store, tmp_path, job, ticket="fail")

    assert {name: verdict for name, (verdict, _) in found.items()} == dict(
        zip(("error budget", "page burn rate", "ticket burn rate"), verdicts, strict=True)
    )


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("stale", "stale: no data in the last "),
        ("young", "data of the last 2d"),
        ("quiet", "too little traffic: 84 events in 7d, 100 wanted"),
        ("idle", "too little traffic: 0 events in 7d, 100 wanted"),
        ("never-bad", "no series for `bad` in 7d"),
        ("not-a-number", "NaN in 7d: a sample of `total` is no number"),
        ("unheard-of", "no data in 7d"),
    ],
)
def test_what_proves_nothing_is_told(store: Prometheus, tmp_path: Path, job: str, told: str) -> None:
    _, summary = judge(store, tmp_path, job)["error budget"]

    assert summary.startswith(told)


def test_budget_is_that_of_the_events_and_not_of_the_minutes(store: Prometheus, tmp_path: Path) -> None:
    _, summary = judge(store, tmp_path, "healthy")["error budget"]

    assert summary.startswith("90 % of the error budget left (99.99 % of 6,04")


def test_gap_of_three_hours_is_told_with_its_share(store: Prometheus, tmp_path: Path) -> None:
    _, summary = judge(store, tmp_path, "gap", ticket="fail")["ticket burn rate"]

    assert summary == "data for 87.5 % of 1d only, 95 % wanted: scrapes failed"


def test_burst_that_is_over_is_told_as_such(store: Prometheus, tmp_path: Path) -> None:
    _, summary = judge(store, tmp_path, "over")["page burn rate"]

    assert summary.startswith("over: ")


@pytest.mark.parametrize(
    ("job", "more", "verdict"),
    [
        ("young", {"min_history": "1d"}, PASSED),
        ("quiet", {"min_events": 80}, PASSED),
        ("never-bad", {"absent_bad": "zero"}, PASSED),
        ("idle", {"min_events": 0}, INCONCLUSIVE),
    ],
)
def test_policy_may_take_less_for_evidence(
    store: Prometheus, tmp_path: Path, job: str, more: dict[str, object], verdict: Verdict
) -> None:
    assert judge(store, tmp_path, job, **more)["error budget"][0] is verdict


def test_all_ways_to_write_an_objective_come_to_the_same(store: Prometheus, tmp_path: Path) -> None:
    selector = 'requests_total{job="healthy"}'
    good, bad = selector.replace("}", ',code="200"}'), selector.replace("}", ',code="500"}')
    ratio = f"sum(rate({bad}[{{{{.window}}}}])) / sum(rate({selector}[{{{{.window}}}}]))"
    written = (
        {"total": selector, "good": good},
        {"total": f"sum(rate({selector}[{{{{.window}}}}]))", "bad": f"sum(rate({bad}[{{{{ .window }}}}]))"},
        {"error_ratio": ratio},
    )
    slos = [{"name": f"way {index}", "objective": 99.9, "period": "7d", **way} for index, way in enumerate(written)]
    context = make_context(tmp_path, metrics={"main": store})

    checks = run_gate(gate, {"slos": slos, "page": "ignore", "ticket": "ignore", "min_events": 0}, context)

    assert [check.measurements[0].value for check in checks] == [90.0, 90.0, 90.0]


def test_expression_of_several_series_is_an_error_that_says_how_to_mend_it(store: Prometheus, tmp_path: Path) -> None:
    slo = {
        "name": "x",
        "objective": 99,
        "period": "7d",
        "total": "rate(requests_total[{{.window}}])",
        "bad": "requests_total",
    }

    (check,) = run_gate(gate, {"slos": [slo]}, make_context(tmp_path, metrics={"main": store}))

    assert (check.name, check.verdict, check.mend) == ("x: metrics", Verdict.ERROR, "put sum(...) around it")


def test_wrong_expression_is_told_in_the_words_of_the_store(store: Prometheus) -> None:
    with pytest.raises(ReportError, match=r"refuses 'sum\(up' \(status 400: bad_data: .*unclosed left parenthesis"):
        store.query("sum(up")


def test_installed_command_blocks_on_a_service_that_burns(prometheus_url: str, tmp_path: Path) -> None:
    policy = {
        "version": 1,
        "metrics": {"main": {"url": prometheus_url}},
        "stages": {
            "deploy": [
                {
                    "gate": "slo",
                    "slos": [
                        {
                            "name": "shop",
                            "objective": 99.9,
                            "period": "7d",
                            "total": 'requests_total{job="burning-fast"}',
                            "bad": 'requests_total{job="burning-fast",code="500"}',
                        }
                    ],
                }
            ]
        },
    }
    (tmp_path / ".deliverygate.yml").write_text(json.dumps(policy))

    ran = deliverygate("run", "deploy", folder=tmp_path)

    assert (ran.status, "shop: page burn rate" in ran.stdout) == (1, True)
