"""Prometheus's HTTP API as a door: what is asked, what is read, and what each fault is told as."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import inf, isnan
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.config.stores import MetricsStore
from deliverygate.errors import ConfigError, DeliveryGateError, ReportError, TransportError
from deliverygate.gate import MetricsAnswer, Point, Response, Series
from deliverygate.metrics import Stores
from deliverygate.metrics.answers import read_answer
from deliverygate.metrics.prometheus import LARGEST_ANSWER, Prometheus
from deliverygate.testing import FakeClock, FakeHttp

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STORE = MetricsStore(url="http://prometheus.example")
QUERY = "http://prometheus.example/api/v1/query"
RANGE = "http://prometheus.example/api/v1/query_range"


def answer(data: object, *, status: int = 200, **headers: str) -> Response:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Response(status=status, headers=headers, body=body, seconds=0.01, url=QUERY)


def success(result: object, kind: str = "vector", **more: object) -> Response:
    return answer({"status": "success", "data": {"resultType": kind, "result": result}, **more})


def fault(status: int, kind: str, error: str) -> Response:
    return answer({"status": "error", "errorType": kind, "error": error}, status=status)


def vector(*values: str) -> Response:
    return success([{"metric": {}, "value": [AT.timestamp(), value]} for value in values])


def ask(
    http: FakeHttp,
    *,
    store: MetricsStore = STORE,
    environ: Mapping[str, str] | None = None,
    clock: FakeClock | None = None,
) -> Prometheus:
    return Prometheus(store, http=http, clock=clock or FakeClock(), environ=environ or {})


def test_vector_becomes_series() -> None:
    result = [{"metric": {"__name__": "up", "job": "shop"}, "value": [AT.timestamp(), "1"]}]

    found = ask(FakeHttp({QUERY: success(result)})).query("up", at=AT)

    assert found == MetricsAnswer((Series({"__name__": "up", "job": "shop"}, (Point(AT, 1.0),)),))


def test_matrix_becomes_series_with_all_points() -> None:
    later = AT + timedelta(seconds=30)
    values = [[AT.timestamp(), "1"], [later.timestamp(), "2.5"]]
    http = FakeHttp({RANGE: success([{"metric": {}, "values": values}], "matrix")})

    found = ask(http).query_range("up", start=AT, end=later, step_seconds=30)

    assert found == MetricsAnswer((Series({}, (Point(AT, 1.0), Point(later, 2.5))),))
    assert dict(parse_qsl((http.requests[0].body or b"").decode())) == {
        "query": "up",
        "start": "1767323045.000",
        "end": "1767323075.000",
        "step": "30.000",
        "timeout": "30.000",
    }


def test_scalar_is_a_series_without_labels() -> None:
    found = ask(FakeHttp({QUERY: success([AT.timestamp(), "42"], "scalar")})).query("time()")

    assert found == MetricsAnswer((Series({}, (Point(AT, 42.0),)),))


def test_no_series_is_an_answer() -> None:
    assert ask(FakeHttp({QUERY: vector()})).query("up") == MetricsAnswer()


def test_numbers_that_json_lacks_are_kept() -> None:
    found = ask(FakeHttp({QUERY: vector("NaN", "+Inf", "-Inf")})).query("up")

    values = [series.samples[0].value for series in found.series]
    assert isnan(values[0])
    assert values[1:] == [inf, -inf]


def test_warnings_and_notes_are_kept_apart() -> None:
    response = success([], warnings=["store-2 did not answer"], infos=["might not be a counter"])

    found = ask(FakeHttp({QUERY: response})).query("up")

    assert found == MetricsAnswer((), ("store-2 did not answer",), ("might not be a counter",))


def test_question_is_posted_as_a_form_with_what_the_policy_says() -> None:
    http = FakeHttp({"http://prometheus.example/thanos/api/v1/query": vector("1")})
    store = MetricsStore(
        url="http://prometheus.example/thanos/",
        tenant="shop",
        token_env="METRICS_TOKEN",
        headers={"X-Team": "a"},
        parameters={"dedup": "true"},
    )

    ask(http, store=store, environ={"METRICS_TOKEN": "s3cret"}).query('up{job="a&b"}', at=AT)

    asked = http.requests[0]
    assert (asked.method, asked.allow_private) == ("POST", True)
    assert asked.headers == {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Team": "a",
        "X-Scope-OrgID": "shop",
        "Authorization": "Bearer s3cret",
    }
    assert dict(parse_qsl((asked.body or b"").decode())) == {
        "dedup": "true",
        "query": 'up{job="a&b"}',
        "time": "1767323045.000",
        "timeout": "30.000",
    }


def test_user_and_password_are_sent_as_basic_authentication() -> None:
    http = FakeHttp({QUERY: vector("1")})
    store = MetricsStore(url="http://prometheus.example", user="ada", password_env="PASS")

    ask(http, store=store, environ={"PASS": "l0velace"}).query("up")

    assert http.requests[0].headers["Authorization"] == "Basic YWRhOmwwdmVsYWNl"


def test_store_is_told_of_the_time_that_the_gate_has_left() -> None:
    http = FakeHttp({QUERY: vector("1")})

    ask(http, clock=FakeClock(timeout_seconds=7)).query("up")

    assert b"timeout=7.000" in (http.requests[0].body or b"")


@pytest.mark.parametrize(
    "passing",
    [
        TransportError("connection refused", kind="connect_refused"),
        fault(503, "unavailable", "starting"),
        answer(b"Too many requests", status=429),
        answer(b"<html>Bad Gateway</html>", status=502),
    ],
    ids=["refused", "503", "429", "502"],
)
def test_what_passes_by_itself_is_waited_for(passing: object) -> None:
    http, clock = FakeHttp({QUERY: [passing, passing, vector("1")]}), FakeClock()

    found = ask(http, clock=clock).query("up", at=AT)

    assert (found.series[0].samples[0].value, clock.passed_seconds) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("lasting", "tries"),
    [
        (TransportError("no such host", kind="dns_nxdomain"), 1),
        (TransportError("the certificate has expired", kind="tls_expired"), 1),
        (fault(503, "timeout", "query timed out in expression evaluation"), 1),
        (fault(503, "unavailable", "starting"), 3),
        (fault(400, "bad_data", "parse error"), 1),
    ],
    ids=["no host", "expired certificate", "slow question", "down", "wrong question"],
)
def test_only_what_may_pass_is_tried_again(lasting: object, tries: int) -> None:
    http = FakeHttp({QUERY: lasting})

    with pytest.raises(DeliveryGateError):
        ask(http).query("up")

    assert len(http.asked) == tries


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        (
            fault(400, "bad_data", "1:4: parse error: unclosed left parenthesis"),
            ReportError,
            "refuses 'sum(up' (status 400: bad_data: 1:4: parse error: unclosed left parenthesis); correct the expression",
        ),
        (
            fault(422, "execution", "query processing would load too many samples into memory"),
            ReportError,
            "refuses 'sum(up' (status 422: execution: query processing would load too many samples into memory); "
            "the store cannot reckon this: shorten the range, or select fewer series",
        ),
        (
            answer(b"no org id", status=401),
            ReportError,
            "refuses 'sum(up' (status 401); the store wants other credentials: see `token_env`, `user` and `headers`",
        ),
        (
            answer(b"", status=302, location="https://login.example/?next=secret"),
            ReportError,
            "leads to https://login.example/ (status 302); "
            "redirects are not followed: write the address that answers itself in `url`",
        ),
        (
            fault(503, "timeout", "query timed out"),
            TransportError,
            "no answer (status 503: timeout: query timed out); "
            "the store is busy, or the question takes it too long: shorten the range, or raise `timeout`",
        ),
        (
            answer(b"", status=500),
            TransportError,
            "no answer (status 500); look at the store's log",
        ),
        (
            answer(b"<!doctype html><title>Login</title>"),
            ReportError,
            "'sum(up' is answered with what is not Prometheus's JSON (JSON is malformed: invalid character (byte 0)); "
            "a login page, a proxy or another path answers: correct `url` up to where /api/v1 begins",
        ),
        (
            answer(b""),
            ReportError,
            "'sum(up' is answered with an empty body; "
            "see what answers at `url`, and whether the expression is what was meant",
        ),
        (
            success([], "matrix"),
            ReportError,
            "'sum(up' is answered with a matrix, wanted a vector or scalar; "
            "see what answers at `url`, and whether the expression is what was meant",
        ),
        (
            success([{"metric": {}, "histogram": [1, {"count": "1"}]}]),
            ReportError,
            "'sum(up' is answered with a native histogram, which is no number; take histogram_count() or "
            "histogram_quantile() of it; see what answers at `url`, and whether the expression is what was meant",
        ),
        (
            vector("many"),
            ReportError,
            "'sum(up' is answered with the value 'many' at 1767323045.0, which is no number at a time; "
            "see what answers at `url`, and whether the expression is what was meant",
        ),
        (
            answer({"status": "error"}),
            ReportError,
            "'sum(up' is answered with the status 'error' and no data; "
            "see what answers at `url`, and whether the expression is what was meant",
        ),
        (
            answer(b"x" * (LARGEST_ANSWER + 1)),
            ReportError,
            "the answer is longer than 32 MiB; select fewer series, or shorten the range",
        ),
    ],
    ids=[
        "wrong question", "too heavy", "no credentials", "redirect", "slow", "broken", "a page", "empty", "another type",
        "native histogram", "no number", "error with status 200", "too long",
    ],
)  # fmt: skip
def test_every_fault_says_what_and_how_to_mend_it(given: Response, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as raised:
        ask(FakeHttp({QUERY: given})).query("sum(up")

    assert str(raised.value) == f"{QUERY}: {told}"


@pytest.mark.parametrize("environ", [{}, {"METRICS_TOKEN": " "}], ids=["not set", "blank"])
def test_token_that_is_not_set_is_a_fault_of_the_configuration(environ: Mapping[str, str]) -> None:
    store = MetricsStore(url="http://prometheus.example", token_env="METRICS_TOKEN")

    with pytest.raises(ConfigError, match="METRICS_TOKEN is not set"):
        ask(FakeHttp({}), store=store, environ=environ)


def test_token_with_a_line_break_is_refused_without_being_shown() -> None:
    store = MetricsStore(url="http://prometheus.example", token_env="METRICS_TOKEN")

    with pytest.raises(ConfigError) as raised:
        ask(FakeHttp({}), store=store, environ={"METRICS_TOKEN": "s3cret\r\nX-Evil: 1"})

    assert str(raised.value) == "metrics: METRICS_TOKEN holds a character that no header may; correct METRICS_TOKEN"


@pytest.mark.parametrize("seconds", [-1, 3600 * 24 * 30], ids=["backwards", "too many points"])
def test_range_that_no_store_answers_is_not_asked_for(seconds: int) -> None:
    with pytest.raises(ValueError, match="is no range, or has too many points"):
        ask(FakeHttp({})).query_range("up", start=AT, end=AT + timedelta(seconds=seconds), step_seconds=60)


def stores(*names: str, unset: Mapping[str, ConfigError] | None = None) -> Stores:
    return Stores(
        {name: MetricsStore(url=f"http://{name}.example") for name in names},
        http=FakeHttp({f"http://{name}.example/api/v1/query": vector(str(len(name))) for name in names}),
        clock=FakeClock(),
        environ={},
        resolve=str,
        unset=unset,
    )


@pytest.mark.parametrize(("names", "name", "value"), [(("a", "bb"), "bb", 2.0), (("ccc",), "", 3.0)])
def test_store_is_found_by_its_name_or_because_it_is_the_only_one(
    names: tuple[str, ...], name: str, value: float
) -> None:
    found = stores(*names)(name).query("up")

    assert found.series[0].samples[0].value == value


@pytest.mark.parametrize(
    ("open_store", "told"),
    [
        (lambda: stores()(""), "no store of metrics is known; name one under `metrics:` in the policy"),
        (
            lambda: stores("a", "b")(""),
            "several stores of metrics are known, and none is named; "
            "use one of a, b, or add it under `metrics:` in the policy",
        ),
        (
            lambda: stores("a")("b"),
            "no store of metrics is called 'b'; use one of a, or add it under `metrics:` in the policy",
        ),
        (lambda: stores("a", unset={"a": ConfigError("${HOST} is not set")})("a"), "${HOST} is not set"),
    ],
    ids=["none", "several", "unknown", "a variable is not set"],
)
def test_store_that_cannot_be_opened_says_why(open_store: Callable[[], object], told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        open_store()

    assert str(raised.value) == told


INFO = 'PromQL info: metric might not be a counter, name does not end in _total: "http_requests" (1:14)'
PARTIAL = "the store calls its answer partial (isPartial)"


@pytest.mark.parametrize(
    ("beside", "headers", "warnings", "infos"),
    [
        ({"warnings": [INFO]}, {}, (), (INFO,)),
        ({"infos": [INFO]}, {}, (), (INFO,)),
        ({"warnings": [INFO, "a store did not answer"]}, {}, ("a store did not answer",), (INFO,)),
        ({"warnings": ["PromQL warning: NaN"]}, {}, ("PromQL warning: NaN",), ()),
        ({"isPartial": True}, {}, (PARTIAL,), ()),
        ({"isPartial": False, "warnings": None, "infos": None}, {}, (), ()),
        ({"isPartial": None}, {}, (), ()),
        (
            {},
            {"m3-results-limited": "max_fetch_series_limit_applied"},
            ("M3-Results-Limited: max_fetch_series_limit_applied",),
            (),
        ),
        ({}, {"m3-results-limited": "false"}, (), ()),
    ],
    ids=[
        *("remark among warnings", "remark", "both", "warning", "VictoriaMetrics", "whole", "null"),
        *("M3", "M3 is whole"),
    ],
)
def test_word_of_the_store_for_half_an_answer_is_heard(
    beside: dict[str, object], headers: dict[str, str], warnings: tuple[str, ...], infos: tuple[str, ...]
) -> None:
    result = [{"metric": {}, "value": [AT.timestamp(), "1"]}]
    body = {"status": "success", "data": {"resultType": "vector", "result": result}, **beside}

    found = ask(FakeHttp({QUERY: answer(body, **headers)})).query("up", at=AT)

    assert (found.warnings, found.notes) == (warnings, infos)


@given(
    st.binary(max_size=60)
    | st.builds(
        lambda at, value: json.dumps(
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [at, value]}]}}
        ).encode(),
        st.floats() | st.integers(),
        st.text(max_size=12),
    )
)
def test_no_answer_breaks_the_reading(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_answer(body, ("vector", "scalar"))
