"""Prometheus's HTTP API, version 1, as Thanos, Mimir, Cortex and VictoriaMetrics have it too.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from msgspec.structs import replace

from deliverygate.config.stores import MetricsStore
from deliverygate.errors import ConfigError, ReportError, TransportError
from deliverygate.gate import Clock, Http, MetricsAnswer, Response
from deliverygate.metrics.answers import read_answer, read_fault

LARGEST_ANSWER = 32 << 20  #: bytes
MOST_POINTS = 11_000  #: of one series; Prometheus refuses more
TRIES = 3
PAUSE_SECONDS = 1.0
PASSING_FAULTS = frozenset(
    {"connect_refused", "connect_reset", "connect_timeout", "reset_mid_response", "dns_servfail"}
)

ANOTHER_ANSWERS = "a login page, a proxy or another path answers: correct `url` up to where /api/v1 begins"
MENDS = {
    400: "correct the expression",
    401: "the store wants other credentials: see `token_env`, `user` and `headers`",
    403: "the credentials may not ask this: see `token_env`, `user`, `tenant` and `headers`",
    404: "no such API there: correct `url` up to where /api/v1 begins",
    407: "give the proxy its password in HTTPS_PROXY, or name the host in NO_PROXY",
    413: "the store finds the question too big: shorten the range",
    422: "the store cannot reckon this: shorten the range, or select fewer series",
    429: "the store was asked too often: ask later, or raise its limits",
    503: "the store is busy, or the question takes it too long: shorten the range, or raise `timeout`",
}


class Prometheus:
    """One store. It is asked again where a fault passes by itself; a question changes nothing."""

    def __init__(
        self,
        store: MetricsStore,
        *,
        http: Http,
        clock: Clock,
        environ: Mapping[str, str],
        authorities: str | None = None,
    ) -> None:
        self._store = store
        self._http = http
        self._clock = clock
        self._base = f"{store.url.rstrip('/')}/api/v1"
        self._headers = {**store.headers, **_credentials(store, environ)}
        self._verify: bool | str = authorities or True

    def query(self, expression: str, *, at: datetime | None = None) -> MetricsAnswer:
        """See ``gate.Metrics``."""
        moment = {"time": _timestamp(at)} if at else {}
        return self._ask("query", {"query": expression, **moment}, expected=("vector", "scalar"))

    def query_range(self, expression: str, *, start: datetime, end: datetime, step_seconds: float) -> MetricsAnswer:
        """See ``gate.Metrics``."""
        if not 0 <= (end - start).total_seconds() / step_seconds < MOST_POINTS:
            raise ValueError(f"{end - start} in steps of {step_seconds} s is no range, or has too many points")
        window = {"start": _timestamp(start), "end": _timestamp(end), "step": f"{step_seconds:.3f}"}
        return self._ask("query_range", {"query": expression, **window}, expected=("matrix",))

    def _ask(self, path: str, fields: Mapping[str, str], *, expected: tuple[str, ...]) -> MetricsAnswer:
        where = f"{self._base}/{path}"
        response = self._fetch(where, fields)
        if response.status != 200:
            raise self._refusal(response, where, fields["query"])
        if response.truncated:
            what = f"the answer is longer than {LARGEST_ANSWER >> 20} MiB"
            raise ReportError(what, where=where, mend="select fewer series, or shorten the range")
        try:
            answer = read_answer(response.body, expected)
        except ValueError as error:
            what = f"{_shorten(fields['query'])} is answered with {error}"
            raise ReportError(what, where=where, mend=_cure(response)) from error
        return replace(answer, warnings=(*_limits(response), *answer.warnings))

    def _fetch(self, where: str, fields: Mapping[str, str]) -> Response:
        """A whole answer, the last of several tries."""
        for tries_left in reversed(range(TRIES)):
            try:
                response = self._fetch_once(where, fields)
            except TransportError as error:
                if not tries_left or error.kind not in PASSING_FAULTS:
                    what = f"{error.what} ({error.kind})"
                    mend = error.mend or "see that the store runs, and that this machine may reach it"
                    raise TransportError(what, kind=error.kind, where=where, mend=mend) from error
            else:
                if not (tries_left and _passes(response)):
                    return response
            self._clock.sleep(PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    def _fetch_once(self, where: str, fields: Mapping[str, str]) -> Response:
        seconds = min(self._store.timeout, self._clock.remaining())
        body = urlencode({**self._store.parameters, **fields, "timeout": f"{seconds:.3f}"}).encode()
        return self._http.request(
            "POST",
            where,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
                **self._headers,
            },
            body=body,
            timeout_seconds=seconds,
            max_bytes=LARGEST_ANSWER,
            verify=self._verify,
            allow_private=True,
        )

    def _refusal(self, response: Response, where: str, expression: str) -> ReportError | TransportError:
        """A status other than 200: a question that is wrong is ours to mend, a store that is busy tells nothing."""
        status, fault = response.status, read_fault(response.body)
        mend = MENDS.get(status, "look at the store's log")
        if 300 <= status < 400:
            what = f"leads to {response.headers.get('location', '').partition('?')[0] or 'another address'}"
            mend = "redirects are not followed: write the address that answers itself in `url`"
            return ReportError(f"{what} (status {status})", where=where, mend=mend)
        said = f": {fault}" if fault else ""
        if status == 429 or status >= 500:
            kind = "rate_limited" if status == 429 else f"http_{status}"
            return TransportError(f"no answer (status {status}{said})", kind=kind, where=where, mend=mend)
        return ReportError(f"refuses {_shorten(expression)} (status {status}{said})", where=where, mend=mend)


def _credentials(store: MetricsStore, environ: Mapping[str, str]) -> dict[str, str]:
    headers = {"X-Scope-OrgID": store.tenant} if store.tenant else {}
    if store.token_env:
        headers["Authorization"] = f"Bearer {_secret(store.token_env, environ)}"
    elif store.user:
        pair = f"{store.user}:{_secret(store.password_env, environ)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return headers


def _secret(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"{name} is not set", where="metrics", mend=f"set {name} to the credential of the store")
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"{name} holds a character that no header may", where="metrics", mend=f"correct {name}")
    return value


def _passes(response: Response) -> bool:
    """Whether a further try may help: not where the question itself took too long."""
    return response.status in (429, 502, 503, 504) and "timeout" not in read_fault(response.body)


def _limits(response: Response) -> tuple[str, ...]:
    """What headers say of an answer that was cut: M3 tells it there alone."""
    told = response.headers.get("m3-results-limited", "").strip()
    return (f"M3-Results-Limited: {told[:100]}",) if told.lower() not in ("", "false") else ()


def _cure(response: Response) -> str:
    start = response.body[:200].lstrip().lower()
    is_page = "html" in response.headers.get("content-type", "") or start.startswith((b"<!doctype html", b"<html"))
    return ANOTHER_ANSWERS if is_page else "see what answers at `url`, and whether the expression is what was meant"


def _shorten(expression: str) -> str:
    text = " ".join(expression.split())
    return repr(text if len(text) <= 120 else text[:117] + "...")


def _timestamp(moment: datetime) -> str:
    return f"{moment.timestamp():.3f}"
