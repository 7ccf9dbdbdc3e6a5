"""What the policy says of one endpoint: what is asked, when and how often, and what that must prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

import msgspec

from deliverygate.model import Duration
from deliverygate.syntax import check_fields, is_http_url
from deliverygate_gates.health.expectations import Expect
from deliverygate_gates.health.placement import Kubernetes
from deliverygate_gates.health.proofs import Sampling, Version
from deliverygate_gates.health.targets import Dns, Grpc, Script, Tcp, Tls, TlsVersion

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
Phase = Literal["dns", "connect", "tls", "first_byte", "transfer"]
Protocol = Literal["url", "grpc", "tcp", "dns", "tls", "command"]

PROTOCOLS: tuple[Protocol, ...] = ("url", "grpc", "tcp", "dns", "tls", "command")
OF_URL = (
    *("method", "headers", "body", "expect", "phases", "redirects", "control", "sample", "version", "kubernetes"),
    *("client_certificate", "client_key"),
)
FITS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(OF_URL, ("url",)),
    "ca": ("url", "grpc", "tls"),
    "minimum_tls": ("url", "tls"),
    "within": ("url", "grpc", "tcp", "dns"),
    "connect": ("url", "grpc", "tcp"),
}
CONNECTING = frozenset({"dns", "connect", "tls"})  #: the phases that `connect` bounds
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110 section 9.2.2: idempotent


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address that must answer in health."""

    url: str = ""  #: http(s) address
    grpc: str | Grpc | None = None  #: "host:port" of a gRPC server
    tcp: str | Tcp | None = None  #: "host:port" that takes connections
    dns: str | Dns | None = None  #: a name that must be known
    tls: str | Tls | None = None  #: "host:port" whose certificate must be good
    command: str | tuple[str, ...] | Script | None = None  #: a script whose exit status judges

    name: str = ""  #: of its check; else what is asked
    needs: tuple[str, ...] = ()  #: names of checks that must have passed before
    is_last: bool = msgspec.field(default=False, name="finally")  #: asked when all others are done, come what may
    within: Duration | None = None  #: the longest that the deciding answer may take
    timeout: Duration = Duration.default(10)  #: of one try, from name look-up to the last byte
    connect: Duration | None = None  #: of the part of a try until the connection stands, with TLS
    deadline: Duration | None = None  #: of all of the endpoint's checks; else as long as its settings need
    wait: Duration = Duration.default(0)  #: how long it may take to become healthy, from the start of the gate
    ready_within: Duration | None = None  #: the longest that it may take, where `wait` is more patient
    every: Duration = Duration.default(2)  #: between two tries
    attempts: int = 1  #: tries when no answer comes; an answer that is wrong is not asked for again
    consecutive: int = 1  #: how many good answers in a row make it healthy
    soak: Duration = Duration.default(0)  #: for how long it must stay healthy then
    allow_private: bool | None = None  #: whether it may lie in a private network; else as the gate says
    ca: str = ""  #: a PEM file in the workspace: the only authorities that are trusted
    minimum_tls: TlsVersion | None = None  #: the oldest version of TLS that will do

    method: Method = "GET"
    headers: dict[str, str] = {}
    body: str | None = None
    expect: Expect = Expect()
    phases: dict[Phase, Duration] = {}  #: the longest that a part of the exchange may take
    redirects: int = 0  #: how many are followed
    control: bool | None = None  #: whether a path that is none must answer otherwise; else where nothing but that tells
    sample: Sampling | None = None  #: many requests, and what they must prove
    version: Version | None = None  #: which version must answer
    kubernetes: Kubernetes | None = None  #: the replicas behind it, each of which is looked at
    client_certificate: str = ""  #: a PEM file that shows the server who asks
    client_key: str = ""  #: and its key

    def __post_init__(self) -> None:
        given = [name for name in PROTOCOLS if getattr(self, name) not in ("", None)]
        if len(given) != 1:
            raise ValueError(f"an endpoint is exactly one of {', '.join(f'`{name}`' for name in PROTOCOLS)}")
        _check_fit(self, given[0])
        if self.url and not is_http_url(self.url):
            raise ValueError("`url` is not an http(s) address, e.g. https://shop.example/health")
        check_fields(self.headers)
        for check in (_check_spans, _check_repetition, _check_deadlines):
            check(self)
        if not 0 <= self.redirects <= 20:
            raise ValueError("`redirects` is a number from 0 to 20")
        if bool(self.client_certificate) != bool(self.client_key):
            raise ValueError("`client_certificate` and `client_key` go together")
        _ = self.target  # whose own limits it obeys

    @property
    def protocol(self) -> Protocol:
        """By what it is asked."""
        return next(name for name in PROTOCOLS if getattr(self, name) not in ("", None))

    @property
    def target(self) -> Grpc | Tcp | Dns | Tls | Script | None:
        """What is asked when it is no URL, in its long form."""
        if isinstance(self.command, str | tuple):
            return Script(run=self.command)
        for kind, given in ((Grpc, self.grpc), (Tcp, self.tcp), (Dns, self.dns), (Tls, self.tls)):
            if given:
                return kind(target=given) if isinstance(given, str) else given
        return self.command

    @property
    def longest_seconds(self) -> float:
        """How long it may take by its own settings, apart from reading the version."""
        ready = self.wait + self.timeout if self.wait else self.attempts * (self.timeout + self.every) - self.every
        row = (self.consecutive - 1) * (self.timeout + self.every)
        soak = self.soak + self.timeout if self.soak else 0.0
        sample = self.sample.schedule.count / self.sample.rate + self.timeout if self.sample else 0.0
        return float(ready + (0.0 if self.wait else row) + soak + sample)


def _check_fit(endpoint: Endpoint, protocol: str) -> None:
    """What only makes sense for a URL is not said of anything else, where it would be passed over in silence."""
    for name in _given(endpoint):
        if protocol not in (fits := FITS.get(name, PROTOCOLS)):
            written = " and ".join(f"`{each}`" for each in fits)
            raise ValueError(f"`{name}` goes with {written}, not with `{protocol}`")


def _given(endpoint: Endpoint) -> Iterator[str]:
    return (name for name, default in _defaults().items() if getattr(endpoint, name) != default)


@cache
def _defaults() -> Mapping[str, object]:
    fields = msgspec.structs.fields(Endpoint)
    return {
        field.name: field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        for field in fields
    }


def _check_spans(endpoint: Endpoint) -> None:
    if 0.0 in (endpoint.timeout, endpoint.every, endpoint.within):
        raise ValueError("`timeout`, `every` and `within` are longer than 0s")
    if (endpoint.within or 0.0) > endpoint.timeout:
        raise ValueError("`within` is longer than `timeout`, which would end the try before; raise `timeout`")
    connect = endpoint.timeout if endpoint.connect is None else endpoint.connect
    if not 0 < connect <= endpoint.timeout:
        raise ValueError("`connect` is longer than 0s, and not longer than `timeout`, of which it is a part")
    for name, budget in endpoint.phases.items():
        outer, most = ("connect", connect) if name in CONNECTING else ("timeout", endpoint.timeout)
        if not 0 < budget <= most:
            raise ValueError(f"the phase `{name}` is longer than 0s, and not longer than `{outer}`")
    if "tls" in endpoint.phases and endpoint.url.startswith("http:"):
        raise ValueError("an http address has no phase `tls`")
    if 0 < endpoint.wait < endpoint.every:
        raise ValueError("`wait` is shorter than `every`, so there would be one try; lower `every`")
    if 0 < endpoint.soak < endpoint.every:
        raise ValueError("`soak` is shorter than `every`, so nothing would be asked; lower `every`")
    if endpoint.ready_within is not None and not endpoint.ready_within <= endpoint.wait:
        raise ValueError("`ready_within` is not longer than `wait`, within which the time is taken")


def _check_repetition(endpoint: Endpoint) -> None:
    if not 1 <= endpoint.attempts <= 100:
        raise ValueError("`attempts` is a number from 1 to 100")
    if not 1 <= endpoint.consecutive <= 1000:
        raise ValueError("`consecutive` is a number from 1 to 1000")
    if endpoint.attempts > 1 and endpoint.wait:
        raise ValueError("`wait` and `attempts` exclude each other: `wait` tries again until its time is over")
    if endpoint.wait and (endpoint.consecutive - 1) * endpoint.every > endpoint.wait:
        raise ValueError("`consecutive` answers, `every` apart, do not fit into `wait`")
    if endpoint.sample and endpoint.redirects:
        raise ValueError("`sample` follows no redirects, so it has no use for `redirects`; name what answers itself")
    repeats = [
        name
        for name, is_given in (
            ("attempts", endpoint.attempts > 1),
            ("consecutive", endpoint.consecutive > 1),
            ("soak", endpoint.soak > 0),
            ("sample", endpoint.sample is not None),
        )
        if is_given
    ]
    if repeats and endpoint.method not in REPEATABLE:
        raise ValueError(f"`{repeats[0]}` would repeat a {endpoint.method}, which may not have the same effect twice")


def _check_deadlines(endpoint: Endpoint) -> None:
    """A span that is part of another fits into it, so that it is never the outer one that decides by chance."""
    if endpoint.deadline is not None and endpoint.longest_seconds > endpoint.deadline:
        needed = Duration(endpoint.longest_seconds)
        raise ValueError(
            f"all tries with their pauses may take {needed}, which is longer than `deadline` ({endpoint.deadline})"
        )
