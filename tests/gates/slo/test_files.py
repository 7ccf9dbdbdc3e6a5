"""Objectives from files of OpenSLO, Sloth and Pyrra."""

from __future__ import annotations

from pathlib import Path

import pytest

from deliverygate.config.values import convert
from deliverygate.errors import ConfigError, ReportError
from deliverygate.model import Verdict
from deliverygate.testing import FakeMetrics, make_context, run_gate
from deliverygate.workspace import Workspace
from deliverygate_gates.slo import gate
from deliverygate_gates.slo.files import read_files
from deliverygate_gates.slo.objective import Sli, Slo
from deliverygate_gates.slo.settings import Settings

DAYS_28, DAYS_30 = 28 * 86_400.0, 30 * 86_400.0

SLOTH = """\
version: prometheus/v1
service: shop
labels: {team: a}
slos:
  - name: requests
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
    alerting:
      name: ShopErrors
      page_alert: {labels: {severity: page}}
  - name: wifi
    objective: 95
    sli:
      raw:
        error_ratio_query: 1 - avg_over_time(wifi_ok[{{.window}}])
"""

SLOTH_RESOURCE = """\
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: sloth-shop, namespace: monitoring}
spec:
  service: shop
  slos:
    - name: requests
      objective: 99.9
      sli:
        events:
          errorQuery: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
          totalQuery: sum(rate(http_requests_total[{{.window}}]))
"""

PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: %s
  namespace: monitoring
spec:
  target: "99"
  window: 4w
  indicator:
    %s
"""

OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: requests, displayName: Requests}
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 4w, isRolling: true}]
  indicator:
    metadata: {name: requests-ratio}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{code!~"5.."}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: http_requests_total}}}
  objectives:
    - {displayName: Good, target: 0.999}
"""

REQUESTS = Sli(
    total="sum(rate(http_requests_total[{{.window}}]))",
    bad='sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))',
)


def read(folder: Path, *texts: str, **settings: object) -> tuple[Slo, ...]:
    for index, text in enumerate(texts):
        (folder / f"{index}.yml").write_text(text)
    return read_files(convert({"files": ["*.yml"], **settings}, Settings), Workspace(folder))


def test_sloth_file_has_the_objectives_of_a_service(tmp_path: Path) -> None:
    assert read(tmp_path, SLOTH) == (
        Slo(name="shop/requests", target=99.9 / 100, period=DAYS_30, sli=REQUESTS, source="0.yml:5"),
        Slo(
            name="shop/wifi",
            target=0.95,
            period=DAYS_30,
            sli=Sli(error_ratio="1 - avg_over_time(wifi_ok[{{.window}}])"),
            source="0.yml:14",
        ),
    )


def test_sloth_resource_of_kubernetes_says_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, SLOTH_RESOURCE, sloth_period="28d") == (
        Slo(name="shop/requests", target=99.9 / 100, period=DAYS_28, sli=REQUESTS, source="0.yml:7"),
    )


def test_several_documents_and_kinds_stand_in_one_file(tmp_path: Path) -> None:
    windows = "apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec: {sloPeriod: 30d}\n"

    found = read(tmp_path, "---\n".join(["", SLOTH_RESOURCE, windows, OPENSLO.replace("shop", "other")]))

    assert [slo.name for slo in found] == ["shop/requests", "other/requests"]


@pytest.mark.parametrize(
    ("indicator", "sli"),
    [
        (
            "ratio: {errors: {metric: 'x_total{code=\"500\"}'}, total: {metric: x_total}}",
            Sli(total="sum(increase(x_total[{{.window}}]))", bad='sum(increase(x_total{code="500"}[{{.window}}]))'),
        ),
        (
            "latency: {success: {metric: 'x_bucket{le=\"0.5\"}'}, total: {metric: x_count}}",
            Sli(total="sum(increase(x_count[{{.window}}]))", good='sum(increase(x_bucket{le="0.5"}[{{.window}}]))'),
        ),
        (
            "bool_gauge: {metric: 'probe_success{job=\"shop\"}'}",
            Sli(
                total='sum(count_over_time(probe_success{job="shop"}[{{.window}}]))',
                good='sum(sum_over_time(probe_success{job="shop"}[{{.window}}]))',
            ),
        ),
    ],
    ids=["ratio", "latency", "bool gauge"],
)
def test_pyrra_has_three_kinds_of_indicators(tmp_path: Path, indicator: str, sli: Sli) -> None:
    assert read(tmp_path, PYRRA % ("shop", indicator)) == (
        Slo(name="shop", target=0.99, period=DAYS_28, sli=sli, source="0.yml:3"),
    )


def test_openslo_has_a_ratio_of_counters(tmp_path: Path) -> None:
    sli = Sli(
        total="sum(increase(http_requests_total[{{.window}}]))",
        good='sum(increase(http_requests_total{code!~"5.."}[{{.window}}]))',
    )

    assert read(tmp_path, OPENSLO) == (
        Slo(name="shop/requests", target=0.999, period=DAYS_28, sli=sli, source="0.yml:16"),
    )


def test_openslo_may_have_several_objectives_and_an_indicator_in_another_file(tmp_path: Path) -> None:
    start, rest = OPENSLO.split("  indicator:\n")
    _, spec = rest.split("    spec:\n")
    ratio = spec.partition("  objectives:")[0]
    slo = start + "  indicatorRef: ratio\n  objectives: [{target: 0.99}, {displayName: best, targetPercent: 99.9}]\n"
    sli = "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: ratio}\nspec:\n" + ratio

    found = read(tmp_path, slo, sli)

    assert [(each.name, each.target, each.sli.total) for each in found] == [
        ("shop/requests 1", 0.99, "sum(increase(http_requests_total[{{.window}}]))"),
        ("shop/requests best", 99.9 / 100, "sum(increase(http_requests_total[{{.window}}]))"),
    ]


@pytest.mark.parametrize(
    ("kind", "ratio"), [("failure", "avg(x[{{.window}}])"), ("success", "1 - (avg(x[{{.window}}]))")]
)
def test_openslo_may_have_the_ratio_itself(tmp_path: Path, kind: str, ratio: str) -> None:
    before, _, after = OPENSLO.partition("        counter: true\n")
    after = after[after.index("  objectives:") :]
    raw = f"        rawType: {kind}\n        raw: {{metricSource: {{spec: {{query: 'avg(x[{{{{.window}}}}])'}}}}}}\n"

    (slo,) = read(tmp_path, before + raw + after)

    assert slo.sli == Sli(error_ratio=ratio)


def swap(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "0.yml: is empty; write it, or take it out of the policy"),
        ("- a", "0.yml:1: is not a mapping; write it as its tool reads it"),
        ("a: [", "0.yml:2:1: is not YAML"),
        ("a: 1", "0.yml:1: version: 'None' is not read; write OpenSLO (openslo/v1), Sloth"),
        ("apiVersion: openslo/v1alpha\nkind: SLO", "0.yml:1: apiVersion: 'openslo/v1alpha' is not read"),
        ("apiVersion: openslo/v1\nkind: Service", "0.yml: holds no objective"),
        (swap(SLOTH, "99.9", "100"), "0.yml:6: slos[0].objective: an objective of 100 is none"),
        (swap(SLOTH, "99.9", "'99.9'"), "0.yml:6: slos[0].objective: '99.9' is not a number; write a number"),
        (swap(SLOTH, "wifi_ok[{{.window}}]", "wifi_ok[5m]"), "0.yml:16: slos[1].sli: `error_ratio_query` is no expression"),
        (swap(SLOTH, "      raw:", "      plugin:"), "0.yml:16: slos[1].sli: an SLI of plugin is not read"),
        (SLOTH.replace("requests\n", "wifi\n"), "0.yml:5: the name 'shop/wifi' stands twice"),
        (PYRRA % ("x", "latencyNative: {}"), "0.yml:9: spec.indicator: not one of the kinds that are read"),
        (PYRRA % ("x", "bool_gauge: {metric: up, grouping: [job]}"), "0.yml:9: spec.indicator: `grouping` makes many"),
        (PYRRA % ("x", "bool_gauge: {metric: sum(up)}"), "0.yml:9: spec.indicator: 'sum(up)' is not the selector of a metric"),
        (PYRRA % ("x", "latency: {success: {metric: x_bucket}, total: {metric: x_count}}"),
         "0.yml:9: spec.indicator: the metric of `success` has no `le`"),
        (swap(PYRRA % ("x", "bool_gauge: {metric: up}"), '"99"', "much"), "0.yml:7: spec.target: 'much' is not a number"),
        (swap(PYRRA % ("x", "bool_gauge: {metric: up}"), "4w", "2w"), "0.yml:3: there are no windows for a period of 14d"),
        (swap(PYRRA % ("x", "bool_gauge: {metric: up}"), "4w", "a month"), "0.yml:8: spec.window: 'a month' is not a span"),
        (swap(OPENSLO, "Occurrences", "Timeslices"), "0.yml:6: spec.budgetingMethod: the budgeting method 'Timeslices' is not"),
        (swap(OPENSLO, "isRolling: true", "isRolling: false"), "0.yml:7: spec.timeWindow: a calendar, or several windows"),
        (swap(OPENSLO, "4w", "1M"), "0.yml:7: spec.timeWindow[0].duration: '1M' is not a span"),
        (swap(OPENSLO, "ratioMetric:", "thresholdMetric:"), "0.yml:10: spec.indicator.spec: only `ratioMetric` is supported"),
        (swap(OPENSLO, "counter: true", "counter: false"), "0.yml:11: spec.indicator.spec.ratioMetric: a metric that is no counter"),
        (swap(OPENSLO, "good: {metricSource: {type: Prometheus", "good: {metricSource: {type: Datadog"),
         "0.yml:11: spec.indicator.spec.ratioMetric: a source of type 'Datadog' is not asked"),
        (swap(OPENSLO, "{query: http_requests_total}", "{}"), "0.yml:11: spec.indicator.spec.ratioMetric: `metricSource.spec` has no"),
        (swap(OPENSLO, "        good:", "        worse:"), "0.yml:11: spec.indicator.spec.ratioMetric: `ratioMetric` has not"),
        (swap(OPENSLO, "target: 0.999", "value: 1"), "0.yml:16: spec.objectives[0]: not one target"),
        (swap(OPENSLO, "target: 0.999", "target: 99.9"), "0.yml:16: spec.objectives[0]: an objective of 9990 is none"),
        (swap(OPENSLO, "target: 0.999", "target: 0.999, indicatorRef: x"), "0.yml:16: spec.objectives[0]: a composite objective"),
        (swap(OPENSLO, "  indicator:", "  indicatorRef: gone\n  alert:"), "0.yml:4: spec: no SLI is called 'gone'"),
    ],
    ids=[
        "empty", "a list", "no YAML", "no kind", "old OpenSLO", "a service only", "100 %", "quoted number", "no window",
        "plugin", "a name twice", "native histogram", "grouping", "an expression", "no bucket", "no target", "two weeks",
        "no window of time", "time slices", "calendar", "a month", "threshold", "no counter", "another source",
        "no query", "neither good nor bad", "no OpenSLO target", "per cent as share", "composite", "no indicator",
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)

    assert str(raised.value).startswith(told)


def test_pattern_without_a_file_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no file matches this pattern"):
        read(tmp_path)


def test_wrong_file_is_an_error_of_the_gate(tmp_path: Path) -> None:
    (tmp_path / "slo.yml").write_text("a: 1")

    (check,) = run_gate(gate, {"files": ["slo.yml"]}, make_context(tmp_path, metrics={"main": FakeMetrics({})}))

    assert (check.name, check.verdict) == ("objectives", Verdict.ERROR)


def test_objectives_of_files_are_judged_beside_those_of_the_policy(tmp_path: Path) -> None:
    (tmp_path / "slo.yml").write_text(SLOTH)
    slo = {"name": "own", "objective": 99, "total": "t", "bad": "b"}
    context = make_context(tmp_path, metrics={"main": FakeMetrics(lambda _: 1.0)})

    checks = run_gate(gate, {"slos": [slo], "files": ["*.yml"], "page": "ignore", "ticket": "ignore"}, context)

    assert [check.name for check in checks] == [
        "own: error budget",
        "shop/requests: error budget",
        "shop/wifi: error budget",
    ]


NULLS = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: shop, namespace: null, labels: null}
spec:
  target: "99"
  window: 4w
  description: null
  alerting: null
  indicator:
    latency: null
    bool_gauge: null
    ratio: {grouping: null, errors: {metric: 'x_total{code="500"}', grouping: null}, total: {metric: x_total}}
"""


@pytest.mark.parametrize(
    "text",
    [
        NULLS,
        OPENSLO.replace("spec:\n", "spec:\n  indicatorRef: null\n  alertPolicies: null\n", 1),
        SLOTH.replace("labels: {team: a}", "labels: null", 1).replace("      raw:", "      events: null\n      raw:"),
    ],
    ids=["Pyrra", "OpenSLO", "Sloth"],
)
def test_null_is_a_key_that_is_not_there(tmp_path: Path, text: str) -> None:
    assert len(read(tmp_path, text)) >= 1


def test_null_in_place_of_what_must_be_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, NULLS.replace("window: 4w", "window: null"))
