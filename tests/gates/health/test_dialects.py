"""Bodies that tell of health in words of their own, and the traps that each of those dialects sets."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from deliverygate.config.values import convert
from deliverygate.gate import Response
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import judge
from tests.gates.health.asking import JSON, URL, broken, respond

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEALTH_JSON = {"content-type": "application/health+json"}
METRICS = {"content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8"}


FEED = b"<rss><channel><title>Health Check Status</title><item>%s</item></channel></rss>"
BAD_ITEM = ["body checks 1 unhealthy, wanted none unhealthy"]


def says(document: object, **more: object) -> Response:
    headers = dict(JSON)
    headers.update({"content-type": str(more.pop("type"))} if "type" in more else {})
    return Response(int(str(more.get("status", 200))), headers, json.dumps(document).encode(), 0.1, URL)


def notes(response: Response, **endpoint: object) -> list[str]:
    settings = convert({"url": URL, **endpoint}, Endpoint)
    return [claim.note for claim in judge(settings, response, now=NOW) if claim.note]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (says({"status": "pass"}, type="application/health+json"), []),
        (
            says({"status": "fail"}, type="application/health+json"),
            ['body status "fail", wanted a healthy word'],
        ),
        (
            says({"status": "pass"}, type="application/health+json", status=503),
            ["status 503, wanted 200-299", 'body and status "pass" with status 503, wanted one verdict'],
        ),
        (says({"status": "UP", "components": {"db": {"status": "UP"}}}), []),
        (
            says({"status": "UNKNOWN", "components": {}}),
            ['body status "UNKNOWN", wanted a healthy word'],
        ),
        (says({"status": "UP", "checks": [{"name": "db", "status": "UP"}]}), []),
        (
            respond(b"[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"),
            ['body checks etcd is "failed: reason withheld", wanted all healthy'],
        ),
        (respond(b"[+]ping ok\n[+]etcd ok\nreadyz check passed\n"), []),
        (
            respond(
                b'django_health_check_status{check="Cache"} 0\ndjango_health_check_overall_status 0\n# EOF\n',
                headers=METRICS,
            ),
            ['body checks check="Cache" is "0", overall is "0", wanted all healthy'],
        ),
        (respond(b"django_health_check_overall_status 1\n# EOF\n", headers=METRICS), []),
        (respond(FEED % b"<category>error</category><category>unhealthy</category>"), BAD_ITEM),
        (respond(FEED % b'<category term="error"/><category term="unhealthy"/>'), BAD_ITEM),
        (respond(FEED % b"<category>healthy</category>"), []),
    ],
    ids=[
        *("health+json", "health+json fails with 200", "health+json passes with 503"),
        *("spring", "spring is unknown with 200", "microprofile"),
        *("readyz with a bad line", "readyz", "django's metrics with 200", "django's metrics"),
        *("django's RSS with 200", "django's Atom with 200", "django's RSS"),
    ],
)
def test_dialect_is_known_by_its_looks(response: Response, said: list[str]) -> None:
    assert broken(response) == said


def test_contradiction_fails_even_where_the_status_is_expected() -> None:
    contradiction = says({"status": "UP"}, status=503)

    assert broken(contradiction, expect={"status": 503}) == ['body and status "UP" with status 503, wanted one verdict']


def test_microprofile_without_checks_is_not_ready_and_may_be_alive() -> None:
    empty = Response(200, JSON, b'{"status": "UP", "checks": []}', 0.1, "http://shop/health/ready")
    alive = Response(200, JSON, b'{"status": "UP", "checks": []}', 0.1, "http://shop/health/live")

    assert [broken(each) for each in (empty, alive)] == [["body checks 0, wanted at least 1"], []]
    assert broken(empty, expect={"json": {"checks": [1]}}) == ["json checks [], wanted 1"]


@pytest.mark.parametrize(
    ("response", "note"),
    [
        (
            says({"status": "UP", "components": {"db": {"status": "DOWN"}}}),
            'in the body db is "DOWN"',
        ),
        (
            says({"status": "pass", "checks": {"cpu:load": [{"status": "fail"}]}}, type="application/health+json"),
            'in the body cpu:load is "fail"',
        ),
        (
            says({"status": "UP", "checks": [{"name": "db", "status": "DOWN"}]}),
            'in the body db is "DOWN"',
        ),
    ],
    ids=["spring", "health+json", "microprofile"],
)
def test_bad_part_of_a_whole_that_is_well_is_told(response: Response, note: str) -> None:
    assert (broken(response), notes(response)) == ([], [note])


@pytest.mark.parametrize(
    ("dialect", "response", "said"),
    [
        ("django", says({"Cache": "OK", "DatabaseBackend": "working"}), []),
        ("django", says({"Cache": "unavailable"}), ['body checks Cache is "unavailable", wanted all healthy']),
        ("django", respond(b"<feed/>"), ["dialect another, wanted django"]),
        ("spring", says({"ok": True}), ["dialect another, wanted spring"]),
        ("readyz", respond(b"ok"), ["dialect another, wanted readyz"]),
        ("none", says({"status": "DOWN"}), []),
    ],
    ids=["django", "django is ill", "a feed, which is always 200", "not spring", "not verbose", "none"],
)
def test_dialect_that_is_named_must_be_spoken(dialect: str, response: Response, said: list[str]) -> None:
    assert broken(response, expect={"dialect": dialect}) == said


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"checks": {"db": [{"time": "2026-01-02T03:03:50Z"}]}}, []),
        (
            {"checks": {"db": [{"time": "2026-01-02T03:04:00Z"}, {"time": "2026-01-02T02:04:05Z"}]}},
            ["age of the body 3600.0 s, wanted at most 60 s"],
        ),
        ({"timestamp": "2026-01-02T02:04:05"}, ["age of the body 3600.0 s, wanted at most 60 s"]),
        ({"status": "UP"}, ["age of the body missing, wanted at most 60 s"]),
        ({"time": "noon"}, ["age of the body missing, wanted at most 60 s"]),
        ({"time": "2026-01-02T03:04:01.123456789Z"}, []),
        ({"time": "2026-01-02T03:04:59Z"}, []),
        ({"time": "2027-01-02T03:04:05Z"}, ["age of the body -31536000.0 s, wanted at most 60 s"]),
    ],
    ids=[
        *("fresh", "one part is old", "without a zone", "no time", "not a time"),
        *("nanoseconds", "clocks that do not agree", "the future"),
    ],
)
def test_old_body_is_no_evidence(document: object, said: list[str]) -> None:
    settings = convert({"url": URL, "expect": {"max_age": "60s"}}, Endpoint)

    assert [str(claim) for claim in judge(settings, says(document), now=NOW) if not claim.holds] == said


@pytest.mark.parametrize(
    "body",
    [
        b'{"status": "UP", "checks": null}',
        b'{"status": "UP", "checks": [null, 1]}',
        b'{"status": "UP", "components": []}',
        b'{"status": ["UP"], "checks": {"a": null}}',
    ],
)
@pytest.mark.parametrize("dialect", ["auto", "health+json", "spring", "microprofile", "django"])
def test_hostile_body_is_judged_and_never_a_crash(body: bytes, dialect: str) -> None:
    response = Response(200, HEALTH_JSON, body, 0.1, URL)

    assert all("Traceback" not in each for each in broken(response, expect={"dialect": dialect}))
