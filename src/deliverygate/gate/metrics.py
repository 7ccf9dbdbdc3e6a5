"""The door to stores of metrics, as it is promised to gate authors: a question in PromQL, the series of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Point(msgspec.Struct, frozen=True):
    """One value at one time."""

    at: datetime  #: in UTC
    value: float  #: may be NaN or infinite, as the store says


class Series(msgspec.Struct, frozen=True):
    """What has one set of labels."""

    labels: Mapping[str, str]  #: with ``__name__`` where the store keeps it
    samples: tuple[Point, ...]  #: oldest first; exactly one in the answer to ``query``


class MetricsAnswer(msgspec.Struct, frozen=True):
    """The whole answer to one question. Without a series there is no data, which is not zero."""

    series: tuple[Series, ...] = ()
    warnings: tuple[str, ...] = ()  #: why the answer may lack something, e.g. a part of the store that did not answer
    notes: tuple[str, ...] = ()  #: what the store would have you know, and the answer is whole


class Metrics(Protocol):
    """A store that understands PromQL.

    Each call raises TransportError when no answer came, ReportError when the store refused the question or its answer
    cannot be read, ConfigError when the policy lacks what is needed to ask.
    """

    def query(self, expression: str, *, at: datetime | None = None) -> MetricsAnswer:
        """The value of an expression at one time; ``None`` is the store's own now."""

    def query_range(self, expression: str, *, start: datetime, end: datetime, step_seconds: float) -> MetricsAnswer:
        """Its values at ``start`` and each step after it, up to ``end`` at the latest."""
