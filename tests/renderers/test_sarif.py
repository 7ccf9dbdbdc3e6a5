"""SARIF that validates and that GitHub takes: every result has a place, no run is too long, what is waived stays visible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from deliverygate.model import CheckResult, Finding, GateResult, Location, Report, Severity, Verdict
from deliverygate.renderers import render
from tests.renderers.sample_report import (
    ALLOWED,
    BY_THE_TOOL,
    HEALTH,
    KNOWN,
    LICENCES,
    REPORT,
    UNUSED,
    WAIVED,
    many,
    with_checks,
    with_findings,
)

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))


def runs(report: Report) -> list[dict[str, Any]]:
    log: dict[str, Any] = json.loads(render(report, "sarif"))
    return list(log["runs"])


def results(report: Report) -> list[dict[str, Any]]:
    return [result for run in runs(report) for result in run["results"]]


def with_gates(*gates: GateResult) -> Report:
    return replace(REPORT, gates=gates)


@pytest.mark.parametrize(
    "report", [REPORT, ALLOWED, with_findings(), with_checks()], ids=["all verdicts", "allowed", "clean", "no checks"]
)
def test_the_log_keeps_to_the_schema(report: Report) -> None:
    log = json.loads(render(report, "sarif"))

    faults = [fault.message for fault in jsonschema.Draft4Validator(SCHEMA).iter_errors(log)]

    assert faults == []


def test_each_gate_that_judged_is_a_run_of_its_own_category() -> None:
    ids = [run["automationDetails"]["id"] for run in runs(REPORT)]

    assert ids == [
        f"deliverygate/pre-merge/{gate}/"
        for gate in ("pr-checklist", "static-analysis", "trivy-image", "health", "canary", "smoke")
    ]


def test_a_gate_that_was_skipped_does_not_claim_to_have_found_nothing() -> None:
    assert runs(with_gates(LICENCES)) == []


def test_a_gate_that_could_not_judge_is_a_run_that_failed_and_says_why() -> None:
    (run,) = runs(with_gates(HEALTH))

    assert run["invocations"] == [
        {
            "executionSuccessful": False,
            "startTimeUtc": "2026-01-02T03:04:05Z",
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "message": {
                        "text": "health: shop /ready: error: no answer: connection refused (3 tries, 12 s); "
                        "look at `kubectl -n shop describe deploy shop`"
                    },
                }
            ],
        }
    ]


def test_more_gates_than_runs_share_the_last_run() -> None:
    gates = tuple(replace(REPORT.gates[1], id=f"gate-{index}") for index in range(30))

    found = runs(with_gates(*gates))

    assert [run["automationDetails"]["id"] for run in found][-2:] == [
        "deliverygate/pre-merge/gate-18/",
        "deliverygate/pre-merge/further-gates/",
    ]
    assert len(found) == 20
    assert [result["ruleId"] for result in found[-1]["results"]] == [f"gate-{index}/score" for index in range(19, 30)]


def test_a_waived_finding_stays_visible_as_a_suppression() -> None:
    suppressions = {
        result["ruleId"]: result["suppressions"] for result in results(with_findings(UNUSED, noted=(WAIVED,)))
    }

    assert suppressions == {
        "no-unused-vars": [],
        "CVE-2024-0001": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": "only used in tests, never shipped "
                "(until 2026-06-30, by @payments, .deliverygate/waivers.yml:3)",
            }
        ],
    }


def test_what_the_tool_suppressed_in_the_source_is_said_to_be_so() -> None:
    (result,) = results(with_findings(noted=(replace(UNUSED, waiver=BY_THE_TOOL),)))

    assert result["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "false positive (sarif inSource)"}
    ]


def test_all_results_say_something_of_the_baseline_or_none_does() -> None:
    compared = [result.get("baselineState") for result in results(with_findings(UNUSED, noted=(KNOWN,)))]
    not_compared = [result.get("baselineState") for result in results(with_findings(UNUSED))]

    assert (compared, not_compared) == (["new", "unchanged"], [None])


def test_a_failed_check_without_findings_is_a_result_itself() -> None:
    check = CheckResult(name="score", verdict=Verdict.FAILED, summary="87 %, 90 % wanted", mend="mend the findings")

    (run,) = runs(with_checks(check))
    rule, result = run["tool"]["driver"]["rules"][0], run["results"][0]

    assert (rule["id"], rule["help"]["text"]) == ("demo/score", "mend the findings")
    assert (result["ruleId"], result["level"], result["message"]["text"]) == (
        "demo/score",
        "error",
        "87 %, 90 % wanted",
    )


HOME = ".deliverygate/out/pre-merge/report.json"
PLACES = {
    "a file": (Location("src/a.js", 3, 4, 5), "src/a.js", {"startLine": 3, "startColumn": 4, "endLine": 5}, "m"),
    "a whole file": (Location("src/a.js"), "src/a.js", None, "m"),
    "a dotted path": (Location("./src//a.js"), "src/a.js", None, "m"),
    "odd characters": (Location("a b/ü#?%:é.js"), "a%20b/%C3%BC%23%3F%25%3A%C3%A9.js", None, "m"),
    "line nought": (Location("a.js", 0, 0, 0), "a.js", {"startLine": 1}, "m"),
    "outside": (Location("/etc/passwd", 3), HOME, None, "m [in /etc/passwd:3]"),
    "above": (Location("src/../../x"), HOME, None, "m [in src/../../x]"),
    "another drive": (Location("C:\\x\\a.js"), HOME, None, "m [in C:\\x\\a.js]"),
    "nowhere": (None, HOME, None, "m"),
    "an address": (Location("https://shop.test/a"), HOME, None, "m [in https://shop.test/a]"),
    "a package": (Location("pkg:npm/left@1.0"), HOME, None, "m [in pkg:npm/left@1.0]"),
    "an image": (Location("alpine:3.20 (alpine 3.20.1)"), HOME, None, "m [in alpine:3.20 (alpine 3.20.1)]"),
    "an image of a registry": (Location("ghcr.io/acme/shop:1.4"), HOME, None, "m [in ghcr.io/acme/shop:1.4]"),
    "an image by digest": (Location("acme/shop@sha256:" + "0" * 64), HOME, None, f"m [in acme/shop@sha256:{'0' * 64}]"),
    "an image at a port": (Location("localhost:5000/shop"), HOME, None, "m [in localhost:5000/shop]"),
    "a file with a colon": (Location("docs/how:to.md"), "docs/how%3Ato.md", None, "m"),
    "a file of a version": (Location("docs/v1.4/a@2.md"), "docs/v1.4/a%402.md", None, "m"),
    "not UTF-8": (Location("caf\udce9.js"), "caf.js", None, "m"),
}


@pytest.mark.parametrize(("location", "uri", "region", "message"), PLACES.values(), ids=list(PLACES))
def test_every_result_has_a_place_inside_the_repository(
    location: Location | None, uri: str, region: dict[str, int] | None, message: str
) -> None:
    finding = Finding(rule="r", message="m", severity=Severity.LOW, tool="t", location=location)

    (result,) = results(with_findings(finding))
    place = result["locations"][0]["physicalLocation"]

    assert place["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    assert (place.get("region"), result["message"]["text"]) == (region, message)


def test_only_the_most_important_results_are_kept_and_the_rest_is_counted() -> None:
    (run,) = runs(with_findings(*many(12_000)))

    severities = [result["properties"]["severity"] for result in run["results"]]
    counts = {severity.value: severities.count(severity.value) for severity in Severity}
    told = [notification["message"]["text"] for notification in run["invocations"][0]["toolExecutionNotifications"]]

    assert counts == {"critical": 2_000, "high": 2_000, "unknown": 1_000, "medium": 0, "low": 0, "info": 0}
    assert told == ["7,000 further findings are left out here, the least severe ones; report.json holds them all"]


def test_a_rule_has_the_score_of_its_worst_finding() -> None:
    low = replace(UNUSED, severity=Severity.LOW, is_security=True)
    critical = replace(low, severity=Severity.CRITICAL, fingerprint="z")

    (run,) = runs(with_findings(low, critical))

    assert [rule["properties"]["security-severity"] for rule in run["tool"]["driver"]["rules"]] == ["9.5"]
    assert {result["ruleIndex"] for result in run["results"]} == {0}


@pytest.mark.parametrize(
    ("more", "properties"),
    [
        ({}, None),
        ({"is_security": True}, {"security-severity": "8.0", "tags": ["security"]}),
        ({"package": "pkg:npm/left@1.0"}, {"security-severity": "8.0", "tags": ["security"]}),
        ({"package": "left", "category": "license"}, None),
        ({"is_security": True, "severity": Severity.UNKNOWN}, {"tags": ["security"]}),
    ],
    ids=["of a linter", "of a scanner", "a package", "a licence", "nobody knows how bad"],
)
def test_only_a_rule_about_security_is_an_alert_of_security(
    more: dict[str, Any], properties: dict[str, Any] | None
) -> None:
    (run,) = runs(with_findings(replace(UNUSED, rule="semi", **more)))

    (rule,) = run["tool"]["driver"]["rules"]

    assert (rule["defaultConfiguration"]["level"] in {"error", "warning"}, rule.get("properties")) == (True, properties)


def test_what_is_in_no_file_is_named_beside_the_report_of_the_run() -> None:
    (result,) = results(with_findings(replace(UNUSED, location=None, package="pkg:npm/left@1.0")))

    assert result["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": HOME, "uriBaseId": "%SRCROOT%"}},
            "logicalLocations": [{"fullyQualifiedName": "pkg:npm/left@1.0"}],
        }
    ]


def test_a_finding_of_several_gates_is_written_once_where_it_counts() -> None:
    noting = GateResult(
        gate="a", id="a", checks=(CheckResult(name="x", verdict=Verdict.PASSED, summary="", noted=(UNUSED,)),)
    )
    counting = GateResult(
        gate="b", id="b", checks=(CheckResult(name="x", verdict=Verdict.FAILED, summary="", findings=(UNUSED, UNUSED)),)
    )

    counts = [len(run["results"]) for run in runs(with_gates(noting, counting))]

    assert counts == [0, 1]
