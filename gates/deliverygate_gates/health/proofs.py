"""What an endpoint must prove beyond one good answer: a share of good ones, and the version that was shipped."""

from __future__ import annotations

import math
import re
from typing import Literal

import msgspec

from deliverygate.conversions import number
from deliverygate.gate import Schedule
from deliverygate.judging.patterns import check_pattern
from deliverygate.model import Duration
from deliverygate_gates.health.documents import read_path

QUANTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,3})?)")
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
MOST_REPLICAS = 1000


def read_quantile(name: str) -> float:
    """The share below ``p95`` or ``p99.9``. Raises ValueError."""
    found = QUANTILE.fullmatch(name)
    share = round((number(found[1]) or 0.0) / 100, 6) if found else 0.0
    if not 0 < share < 1:
        raise ValueError(f"{name!r} is not a quantile; write e.g. p95 or p99.9")
    return share


class Sampling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many requests by a fixed schedule, and what they must prove. Nothing is asked twice."""

    count: int | None = None  #: how many requests; or say how long
    lasting: Duration | None = msgspec.field(default=None, name="for")  #: how long they go on
    rate: float = 10.0  #: requests a second
    availability: float | None = None  #: per cent of requests that must be answered well
    latency: dict[str, Duration] = {}  #: quantile, e.g. "p95", to the longest that it may be
    confidence: float = 95.0  #: per cent; how sure it must be
    connection: Literal["fresh", "reuse"] = "fresh"  #: whether each request has a connection of its own

    def __post_init__(self) -> None:
        if (self.count is None) == (self.lasting is None):
            raise ValueError("`sample` says either `count`, how many requests, or `for`, how long they go on")
        if not 0 < self.rate <= 1000:
            raise ValueError("`rate` is a number of requests a second, above 0 and at most 1000")
        if not 50 <= self.confidence < 100:
            raise ValueError("`confidence` is in per cent, from 50 to below 100, such as 95")
        if self.availability is not None and not 1 < self.availability < 100:
            raise ValueError(
                f"`availability` is {self.availability:g}; write per cent, above 1 and below 100, such as 99.5: "
                "no number of requests proves 100"
            )
        if self.availability is None and not self.latency:
            raise ValueError("`sample` says what it must prove: `availability`, `latency`, or both")
        _ = self.schedule  # whose own limits it obeys
        for what, share in self.claims:
            self._demand_enough(what, share)
        if 0.0 in self.latency.values():
            raise ValueError("a `latency` is longer than 0s")

    @property
    def schedule(self) -> Schedule:
        count = self.count if self.count is not None else math.ceil((self.lasting or 0.0) * self.rate)
        return Schedule(count=count, interval_seconds=1 / self.rate)

    @property
    def claims(self) -> tuple[tuple[str, float], ...]:
        """What is to be proven, each with the share of requests that must be good for it."""
        shares = {name: read_quantile(name) for name in self.latency}
        available = () if self.availability is None else (("availability", self.availability / 100),)
        return (*available, *shares.items())

    def _demand_enough(self, what: str, share: float) -> None:
        from deliverygate.statistics import probes_needed

        count, needed = self.schedule.count, probes_needed(share, self.confidence / 100)
        if count < needed:
            raise ValueError(
                f"{count} requests can never prove {what} of {share * 100:g} % with {self.confidence:g} % confidence, "
                f"even if all are good; at least {needed} are needed"
            )


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version must answer, and where an answer says which one it is."""

    expect: str  #: a version, a digest, or a commit: of two commits the shorter may be the other's beginning
    json: str | tuple[str, ...] = ""  #: a path into a JSON body; of several the first that is there
    header: str = ""  #: the name of a header
    pattern: str = ""  #: a regular expression; its first group, or all of it, is the version
    metric: str = ""  #: a metric in Prometheus' text format, e.g. "shop_build_info"
    label: str = "revision"  #: the label of `metric` that holds the version
    path: str = ""  #: asked in place of the endpoint's own path, e.g. "/actuator/info"
    addresses: Literal["all", "one"] = "all"  #: whether each address of the name is asked
    replicas: int = 1  #: how many answer behind one address: enough requests are made to meet each
    responder: str = ""  #: a header that tells which replica answered
    confidence: float = 95.0  #: per cent; how sure it must be that each replica was met

    def __post_init__(self) -> None:
        if not self.expect.strip():
            raise ValueError("`expect` is empty: every version would do")
        if sum(map(bool, (self.json, self.header, self.pattern, self.metric))) != 1:
            raise ValueError("`version` says where it is read: one of `json`, `header`, `pattern` and `metric`")
        for path in self.paths:
            read_path(path)
        check_pattern(self.pattern, name="pattern")
        if self.metric and not METRIC.fullmatch(self.metric):
            raise ValueError(f"{self.metric!r} is not the name of a metric; write it without labels")
        if self.path and not re.fullmatch(r"/[\x21-\x7e]*", self.path):
            raise ValueError("`path` begins with a slash, e.g. /actuator/info")
        if not 1 <= self.replicas <= MOST_REPLICAS:
            raise ValueError(f"`replicas` is a number from 1 to {MOST_REPLICAS}")
        if not 50 <= self.confidence < 100:
            raise ValueError("`confidence` is in per cent, from 50 to below 100, such as 95")

    @property
    def paths(self) -> tuple[str, ...]:
        """Those of ``json``, the best first."""
        several = self.json if isinstance(self.json, tuple) else (self.json,)
        return tuple(filter(None, several))
