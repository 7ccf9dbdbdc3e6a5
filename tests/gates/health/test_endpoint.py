"""What an endpoint may say in the policy, and how it is answered where that makes no sense."""

from __future__ import annotations

import pytest
from msgspec import ValidationError

from deliverygate.config.values import convert
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.naming import name_checks
from deliverygate_gates.health.settings import Settings
from deliverygate_gates.health.targets import Dns, Grpc, Script, Tcp, Tls

URL = "http://shop/health"
ONE = "an endpoint is exactly one of `url`, `grpc`, `tcp`, `dns`, `tls`, `command`"


@pytest.mark.parametrize(
    ("written", "target", "name"),
    [
        ({"grpc": "shop:443"}, Grpc(target="shop:443"), "grpc shop:443"),
        (
            {"grpc": {"target": "shop:443", "service": "Basket"}},
            Grpc(target="shop:443", service="Basket"),
            "grpc shop:443 Basket",
        ),
        ({"tcp": "[::1]:22"}, Tcp(target="[::1]:22"), "tcp [::1]:22"),
        ({"dns": "shop.example"}, Dns(target="shop.example"), "dns shop.example A"),
        ({"tls": "shop:443"}, Tls(target="shop:443"), "tls shop:443"),
        ({"command": "./smoke.sh --fast"}, Script(run="./smoke.sh --fast"), "command ./smoke.sh"),
        ({"command": ["./smoke.sh"]}, Script(run=("./smoke.sh",)), "command ./smoke.sh"),
        ({"command": {"run": ["a", "b"], "passes": [0, 3]}}, Script(run=("a", "b"), passes=(0, 3)), "command a"),
        ({"url": URL}, None, "shop/health"),
    ],
    ids=["grpc", "grpc, long", "tcp", "dns", "tls", "command", "command, list", "command, long", "url"],
)
def test_endpoint_is_what_is_asked(written: dict[str, object], target: object, name: str) -> None:
    endpoint = convert(written, Endpoint)

    assert (endpoint.target, name_checks((endpoint,))) == (target, (name,))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, ONE),
        ({"url": URL, "tcp": "a:1"}, ONE),
        ({"tcp": "shop"}, "'shop' is not host:port"),
        ({"tcp": "shop:0"}, "'shop:0' is not host:port"),
        ({"tcp": "u:p@shop:1"}, "'u:p@shop:1' is not host:port"),
        ({"tcp": "[::1:1"}, "'[::1:1' is not host:port"),
        ({"tcp": "shop:1/a"}, "'shop:1/a' is not host:port"),
        ({"tcp": {"target": "shop:1", "send": "x"}}, "`send` without `answers` would prove nothing"),
        ({"tcp": {"target": "shop:1", "answers": "("}}, "`answers`: '(' is not a regular expression"),
        ({"dns": "a b"}, "'a b' is not a name"),
        ({"dns": {"target": "a", "exact": True}}, "`exact` without `records` would prove nothing"),
        ({"tls": {"target": "a:1", "days_left": -1}}, "`days_left` is a number from 0 to 3650"),
        ({"command": "a | b"}, "`run` holds '|', which only a shell understands"),
        ({"tcp": "a:1", "headers": {"a": "b"}}, "`headers` goes with `url`, not with `tcp`"),
        ({"tcp": "a:1", "ca": "ca.pem"}, "`ca` goes with `url` and `grpc` and `tls`, not with `tcp`"),
        ({"command": "a", "within": "1s"}, "`within` goes with `url` and `grpc` and `tcp` and `dns`, not with"),
        ({"url": URL, "within": "20s"}, "`within` is longer than `timeout`"),
        ({"url": URL, "phases": {"tls": "1s"}}, "an http address has no phase `tls`"),
        ({"url": URL, "phases": {"connect": "11s"}}, "the phase `connect` is longer than 0s, and not longer"),
        ({"url": URL, "connect": "11s"}, "`connect` is longer than 0s, and not longer than `timeout`"),
        ({"url": URL, "connect": "0s"}, "`connect` is longer than 0s"),
        (
            {"url": URL, "connect": "1s", "phases": {"dns": "2s"}},
            "the phase `dns` is longer than 0s, and not longer than",
        ),
        ({"dns": "a", "connect": "1s"}, "`connect` goes with `url` and `grpc` and `tcp`, not with `dns`"),
        ({"tcp": "-e:1"}, "'-e:1' is not host:port"),
        ({"dns": "-f"}, "'-f' is not a name"),
        (
            {"url": URL, "redirects": 1, "sample": {"count": 99, "availability": 90}},
            "`sample` follows no redirects, so it has no use for `redirects`",
        ),
        ({"url": URL, "phases": {"lunch": "1s"}}, "Invalid enum value 'lunch'"),
        ({"url": URL, "soak": "1s"}, "`soak` is shorter than `every`"),
        ({"url": URL, "ready_within": "1s"}, "`ready_within` is not longer than `wait`"),
        ({"url": URL, "consecutive": 0}, "`consecutive` is a number from 1 to 1000"),
        ({"url": URL, "consecutive": 9, "wait": "10s"}, "`consecutive` answers, `every` apart, do not fit into `wait`"),
        ({"url": URL, "method": "POST", "soak": "1m"}, "`soak` would repeat a POST"),
        ({"url": URL, "redirects": 21}, "`redirects` is a number from 0 to 20"),
        ({"url": URL, "client_key": "a"}, "`client_certificate` and `client_key` go together"),
        (
            {"url": URL, "attempts": 3, "deadline": "30s"},
            "all tries with their pauses may take 34s, which is longer than `deadline` (30s)",
        ),
        ({"url": URL, "expect": {"headers": {"a": {}}}}, "the rule of a header is one of `matches: PATTERN`"),
        ({"url": URL, "expect": {"dialect": "klingon"}}, "Invalid enum value 'klingon'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_makes_no_sense_is_refused_in_words(written: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        convert(written, Endpoint)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ({"availability": 99}, "`sample` says either `count`, how many requests, or `for`, how long they go on"),
        ({"count": 9, "for": "1s", "availability": 9}, "`sample` says either `count`, how many requests, or `for`"),
        ({"count": 500}, "`sample` says what it must prove: `availability`, `latency`, or both"),
        ({"count": 500, "availability": 0.99}, "`availability` is 0.99; write per cent, above 1 and below 100"),
        ({"count": 500, "availability": 100}, "`availability` is 100; write per cent"),
        ({"count": 500, "latency": {"median": 1}}, "'median' is not a quantile; write e.g. p95 or p99.9"),
        ({"count": 500, "latency": {"p95": 0}}, "a `latency` is longer than 0s"),
        (
            {"count": 298, "availability": 99},
            "298 requests can never prove availability of 99 % with 95 % confidence, even if all are good; "
            "at least 299 are needed",
        ),
        (
            {"for": "5s", "rate": 10, "latency": {"p95": "1s"}},
            "50 requests can never prove p95 of 95 % with 95 % confidence, even if all are good; "
            "at least 59 are needed",
        ),
        ({"count": 10**6, "availability": 99}, "a sample has 1 to 100000 shots, not 1000000"),
        ({"count": 500, "availability": 99, "rate": 0}, "`rate` is a number of requests a second"),
        ({"count": 500, "availability": 99, "confidence": 0.95}, "`confidence` is in per cent"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_sample_that_could_prove_nothing_is_refused(sample: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        convert({"url": URL, "sample": sample}, Endpoint)

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"expect": " ", "header": "x"}, "`expect` is empty: every version would do"),
        ({"expect": "1"}, "`version` says where it is read: one of `json`, `header`, `pattern` and `metric`"),
        ({"expect": "1", "json": "a", "header": "b"}, "`version` says where it is read: one of"),
        ({"expect": "1", "json": "a..b"}, "'a..b' is not a path"),
        ({"expect": "1", "pattern": "("}, "`pattern`: '(' is not a regular expression"),
        ({"expect": "1", "metric": "a{b}"}, "'a{b}' is not the name of a metric"),
        ({"expect": "1", "header": "x", "path": "info"}, "`path` begins with a slash"),
        ({"expect": "1", "header": "x", "replicas": 0}, "`replicas` is a number from 1 to 1000"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_version_that_could_not_be_read_is_refused(version: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        convert({"url": URL, "version": version}, Endpoint)

    assert str(caught.value).startswith(said)


def test_check_of_one_endpoint_is_not_called_like_a_part_of_another() -> None:
    version = {"expect": "1", "header": "x"}
    endpoints = [{"url": URL, "name": "shop", "version": version}, {"url": URL, "name": "shop: version"}]

    with pytest.raises(ValidationError, match=r"^two checks would be called 'shop: version'; name the"):
        convert({"endpoints": endpoints}, Settings)


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        (
            [{"url": URL, "name": "ready"}, {"url": URL, "name": "b", "needs": ["raedy"]}],
            "'b' needs 'raedy', and no check has that name; did you mean 'ready'?",
        ),
        (
            [{"url": URL, "name": "a", "needs": ["b"]}, {"url": URL, "name": "b", "needs": ["a"]}],
            "the checks wait for each other: 'a' needs 'b' needs 'a'",
        ),
        (
            [{"url": URL, "name": "a", "needs": ["b"]}, {"url": URL, "name": "b", "finally": True}],
            "'a' needs 'b', which is a `finally` check and comes after it",
        ),
    ],
    ids=["unknown", "circle", "finally"],
)
def test_order_that_cannot_be_kept_is_refused(endpoints: list[object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        convert({"endpoints": endpoints}, Settings)

    assert str(caught.value) in (said, said.replace("'a' needs 'b' needs 'a'", "'b' needs 'a' needs 'b'"))
