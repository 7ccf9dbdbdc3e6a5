"""Pyrra's ServiceLevelObjective. https://github.com/pyrra-dev/pyrra"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from deliverygate.conversions import number
from deliverygate.judging.documents import Document, typed
from deliverygate_gates.slo.files.reading import at, fault, place, span
from deliverygate_gates.slo.objective import SELECTOR, Sli, Slo, read_percent
from deliverygate_gates.slo.settings import Settings, make_sli, read_period

_BUCKET = re.compile(r"[{,]\s*le\s*=")


class Query(msgspec.Struct):
    """The selector of a metric."""

    metric: str
    grouping: tuple[str, ...] = ()


class Ratio(msgspec.Struct):
    """Errors of all events."""

    errors: Query
    total: Query
    grouping: tuple[str, ...] = ()


class Latency(msgspec.Struct):
    """Events that were fast enough, of all: a bucket and the count of a histogram."""

    success: Query
    total: Query
    grouping: tuple[str, ...] = ()


class Indicator(msgspec.Struct):
    """One of the kinds."""

    ratio: Ratio | None = None
    latency: Latency | None = None
    bool_gauge: Query | None = None


class Metadata(msgspec.Struct):
    """What Kubernetes knows a resource by."""

    name: str


class Spec(msgspec.Struct):
    """The promise."""

    target: str | float  #: per cent
    window: str
    indicator: Indicator


class Resource(msgspec.Struct):
    """The whole resource."""

    kind: str
    metadata: Metadata
    spec: Spec


def read(document: Document, _: tuple[Document, ...], settings: Settings) -> Iterator[Slo]:
    """The objective of a resource."""
    if document.data.get("kind") != "ServiceLevelObjective":
        return
    resource = typed(document, Resource, path=document.path, null_is_absent=True)
    with at(document, "spec", "target"):
        target = read_percent(_number(resource.spec.target))
    with at(document, "spec", "window"):
        period = read_period(span(resource.spec.window))
    sli = _sli(document, resource.spec.indicator)
    yield Slo(name=resource.metadata.name, target=target, period=period, sli=sli, source=place(document, "metadata"))


def _sli(document: Document, indicator: Indicator) -> Sli:
    path = ("spec", "indicator")
    given = [each for each in (indicator.ratio, indicator.latency, indicator.bool_gauge) if each is not None]
    if len(given) != 1:
        raise fault(
            document, path, "not one of the kinds that are read", "write one of `ratio`, `latency` and `bool_gauge`"
        )
    if given[0].grouping:
        mend = "write an objective for each group"
        raise fault(document, path, "`grouping` makes many objectives of one, which is not supported", mend)
    with at(document, *path):
        if indicator.ratio:
            return make_sli(total=_selector(indicator.ratio.total), bad=_selector(indicator.ratio.errors))
        if indicator.latency:
            return make_sli(total=_selector(indicator.latency.total), good=_bucket(indicator.latency.success))
        gauge = _selector(given[0] if isinstance(given[0], Query) else Query(""))
        # Each sample is an event, good when the gauge is 1.
        return make_sli(
            total=f"sum(count_over_time({gauge}[{{{{.window}}}}]))",
            good=f"sum(sum_over_time({gauge}[{{{{.window}}}}]))",
        )


def _selector(query: Query) -> str:
    if not SELECTOR.fullmatch(query.metric.strip()):
        raise ValueError(
            f'{query.metric[:80]!r} is not the selector of a metric; write e.g. requests_total{{job="shop"}}'
        )
    return query.metric.strip()


def _bucket(query: Query) -> str:
    if not _BUCKET.search(_selector(query)):
        raise ValueError('the metric of `success` has no `le`; write the bucket of the limit, e.g. {le="0.5"}')
    return _selector(query)


def _number(written: str | float) -> float:
    found = number(str(written))
    if found is None:
        raise ValueError(f"{str(written)[:40]!r} is not a number; write per cent, such as 99.9")
    return found
