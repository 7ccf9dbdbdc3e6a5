"""OpenSLO, version 1: ratios of events over a rolling window. https://github.com/OpenSLO/OpenSLO

What cannot be judged by a ratio of events is refused, not approximated: time slices, calendars, thresholds, composites.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.judging.documents import Document, typed
from deliverygate_gates.slo.files.reading import at, fault, place, span
from deliverygate_gates.slo.objective import WINDOW, Sli, Slo, read_percent
from deliverygate_gates.slo.settings import Settings, make_sli, read_period, read_ratio

Path = tuple[str | int, ...]


class Source(msgspec.Struct):
    """Where a metric is asked for."""

    type: str = ""
    spec: dict[str, Any] = {}


class Metric(msgspec.Struct, rename="camel"):
    """One metric of a ratio."""

    metric_source: Source


class RatioMetric(msgspec.Struct, rename="camel"):
    """Good or bad events of all, or the ratio itself."""

    counter: bool = False
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    raw: Metric | None = None
    raw_type: str = ""


class IndicatorSpec(msgspec.Struct, rename="camel"):
    """The kind of an indicator."""

    ratio_metric: RatioMetric | None = None


class Metadata(msgspec.Struct):
    """What others refer to an object by."""

    name: str


class Indicator(msgspec.Struct):
    """An SLI, inline or as an object of its own."""

    spec: IndicatorSpec
    metadata: Metadata | None = None


class TimeWindow(msgspec.Struct, rename="camel"):
    """The period."""

    duration: str
    is_rolling: bool = False


class Objective(msgspec.Struct, rename="camel"):
    """One target."""

    display_name: str = ""
    target: float | None = None  #: a share
    target_percent: float | None = None
    indicator: Any = None
    indicator_ref: str = ""


class Spec(msgspec.Struct, rename="camel"):
    """The promise."""

    time_window: tuple[TimeWindow, ...]
    objectives: tuple[Objective, ...]
    service: str = ""
    budgeting_method: str = ""
    indicator: Indicator | None = None
    indicator_ref: str = ""


class Resource(msgspec.Struct):
    """The whole object."""

    metadata: Metadata
    spec: Spec


def read(document: Document, documents: tuple[Document, ...], settings: Settings) -> Iterator[Slo]:
    """The objectives of an SLO; indicators that it refers to may stand in any of the files."""
    if document.data.get("kind") != "SLO":
        return
    resource = typed(document, Resource, path=document.path, null_is_absent=True)
    spec = resource.spec
    if spec.budgeting_method != "Occurrences":
        what = f"the budgeting method {spec.budgeting_method[:40]!r} is not supported"
        raise fault(
            document, ("spec", "budgetingMethod"), what, "write Occurrences: slices of time are no ratio of events"
        )
    period = _period(document, spec)
    sli = _find_sli(document, documents, spec)
    for index, objective in enumerate(spec.objectives):
        path: Path = ("spec", "objectives", index)
        if objective.indicator is not None or objective.indicator_ref:
            raise fault(document, path, "a composite objective is not supported", "write an SLO for each indicator")
        yield Slo(
            name=_name(resource, index),
            target=_target(document, path, objective),
            period=period,
            sli=sli,
            source=place(document, *path),
        )


def _name(resource: Resource, index: int) -> str:
    objectives = resource.spec.objectives
    name = f"{resource.spec.service}/{resource.metadata.name}" if resource.spec.service else resource.metadata.name
    return name if len(objectives) == 1 else f"{name} {objectives[index].display_name or index + 1}"


def _period(document: Document, spec: Spec) -> float:
    path: Path = ("spec", "timeWindow")
    if len(spec.time_window) != 1 or not spec.time_window[0].is_rolling:
        mend = "write one window with `isRolling: true`"
        raise fault(document, path, "a calendar, or several windows, are not supported", mend)
    with at(document, *path, 0, "duration"):
        return read_period(span(spec.time_window[0].duration))


def _target(document: Document, path: Path, objective: Objective) -> float:
    if (objective.target is None) == (objective.target_percent is None):
        raise fault(document, path, "not one target", "write one of `target` and `targetPercent`")
    with at(document, *path):
        if objective.target is None:
            return read_percent(objective.target_percent or 0.0)
        read_percent(objective.target * 100)
        return objective.target


def _find_sli(document: Document, documents: tuple[Document, ...], spec: Spec) -> Sli:
    if spec.indicator is not None:
        return _sli(document, ("spec", "indicator", "spec"), spec.indicator)
    for other in documents:
        if other.data.get("kind") == "SLI" and other.data.get("apiVersion") == "openslo/v1":
            indicator = typed(other, Indicator, path=other.path, null_is_absent=True)
            if indicator.metadata and indicator.metadata.name == spec.indicator_ref:
                return _sli(other, ("spec",), indicator)
    what = f"no SLI is called {spec.indicator_ref!r}" if spec.indicator_ref else "has no indicator"
    raise fault(document, ("spec",), what, "write `indicator`, or name the file that holds the SLI too")


def _sli(document: Document, path: Path, indicator: Indicator) -> Sli:
    ratio = indicator.spec.ratio_metric
    if ratio is None:
        raise fault(
            document, path, "only `ratioMetric` is supported", "count good or bad events, e.g. those of a bucket"
        )
    path = (*path, "ratioMetric")
    with at(document, *path):
        if ratio.raw:
            if ratio.raw_type not in ("success", "failure"):
                raise ValueError("`rawType` is neither success nor failure; write one of them")
            raw = read_ratio(_query(ratio.raw, ratio))
            return Sli(error_ratio=raw if ratio.raw_type == "failure" else f"1 - ({raw})")
        if ratio.total is None or (ratio.good is None) == (ratio.bad is None):
            raise ValueError("`ratioMetric` has not `total` and one of `good` and `bad`; write them, or `raw`")
        return make_sli(
            total=_query(ratio.total, ratio),
            good=_query(ratio.good, ratio) if ratio.good else "",
            bad=_query(ratio.bad, ratio) if ratio.bad else "",
        )


def _query(metric: Metric, ratio: RatioMetric) -> str:
    source = metric.metric_source
    if source.type.lower() not in ("", "prometheus"):
        raise ValueError(f"a source of type {source.type[:40]!r} is not asked; write Prometheus")
    query = source.spec.get("query")
    if not isinstance(query, str) or not query.strip():
        raise ValueError("`metricSource.spec` has no `query`; write the expression there")
    if not ratio.counter and not WINDOW.search(query):
        raise ValueError("a metric that is no counter needs {{.window}}; write `counter: true` where it is one")
    return query
