"""What an answer must look like beyond fields of JSON: schemas, headers, patterns, phases."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from deliverygate.gate import Phases, Response
from deliverygate.judging.patterns import SLOWEST_SECONDS
from deliverygate.model import Verdict
from tests.gates.health.asking import JSON, OK, URL, broken, checked, respond

SCHEMA = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["UP"]}, "since": {"type": "string", "format": "date-time"}},
}


def with_schema(folder: Path, schema: object) -> dict[str, object]:
    (folder / "health.schema.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return {"expect": {"schema": "health.schema.json", "dialect": "none"}}


@pytest.mark.parametrize(
    ("body", "verdict", "summary"),
    [
        (b'{"status": "UP"}', Verdict.PASSED, "status 200 in 100 ms"),
        (
            b'{"status": "DOWN"}',
            Verdict.FAILED,
            'schema /status: "DOWN" is not one of "UP", wanted health.schema.json',
        ),
        (
            b"{}",
            Verdict.FAILED,
            'schema "status" is a required property, wanted health.schema.json',
        ),
        (
            b'{"status": "UP", "since": "noon"}',
            Verdict.FAILED,
            'schema /since: "noon" is not a "date-time", wanted health.schema.json',
        ),
        (b"<html>", Verdict.FAILED, "body HTML, wanted JSON"),
        (b"", Verdict.FAILED, "body empty, wanted JSON"),
    ],
    ids=["fits", "wrong value", "missing", "wrong format", "a page", "empty"],
)
def test_body_is_held_to_a_schema(tmp_path: Path, body: bytes, verdict: Verdict, summary: str) -> None:
    check = checked(tmp_path, respond(body), **with_schema(tmp_path, SCHEMA))

    assert (check.verdict, check.summary) == (verdict, summary)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "is no JSON Schema that can be used ("),
        ({"type": "objekt"}, "is no JSON Schema that can be used ("),
        ({"$ref": "http://127.0.0.1:1/schema"}, "is no JSON Schema that can be used (Resource "),
        ({"pattern": "(?=a)b"}, "is no JSON Schema that can be used ("),
    ],
    ids=["no JSON", "no schema", "a reference elsewhere", "a pattern that looks around"],
)
def test_schema_that_cannot_be_used_is_an_error(tmp_path: Path, schema: object, why: str) -> None:
    check = checked(tmp_path, OK, **with_schema(tmp_path, schema))

    assert check.verdict is Verdict.ERROR
    assert check.summary.startswith(f"health.schema.json: {why}")


def test_missing_schema_is_an_error(tmp_path: Path) -> None:
    check = checked(tmp_path, OK, expect={"schema": "none.json"})

    assert (check.verdict, check.summary) == (Verdict.ERROR, "none.json: no such file")


def test_hostile_text_cannot_hold_up_a_schema(tmp_path: Path) -> None:
    endpoint = with_schema(tmp_path, {"properties": {"a": {"pattern": "^(a+)+$"}}})
    body = json.dumps({"a": "a" * 100_000 + "b"}).encode()

    began = time.process_time()
    check = checked(tmp_path, respond(body), **endpoint)

    assert (check.verdict, time.process_time() - began < 2) == (Verdict.FAILED, True)


@pytest.mark.parametrize("name", ["body_matches", "not_matching"])
def test_pattern_that_backtracks_without_end_is_given_up(tmp_path: Path, name: str) -> None:
    check = checked(tmp_path, respond(b"a" * 60_000 + b"b"), expect={name: "(a+)+$"})

    assert check.verdict is Verdict.INCONCLUSIVE
    assert f"not searched to its end in {SLOWEST_SECONDS:g} s" in check.summary


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Cache-Control": "no-store"}, []),
        ({"Cache-Control": "no-store, max-age=0"}, []),
        ({"Cache-Control": "no-cache"}, ["header Cache-Control no-store, max-age=0, wanted no-cache"]),
        ({"X-Build": {"matches": r"^\d+$"}}, []),
        ({"X-Build": {"matches": "^v"}}, ["header X-Build not found, wanted ^v"]),
        ({"X-None": {"matches": "."}}, ["header X-None missing, wanted ."]),
        ({"X-None": {"absent": True}}, []),
        ({"X-Build": {"absent": True}}, ["header X-Build 7, wanted none"]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_headers_are_held_to_values_patterns_and_absence(headers: dict[str, object], said: list[str]) -> None:
    response = respond(headers={"cache-control": "no-store, max-age=0", "x-build": "7"})

    assert broken(response, expect={"headers": headers}) == said


def timed(**phases: float) -> Response:
    return Response(200, JSON, b"{}", 0.3, URL, phases=Phases(**phases))


@pytest.mark.parametrize(
    ("response", "verdict", "summary"),
    [
        (timed(connect=0.01, first_byte=0.09), Verdict.PASSED, "status 200 in 300 ms"),
        (timed(connect=0.01, first_byte=0.25), Verdict.FAILED, "phase first_byte 250.0 ms, wanted at most 100 ms"),
        (timed(connect=0.01), Verdict.INCONCLUSIVE, "phase first_byte missing, wanted at most 100 ms"),
    ],
    ids=["in time", "too slow", "not measured"],
)
def test_each_phase_has_a_budget_of_its_own(tmp_path: Path, response: Response, verdict: Verdict, summary: str) -> None:
    check = checked(tmp_path, response, phases={"connect": "50ms", "first_byte": "100ms"})

    assert (check.verdict, check.summary) == (verdict, summary)


def test_failed_check_tells_where_the_time_went(tmp_path: Path) -> None:
    check = checked(tmp_path, timed(dns=0.002, connect=0.01, first_byte=0.25), within="200ms")

    assert check.details.splitlines()[0] == "phases: dns 2 ms, connect 10 ms, first_byte 250 ms"
