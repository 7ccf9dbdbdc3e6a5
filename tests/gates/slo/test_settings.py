"""What the policy may say of objectives."""

from __future__ import annotations

from typing import Any

import pytest

from deliverygate.config.values import convert
from deliverygate_gates.slo.objective import Sli, events_in, fill, read_expression
from deliverygate_gates.slo.settings import Settings

SLO = {"name": "shop", "objective": 99.9, "total": "t", "bad": "b"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("requests_total", "sum(increase(requests_total[{{.window}}]))"),
        (
            ' http_requests_total{job="shop", code=~"5.." } ',
            'sum(increase(http_requests_total{job="shop", code=~"5.." }[{{.window}}]))',
        ),
        ('{__name__="a:b",path="/{id}"}', 'sum(increase({__name__="a:b",path="/{id}"}[{{.window}}]))'),
        ("x{a='it\\'s'}", "sum(increase(x{a='it\\'s'}[{{.window}}]))"),
        ("sum(\n  rate(x[{{ .window }}])\n)", "sum( rate(x[{{ .window }}]) )"),
        ("sum(rate(x[{{- .window -}}]))", "sum(rate(x[{{- .window -}}]))"),
    ],
    ids=["a name", "labels", "labels only", "single quotes", "lines", "trimmed"],
)
def test_selector_becomes_an_increase_and_an_expression_stays(written: str, read: str) -> None:
    assert read_expression(written) == read


@pytest.mark.parametrize(
    "written",
    ["sum(x)", "rate(x[5m])", "x[5m]", "x offset 5m", "", "{}", 'x{a="', "sum(rate(x[{{.range}}]))", 'x{a="1"} or y'],
)
def test_what_is_no_selector_and_has_no_window_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"neither the selector|a template other than"):
        read_expression(written)


def test_window_is_filled_in_as_prometheus_writes_it() -> None:
    template = "rate(x[{{.window}}]) / rate(y[{{ .window }}])"

    assert [fill(template, seconds) for seconds in (300, 5400, 2_592_000)] == [
        "rate(x[5m]) / rate(y[5m])",
        "rate(x[1h30m]) / rate(y[1h30m])",
        "rate(x[30d]) / rate(y[30d])",
    ]


@pytest.mark.parametrize(
    ("expression", "events"),
    [
        ("sum(rate(x[5m]))", 600.0),
        ("sum(irate (x[5m]))", 600.0),
        ("sum(increase(x[5m]))", 2.0),
        ("sum_over_time(x[5m])", 2.0),
        ("sum(x:rate5m)", None),
        ("sum(rate(x[5m])) + sum(increase(y[5m]))", None),
    ],
)
def test_events_follow_from_the_function_that_counts(expression: str, events: float | None) -> None:
    assert events_in(2.0, expression, 300) == events


def test_objective_becomes_an_indicator() -> None:
    settings = convert({"slos": [{**SLO, "name": " shop ", "period": "28d"}]}, Settings)

    slo = settings.slos[0].slo
    assert (slo.name, slo.target, slo.period, slo.budget) == ("shop", 0.9990000000000001, 2_419_200.0, 0.001)
    assert slo.sli == Sli(total="sum(increase(t[{{.window}}]))", bad="sum(increase(b[{{.window}}]))")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "`slos` and `files` are both empty, which would prove nothing"),
        ({"slos": [SLO, SLO]}, "two of `slos` are called 'shop'"),
        ({"slos": [{**SLO, "name": " "}]}, "`name` is empty"),
        ({"slos": [{**SLO, "objective": 100}]}, "an objective of 100 is none"),
        ({"slos": [{**SLO, "objective": 0}]}, "an objective of 0 is none"),
        ({"slos": [{**SLO, "good": "g"}]}, "write `total` with one of `bad` and `good`"),
        ({"slos": [{"name": "x", "objective": 99, "total": "t"}]}, "write `total` with one of `bad` and `good`"),
        ({"slos": [{**SLO, "error_ratio": "e[{{.window}}]"}]}, "`error_ratio` stands alone"),
        ({"slos": [{"name": "x", "objective": 99, "error_ratio": "e"}]}, "an error ratio is an expression with"),
        ({"slos": [{**SLO, "period": "30m"}]}, "a period is a span from 1h to 366d"),
        ({"slos": [{**SLO, "period": "14d"}]}, "there are no windows for a period of 14d .but for 7d, 28d, 30d."),
        ({"slos": [{**SLO, "period": "1h"}], "windows": [{"severity": "page", "long": "1h", "short": "5m", "budget": 2}]},
         "a window of `windows` is not shorter than the period of 1h"),
        ({"slos": [SLO], "windows": [{"severity": "page", "long": "5m", "short": "1h", "budget": 2}]}, "`short` is shorter than `long`"),
        ({"slos": [SLO], "windows": [{"severity": "page", "long": "1.5s", "short": "1s", "budget": 2}]}, "whole seconds"),
        ({"slos": [SLO], "budget": "ignore", "page": "ignore", "ticket": "ignore"}, "all ignored, which would prove nothing"),
        ({"slos": [SLO], "scrape_interval": "100ms"}, "`scrape_interval` is a span of whole seconds"),
        ({"slos": [SLO], "sloth_period": "0s"}, "a period is a span from 1h to 366d"),
    ],
    ids=[
        "nothing", "twice", "no name", "100 %", "0 %", "bad and good", "total alone", "ratio and total", "ratio of no window",
        "short period", "period without windows", "window of the period", "windows turned around", "half a second",
        "nothing judged", "scraped too often", "no period",
    ],
)  # fmt: skip
def test_what_proves_nothing_or_cannot_be_is_refused(written: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        convert(written, Settings)


def test_period_needs_no_windows_where_no_burn_is_judged() -> None:
    settings = convert({"slos": [{**SLO, "period": "14d"}], "page": "ignore", "ticket": "ignore"}, Settings)

    assert settings.pairs_for(14 * 86_400) == ()
