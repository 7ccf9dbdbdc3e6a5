"""report.json: whole, and read back exactly or not at all."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import msgspec
import pytest

from deliverygate.errors import ReportError
from deliverygate.model import CheckResult, Measurement, Report, Verdict
from deliverygate.renderers import RENDERERS, render
from deliverygate.renderers.json import load, schema
from tests.renderers.sample_report import ALLOWED, REPORT, UNUSED, with_checks, with_findings


@pytest.mark.parametrize("report", [ALLOWED, with_findings(UNUSED)], ids=["allowed", "blocked"])
def test_a_report_comes_back_as_it_was(report: Report) -> None:
    data = render(report, "json")

    loaded = load(data)

    assert loaded == report


@pytest.mark.parametrize("format_", RENDERERS)
def test_every_format_is_the_same_from_a_report_that_was_written_and_read(format_: str) -> None:
    loaded = load(render(REPORT, "json"))

    output = render(loaded, format_)

    assert output == render(REPORT, format_)


@pytest.mark.parametrize("report", [REPORT, ALLOWED], ids=["blocked", "allowed"])
def test_a_report_keeps_to_the_schema_that_is_given_out(report: Report) -> None:
    document = msgspec.json.decode(render(report, "json"))

    faults = list(jsonschema.Draft202012Validator(schema()).iter_errors(document))

    assert faults == []


def test_the_schema_rejects_a_verdict_that_is_none() -> None:
    document = {**msgspec.json.decode(render(REPORT, "json")), "verdict": "fine"}

    faults = [list(fault.path) for fault in jsonschema.Draft202012Validator(schema()).iter_errors(document)]

    assert faults == [["verdict"]]


def test_what_follows_from_the_checks_is_written_out() -> None:
    document = msgspec.json.decode(render(REPORT, "json"))

    derived = {name: document[name] for name in ("schema_version", "verdict", "allowed", "exit_code")}
    gates = {gate["id"]: (gate["verdict"], gate["blocks"], gate["allows"]) for gate in document["gates"]}

    assert derived == {"schema_version": 1, "verdict": "failed", "allowed": False, "exit_code": 1}
    assert gates == {
        "pr-checklist": ("passed", True, True),
        "static-analysis": ("failed", True, False),
        "trivy-image": ("failed", False, True),
        "health": ("error", True, False),
        "canary": ("inconclusive", True, False),
        "licences": ("skipped", True, True),
        "smoke": ("error", True, False),
    }


GOOD = render(with_findings(UNUSED), "json")

BAD = {
    "empty": (b"", "is not a report of deliverygate (Input data was truncated)"),
    "cut off": (GOOD[: len(GOOD) // 2], "is not a report of deliverygate (Input data was truncated)"),
    "no JSON": (b"<xml/>", "is not a report of deliverygate (JSON is malformed: invalid character (byte 0))"),
    "another document": (b'{"runs": []}', "is not a report of deliverygate (Object missing required field"),
    "a list": (b"[]", "is not a report of deliverygate (Expected `object`, got `array`)"),
    "not UTF-8": (GOOD.replace(b"total", b"t\xfftal"), "is not a report of deliverygate ("),
    "nested too deep": (b'{"a":' * 100_000, "is not a report of deliverygate ("),
    "a verdict of no kind": (GOOD.replace(b'"failed"', b'"great"'), "is not a report of deliverygate ("),
    "of a later version": (
        GOOD.replace(b'"schema_version":1', b'"schema_version":2'),
        "has schema version 2, and this deliverygate reads 1",
    ),
    "of a later version with other fields": (
        b'{"schema_version": 7, "everything": "is new"}',
        "has schema version 7, and this deliverygate reads 1",
    ),
}


@pytest.mark.parametrize(("data", "what"), BAD.values(), ids=list(BAD))
def test_what_is_no_whole_report_is_refused_with_a_reason_and_a_cure(data: bytes, what: str) -> None:
    with pytest.raises(ReportError) as caught:
        load(data, where="out/report.json")

    assert (caught.value.what[: len(what)], caught.value.where) == (what, "out/report.json")
    assert caught.value.mend


EDITED = {
    "allowed": (b'"allowed":false', b'"allowed":true', "allowed: says True, and its checks make it False"),
    "exit code": (b'"exit_code":1', b'"exit_code":0', "exit_code: says 0, and its checks make it 1"),
    "verdict": (
        b'"stage":"pre-merge","verdict":"failed"',
        b'"stage":"pre-merge","verdict":"passed"',
        "verdict: says passed, and its checks make it failed",
    ),
    "a gate's verdict": (
        b'"gate":"demo","verdict":"failed"',
        b'"gate":"demo","verdict":"passed"',
        "gates[0].verdict: says passed, and its checks make it failed",
    ),
    "the checks": (
        b'"name":"no finding","verdict":"failed"',
        b'"name":"no finding","verdict":"passed"',
        "verdict: says failed, and its checks make it passed",
    ),
}


@pytest.mark.parametrize(("old", "new", "text"), EDITED.values(), ids=list(EDITED))
def test_a_report_that_contradicts_itself_is_refused(old: bytes, new: bytes, text: str) -> None:
    edited = GOOD.replace(old, new, 1)

    with pytest.raises(ReportError) as caught:
        load(edited)

    assert str(caught.value) == f"{text}; the file was edited; run the stage again to write it anew"


def test_fields_that_a_later_version_adds_and_a_byte_order_mark_do_no_harm() -> None:
    data = b"\xef\xbb\xbf" + GOOD.replace(b'{"schema_version":1', b'{"later":[1],"schema_version":1')

    loaded = load(data)

    assert loaded == with_findings(UNUSED)


def test_the_name_of_a_file_that_is_not_utf_8_does_not_break_the_report() -> None:
    check = CheckResult(name="caf\udce9", verdict=Verdict.FAILED, summary="", details="x")

    loaded = load(render(with_checks(check), "json"))

    assert [found.name for found in loaded.gates[0].checks] == ["caf?"]


def test_a_measurement_that_is_no_number_is_no_data_when_it_comes_back() -> None:
    check = CheckResult(
        name="latency",
        verdict=Verdict.INCONCLUSIVE,
        summary="",
        measurements=(Measurement(name="p95", value=float("nan"), wanted="0.3"),),
    )

    loaded = load(render(with_checks(check), "json"))

    assert loaded.gates[0].checks[0].measurements == (Measurement(name="p95", value=None, wanted="0.3"),)


def test_every_field_of_the_schema_has_a_line_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")

    fields = {name for part in schema()["$defs"].values() for name in part.get("properties", {})}

    assert sorted(name for name in fields if f"`{name}`" not in page) == []
