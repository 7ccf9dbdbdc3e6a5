"""Bytes of Prometheus's HTTP API to a ``MetricsAnswer``; what cannot be read whole is a ValueError."""

from __future__ import annotations

from typing import Any

import msgspec

from deliverygate.conversions import any_number, moment_of, read_json
from deliverygate.gate import MetricsAnswer, Point, Series

REMARK = "PromQL info:"  #: how Prometheus begins a remark about the question, which says nothing about the data
PARTIAL = "the store calls its answer partial (isPartial)"
LONGEST_WORDS = 300  #: characters of the store's own words that are shown

Pair = tuple[float, str]  #: seconds since 1970, and the number as text: "NaN" and "+Inf" are no JSON


class OneSeries(msgspec.Struct):
    """A series of a vector or of a matrix."""

    metric: dict[str, str]
    value: Pair | None = None
    values: tuple[Pair, ...] | None = None
    histogram: Any = None
    histograms: Any = None


class Data(msgspec.Struct, rename={"kind": "resultType"}):
    """``result`` is read once its type is known."""

    kind: str
    result: msgspec.Raw


class Envelope(msgspec.Struct):
    """What is around every answer."""

    status: str
    data: Data | None = None
    warnings: tuple[str, ...] | None = None
    infos: tuple[str, ...] | None = None
    is_partial: bool | None = msgspec.field(default=None, name="isPartial")  #: VictoriaMetrics' word for half an answer


class Refusal(msgspec.Struct, rename={"kind": "errorType"}):
    """What a fault is told with."""

    error: str = ""
    kind: str = ""


def read_answer(body: bytes, expected: tuple[str, ...]) -> MetricsAnswer:
    """The series of an answer of one of the ``expected`` types. Raises ValueError for anything else."""
    envelope = _decode(body, Envelope)
    if envelope.status != "success" or envelope.data is None:
        raise ValueError(f"the status {envelope.status[:40]!r} and no data")
    if envelope.data.kind not in expected:
        raise ValueError(f"a {envelope.data.kind[:40]}, wanted a {' or '.join(expected)}")
    if envelope.data.kind == "scalar":
        series: tuple[Series, ...] = (Series({}, (_point(_decode(envelope.data.result, Pair)),)),)
    else:
        series = tuple(map(_series, _decode(envelope.data.result, tuple[OneSeries, ...])))
    warnings, remarks = _sort_out(envelope.warnings or ())
    partial = (PARTIAL,) if envelope.is_partial else ()
    return MetricsAnswer(series, _words((*partial, *warnings)), _words((*remarks, *(envelope.infos or ()))))


def _sort_out(said: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Warnings, and what only looks like one: before `infos`, remarks about the question stood among them."""
    remarks = tuple(each for each in said if each.startswith(REMARK))
    return tuple(each for each in said if not each.startswith(REMARK)), remarks


def read_fault(body: bytes) -> str:
    """The store's own words for a fault; "" where it has none."""
    try:
        fault = read_json(body, Refusal)
    except ValueError:
        return ""
    return ": ".join(filter(None, (fault.kind, fault.error)))[:LONGEST_WORDS]


def _decode(body: bytes | msgspec.Raw, kind: Any) -> Any:
    try:
        return read_json(body, kind)
    except ValueError as error:
        if not body:
            raise ValueError("an empty body") from error
        raise ValueError(f"what is not Prometheus's JSON ({str(error)[:LONGEST_WORDS]})") from error


def _series(one: OneSeries) -> Series:
    if one.histogram is not None or one.histograms is not None:
        raise ValueError("a native histogram, which is no number; take histogram_count() or histogram_quantile() of it")
    pairs = one.values if one.value is None else (one.value,)
    if not pairs:
        raise ValueError("a series without a value")
    return Series(one.metric, tuple(map(_point, pairs)))


def _point(pair: Pair) -> Point:
    seconds, written = pair
    at, value = moment_of(seconds), any_number(written)
    if at is None or value is None:
        raise ValueError(f"the value {written[:40]!r} at {seconds}, which is no number at a time")
    return Point(at, value)


def _words(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each[:LONGEST_WORDS] for each in said)
