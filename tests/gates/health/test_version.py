"""Which version answers: one, another, some of each, or not to be told; at every address and behind a balancer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from deliverygate.config.values import convert
from deliverygate.errors import TransportError
from deliverygate.gate import Hop, Response
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import Asked, FakeClock, FakeHttp, FakeNetwork, make_context, run_gate
from deliverygate_gates.health import gate
from deliverygate_gates.health.proofs import Version
from deliverygate_gates.health.readings import is_same, read_version, which_cache
from deliverygate_gates.health.version import connections_needed
from tests.gates.health.asking import OK, URL

NEW = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
OLD = "ffffffffffffffffffffffffffffffffffffffff"
INFO = "http://shop/info"


def tells(version: object, **headers: str) -> Response:
    return Response(200, headers, json.dumps({"git": {"commit": version}}).encode(), 0.01, INFO)


def versions(
    tmp_path: Path, given: object, *, addresses: tuple[str, ...] = ("10.0.0.1",), **more: object
) -> CheckResult:
    """The check of the version of a shop with these addresses, whose /info answers this."""
    wait = {"wait": more.pop("wait")} if "wait" in more else {}
    version = {"expect": NEW, "json": "git.commit", "path": "/info", **more}
    clock = FakeClock()
    http = FakeHttp({URL: OK, INFO: given}, clock=clock)
    network = FakeNetwork(hosts={"shop": addresses} if addresses else {})
    context = make_context(tmp_path, clock=clock, http=http, network=network)
    checks = run_gate(gate, {"endpoints": [{"url": URL, **wait, "version": version}]}, context)
    assert [check.name for check in checks] == ["shop/health", "shop/health: version"]
    return checks[1]


def by_address(**told: object) -> Callable[[Asked], object]:
    return lambda asked: told[str(asked.address).replace(".", "_")]


def test_version_is_read_at_every_address(tmp_path: Path) -> None:
    addresses = ("10.0.0.1", "10.0.0.2")

    check = versions(tmp_path, tells(NEW[:7]), addresses=addresses)

    assert (check.verdict, check.summary) == (Verdict.PASSED, f"{NEW} at 10.0.0.1, 10.0.0.2")
    assert check.measurements == tuple(
        Measurement(name=f"version at {each}", value=NEW[:7], wanted=NEW) for each in addresses
    )


@pytest.mark.parametrize(
    ("first", "second", "verdict", "summary"),
    [
        (
            tells(NEW),
            tells(OLD),
            Verdict.FAILED,
            f"mixed: {NEW} (1 of 2), {OLD} (1 of 2), wanted {NEW} everywhere (version_mixed)",
        ),
        (tells(OLD), tells(OLD), Verdict.FAILED, f"{OLD} (2 of 2), wanted {NEW} (version_mismatch)"),
        (
            tells(NEW),
            tells(None),
            Verdict.INCONCLUSIVE,
            "unknown: 1 of 2 answers tell no version, the answer tells none (version_unknown)",
        ),
        (
            Response(404, {}, b"", 0.01, INFO),
            Response(404, {}, b"", 0.01, INFO),
            Verdict.INCONCLUSIVE,
            "unknown: 2 of 2 answers tell no version, status 404 (version_unknown)",
        ),
        (
            Response(302, {"x-build": NEW}, tells(NEW).body, 0.01, INFO),
            replace(tells(NEW), url="https://ada:pw@cdn/info?key=s3cret", hops=(Hop(302, INFO, "https://cdn/info"),)),
            Verdict.INCONCLUSIVE,
            "unknown: 2 of 2 answers tell no version, status 302 (version_unknown)",
        ),
        (
            tells(NEW),
            replace(tells(NEW), url="https://ada:pw@cdn/info?key=s3cret", hops=(Hop(302, INFO, "https://cdn/info"),)),
            Verdict.INCONCLUSIVE,
            "unknown: 1 of 2 answers tell no version, redirected to https://cdn/info?key=... (version_unknown)",
        ),
        (
            tells(NEW),
            tells(NEW, age="120"),
            Verdict.INCONCLUSIVE,
            "unknown: 1 of 2 answers came from a cache (age: 120), not from the service (version_unknown)",
        ),
        (
            tells(OLD, **{"x-cache": "Hit from cloudfront"}),
            tells(OLD, age="9"),
            Verdict.FAILED,
            f"{OLD} (2 of 2), wanted {NEW}; a cache answered (version_mismatch)",
        ),
        (
            tells(NEW),
            TransportError("connection refused", kind="connect_refused"),
            Verdict.FAILED,
            "1 of 2 answers tell the version; 10.0.0.2: connection refused (connect_refused)",
        ),
        (
            tells(NEW),
            TransportError("no way there", kind="connect_unreachable"),
            Verdict.INCONCLUSIVE,
            "1 of 2 answers tell the version; 10.0.0.2: no way there (connect_unreachable)",
        ),
        (
            tells(OLD),
            TransportError("no way there", kind="connect_unreachable"),
            Verdict.FAILED,
            f"{OLD} (1 of 1), wanted {NEW} (version_mismatch)",
        ),
    ],
    ids=[
        *(
            "mixed",
            "mismatch",
            "one tells none",
            "not served",
            "both redirect",
            "one is redirected",
            "one from a cache",
            "old ones from caches",
        ),
        *("one refuses", "one cannot be reached", "what is proven outweighs it"),
    ],
)
def test_outcomes_are_told_apart(tmp_path: Path, first: object, second: object, verdict: Verdict, summary: str) -> None:
    check = versions(
        tmp_path, by_address(**{"10_0_0_1": first, "10_0_0_2": second}), addresses=("10.0.0.1", "10.0.0.2")
    )

    assert (check.verdict, check.summary) == (verdict, summary)
    assert check.mend


def test_name_that_cannot_be_looked_up_is_no_evidence(tmp_path: Path) -> None:
    check = versions(tmp_path, tells(NEW), addresses=())

    assert (check.verdict, check.summary) == (
        Verdict.FAILED,
        "0 of 1 answers tell the version; no address: shop has no address: no such host (dns_nxdomain)",
    )


def test_rollout_is_waited_for(tmp_path: Path) -> None:
    check = versions(tmp_path, [tells(OLD), tells(NEW), tells(OLD), tells(NEW)], replicas=1, wait="60s")

    assert (check.verdict, check.seconds) == (Verdict.PASSED, pytest.approx(2.02))


def test_enough_connections_are_made_to_meet_each_replica(tmp_path: Path) -> None:
    answers = [*[tells(NEW)] * 10, tells(OLD)]

    check = versions(tmp_path, answers, replicas=3)
    lucky = versions(tmp_path, tells(NEW), replicas=10)

    assert (check.verdict, check.summary.partition(",")[0]) == (Verdict.FAILED, f"mixed: {NEW} (10 of 11)")
    assert lucky.summary == f"{NEW} in all 51 answers, which meet each of 10 replicas with 95 %, at 10.0.0.1"


def test_balancer_that_keeps_to_one_replica_proves_nothing_of_the_others(tmp_path: Path) -> None:
    sticky = tells(NEW, **{"x-pod": "shop-1"})
    fair = [tells(NEW, **{"x-pod": f"shop-{number % 3}"}) for number in range(11)]

    checks = [versions(tmp_path, given, replicas=3, responder="X-Pod") for given in (sticky, fair)]

    assert [(check.verdict, check.summary) for check in checks] == [
        (Verdict.INCONCLUSIVE, "1 of 3 replicas were met in 11 answers, by X-Pod"),
        (Verdict.PASSED, f"{NEW} in all 11 answers, which meet each of 3 replicas with 95 %, at 10.0.0.1"),
    ]


def test_caches_are_asked_to_step_aside_and_the_name_is_kept(tmp_path: Path) -> None:
    http = FakeHttp({URL: Response(200, {"x-version": NEW}, b"", 0.01, URL)})
    endpoint = {"url": URL, "headers": {"X-Key": "k"}, "control": False}
    version = {"expect": NEW, "header": "X-Version"}
    context = make_context(tmp_path, http=http, network=FakeNetwork(hosts={"shop": ("10.0.0.7",)}))

    run_gate(gate, {"endpoints": [{**endpoint, "version": version}]}, context)

    asked = http.requests[-1]
    assert (asked.url, asked.address, dict(asked.headers)) == (
        URL,
        "10.0.0.7",
        {"X-Key": "k", "Cache-Control": "no-cache", "Pragma": "no-cache"},
    )


def test_version_of_an_ill_service_is_not_asked_for(tmp_path: Path) -> None:
    context = make_context(tmp_path, http=FakeHttp({URL: Response(503, {}, b"", 0.01, URL)}))
    version = {"expect": NEW, "header": "X-Version"}

    _, check = run_gate(gate, {"endpoints": [{"url": URL, "version": version}]}, context)

    assert (check.verdict, check.summary) == (Verdict.SKIPPED, "not asked: 'shop/health' is failed")


METRICS = b"""\
# TYPE shop_build_info gauge
shop_build_info{branch="main",revision="abc\\"1",version="2"} 1
other{revision="x"} 1
"""


@pytest.mark.parametrize(
    ("rule", "response", "version"),
    [
        ({"json": "v"}, Response(200, {}, b'{"v": "1.4.0"}', 0, URL), "1.4.0"),
        ({"json": "v"}, Response(200, {}, b'{"v": 7}', 0, URL), "7"),
        ({"json": ["a.full", "a"]}, Response(200, {}, b'{"a": {"full": "x"}}', 0, URL), "x"),
        ({"json": ["a.full", "a"]}, Response(200, {}, b'{"a": "y"}', 0, URL), "y"),
        ({"json": "v"}, Response(200, {}, b'{"v": null}', 0, URL), None),
        ({"json": "v"}, Response(200, {}, b'{"v": {}}', 0, URL), None),
        ({"json": "v"}, Response(200, {}, b"<html>", 0, URL), None),
        ({"json": "v"}, Response(200, {}, b'{"v": "1"}', 0, URL, truncated=True), None),
        ({"header": "X-Commit"}, Response(200, {"x-commit": " abc "}, b"", 0, URL), "abc"),
        ({"header": "X-Commit"}, Response(200, {}, b"", 0, URL), None),
        ({"pattern": "rev=(\\w+)"}, Response(200, {}, b"rev=abc!", 0, URL), "abc"),
        ({"pattern": "v[0-9]+"}, Response(200, {}, b"this is v12", 0, URL), "v12"),
        ({"pattern": "v[0-9]+"}, Response(200, {}, b"", 0, URL), None),
        ({"metric": "shop_build_info"}, Response(200, {}, METRICS, 0, URL), 'abc\\"1'),
        ({"metric": "shop_build_info", "label": "version"}, Response(200, {}, METRICS, 0, URL), "2"),
        ({"metric": "shop_build_info", "label": "ver"}, Response(200, {}, METRICS, 0, URL), None),
        ({"metric": "build_info"}, Response(200, {}, METRICS, 0, URL), None),
        ({"metric": "a"}, Response(200, {}, b'a{revision="1"} 1\na{revision="2"} 1\n', 0, URL), None),
    ],
    ids=[
        *("field", "number", "first path", "second path", "null", "object", "no JSON", "cut", "header", "no header"),
        *("group", "whole match", "no match", "metric", "another label", "no such label", "no such metric"),
        "series that disagree",
    ],
)
def test_version_is_read_where_the_policy_says(
    rule: dict[str, object], response: Response, version: str | None
) -> None:
    assert read_version(convert({"expect": "1", **rule}, Version), response) == version


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        (NEW, NEW, True),
        (NEW[:7], NEW, True),
        (NEW, NEW[:12].upper(), True),
        (NEW[:6], NEW, False),
        ("1.4.0", "1.4", False),
        ("1.4.0", "1.4.0", True),
        (f"sha256:{NEW}", NEW, False),
        (OLD[:7], NEW, False),
        ("20260101", "2026010102", False),
        ("20260101", "20260101" + "0" * 32, True),
        ("1234567", "1234567a", True),
    ],
    ids=[
        *("same", "short", "long", "too short", "a version's beginning", "version", "digest", "another commit"),
        *("a number's beginning", "a whole commit of digits", "a commit with a letter"),
    ],
)
def test_commits_are_compared_by_their_beginning_and_versions_whole(found: str, wanted: str, same: bool) -> None:
    assert is_same(found, wanted) is same


@pytest.mark.parametrize(
    ("headers", "cache"),
    [
        ({}, ""),
        ({"age": "0"}, ""),
        ({"age": "17"}, "age: 17"),
        ({"x-cache": "MISS, HIT"}, "x-cache: MISS, HIT"),
        ({"x-cache": "MISS"}, ""),
        ({"cf-cache-status": "DYNAMIC"}, ""),
        ({"cf-cache-status": "HIT"}, "cf-cache-status: HIT"),
        ({"cache-status": "ExampleCache; fwd=uri-miss"}, ""),
        ({"cache-status": "ExampleCache; hit; ttl=9"}, "cache-status: ExampleCache; hit; ttl=9"),
        ({"x-varnish": "12"}, ""),
        ({"x-varnish": "12 7"}, "x-varnish: 12 7"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_answer_of_a_cache_gives_itself_away(headers: dict[str, str], cache: str) -> None:
    assert which_cache(Response(200, headers, b"", 0, URL)) == cache


def exactly(replicas: int, connections: int) -> float:
    """The chance that so many connections, each to one replica by chance, meet them all."""
    met = [1.0, *[0.0] * replicas]
    for _ in range(connections):
        met = [
            met[number] * number / replicas + (met[number - 1] * (replicas - number + 1) / replicas if number else 0.0)
            for number in range(replicas + 1)
        ]
    return met[replicas]


@pytest.mark.parametrize("replicas", [1, 2, 3, 5, 10, 50])
def test_number_of_connections_is_enough_and_hardly_more(replicas: int) -> None:
    needed = connections_needed(replicas, 0.95)

    assert exactly(replicas, needed) >= 0.95
    assert needed == 1 or exactly(replicas, needed - 2) < 0.95
