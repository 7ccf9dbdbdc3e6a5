"""JUnit XML that validates, reads back with the same counts, and stays within what its readers take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped

from deliverygate.model import CheckResult, GateResult, Report, Verdict
from deliverygate.renderers import junit, render
from tests.renderers.sample_report import ALLOWED, HOSTILE, REPORT, many, with_checks, with_findings

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit-10.xsd")


@dataclass(frozen=True)
class Case:
    classname: str
    name: str
    outcome: str
    text: str
    out: str


def cases(report: Report) -> list[Case]:
    """What a reader of the file sees."""
    return read(render(report, "junit"))


def read(data: bytes) -> list[Case]:
    root = ElementTree.fromstring(data)
    return [_case(element) for element in root.iter("testcase")]


def _case(element: ElementTree.Element) -> Case:
    found = [child for child in element if child.tag in ("failure", "error", "skipped")]
    kind, text = (found[0].tag, found[0].text or "") if found else ("success", "")
    return Case(element.get("classname", ""), element.get("name", ""), kind, text, element.findtext("system-out") or "")


def check(name: str = "demo", verdict: Verdict = Verdict.FAILED, **more: object) -> CheckResult:
    return CheckResult(name=name, verdict=verdict, summary="1 found, 0 allowed", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "report",
    [REPORT, ALLOWED, with_checks(), with_findings(*many(200)), with_checks(check(name=HOSTILE, details=HOSTILE))],
    ids=["all verdicts", "allowed", "no checks", "many findings", "hostile"],
)
def test_the_file_keeps_to_the_schema_of_jenkins(report: Report) -> None:
    data = render(report, "junit")

    faults = [fault.reason for fault in SCHEMA.iter_errors(data.decode())]

    assert faults == []


def test_another_library_reads_the_same_counts() -> None:
    read = JUnitXml.fromstring(render(REPORT, "junit"))

    kinds = [type(result).__name__ for suite in read for case in suite for result in case.result]
    counts = {kind: kinds.count(kind.__name__) for kind in (Failure, Error, Skipped)}

    assert counts == {Failure: 2, Error: 3, Skipped: 1}
    assert (read.tests, read.failures, read.errors) == (9, 2, 3)


def test_each_verdict_becomes_what_blocks_or_does_not() -> None:
    outcomes = [(case.classname, case.name, case.outcome) for case in cases(REPORT)]

    assert outcomes == [
        ("deliverygate.pr-checklist", "items are ticked", "success"),
        ("deliverygate.static-analysis", "score", "failure"),
        ("deliverygate.static-analysis", "no high finding", "failure"),
        ("deliverygate.static-analysis", "no high finding (2)", "success"),
        ("deliverygate.trivy-image", "no critical vulnerability", "success"),
        ("deliverygate.health", "shop /ready", "error"),
        ("deliverygate.canary", "error rate", "error"),
        ("deliverygate.licences", "licences", "skipped"),
        ("deliverygate.smoke", "checks", "error"),
    ]


def test_the_body_says_what_where_and_how_to_mend() -> None:
    failure = next(case for case in cases(REPORT) if case.name == "score")

    assert failure.text == (
        "87.5 % of 16 files are clean, 90 % wanted\n"
        "score 87.5 %, wanted at least 90 %\n\n"
        "mend: mend the findings, or lower `min_score` in the policy"
    )


def test_a_gate_that_only_warns_succeeds_and_says_what_it_found_and_what_is_waived() -> None:
    warning = next(case for case in cases(ALLOWED) if case.classname == "deliverygate.trivy-image")

    assert warning == Case(
        "deliverygate.trivy-image",
        "no critical vulnerability",
        "success",
        "",
        "WARNING (failed): this gate only warns\n\n"
        "1 found, 0 allowed\n\n"
        "critical  CVE-2024-5535  pkg:apk/alpine/openssl@3.1.4  openssl: SSL_select_next_proto buffer overread"
        " (fixed in 3.1.6-r0)\n\n"
        "mend: update the packages\n\n"
        "not counted: 1 waived\n\n"
        "CVE-2024-0001  package-lock.json  only used in tests, never shipped"
        " (until 2026-06-30, by @payments, .deliverygate/waivers.yml:3)",
    )


def test_equal_names_are_told_apart_the_same_way_each_time() -> None:
    report = with_checks(check("a"), check("a (2)"), check("a"), check("a"))

    names = [case.name for case in cases(report)]

    assert names == ["a", "a (2)", "a (3)", "a (4)"]


def test_a_gate_that_broke_off_without_a_check_of_it_is_an_error() -> None:
    gate = GateResult(gate="demo", id="demo", checks=(check("first", Verdict.PASSED),), error="it crashed")
    report = Report(
        stage="build",
        gates=(gate,),
        policy=REPORT.policy,
        started_at=REPORT.started_at,
        seconds=1.0,
        version="0.1.0",
    )

    outcomes = [(case.name, case.outcome, case.text) for case in cases(report)]

    assert outcomes == [("first", "success", ""), ("runs to its end", "error", "it crashed")]


def test_a_report_without_gates_is_an_error_and_not_an_empty_file() -> None:
    report = Report(
        stage="build", gates=(), policy=REPORT.policy, started_at=REPORT.started_at, seconds=0.0, version="0.1.0"
    )

    outcomes = [(case.name, case.outcome) for case in cases(report)]

    assert outcomes == [("gates", "error")]


def test_only_the_first_findings_are_listed_and_the_rest_is_counted() -> None:
    (case,) = cases(with_findings(*many(1000)))

    lines = case.text.splitlines()

    assert len([line for line in lines if line.startswith("critical  rule-")]) == junit.FINDINGS
    assert "950 more in report.json" in lines


def test_too_many_checks_are_summed_up_with_the_failed_ones_kept() -> None:
    passed = tuple(check(f"passed {index}", Verdict.PASSED) for index in range(30_000))
    report = with_checks(*passed[:20_000], check("the bad one"), *passed[20_000:])

    found = cases(report)
    failed = [case.name for case in found if case.outcome == "failure"]

    assert len(found) == junit.SIZES[0][0]
    assert failed == ["the bad one"]
    assert found[-1] == Case(
        "deliverygate.demo",
        "further checks",
        "success",
        "",
        "15,002 further checks are left out here (15,002 passed); report.json holds them all",
    )


def test_what_is_left_out_still_fails_when_a_failed_check_is_among_it() -> None:
    report = with_checks(*(check(f"failed {index}") for index in range(20_000)))

    last = cases(report)[-1]

    assert (last.name, last.outcome) == ("further checks", "failure")


def test_long_texts_are_cut_until_the_file_is_small_enough() -> None:
    report = with_checks(*(check(f"check {index}", details="<&>" * 6_000) for index in range(3_000)))

    data = render(report, "junit")
    found = read(data)

    assert len(data) <= junit.MAX_BYTES
    assert len(found) == 3_000
    assert all(case.text.endswith("The rest is left out here; report.json holds the whole.") for case in found)
