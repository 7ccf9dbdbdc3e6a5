"""SARIF results: levels, severities, kinds, suppressions, baselines, runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import msgspec
import pytest

from deliverygate.errors import ReportError
from deliverygate.model import Finding, Location, Rule, Severity, Waiver
from deliverygate.scans import read
from tests.scans.samples import read_json, read_sample, read_sarif, sarif_log


def result(**more):
    return {"ruleId": "R1", "message": {"text": "It is wrong."}, **more}


def rule(name="R1", *, level=None, security=None, **more):
    configuration = {"defaultConfiguration": {"level": level}} if level else {}
    properties = {"properties": {"security-severity": security}} if security is not None else {}
    return {"id": name, **configuration, **properties, **more}


def at(uri="a.py", **region):
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}


def only(scan):
    (finding,) = scan.findings
    return finding


def test_a_result_becomes_a_finding_and_its_rule_is_kept():
    described = rule(
        level="error",
        security="9.1",
        shortDescription={"text": "Do not"},
        fullDescription={"text": "It hurts"},
        help={"text": "Do something else"},
        helpUri="https://rules.test/R1",
    )
    found = result(
        locations=[at("src/a.py", startLine=3, startColumn=5, endLine=4), at("src/b.py")],
        partialFingerprints={"primaryLocationLineHash": "abc:1"},
    )

    scan = read_sarif(found, rules=(described,))

    assert (scan.findings, scan.rules) == (
        (
            Finding(
                rule="R1",
                message="It is wrong.",
                severity=Severity.CRITICAL,
                tool="demo",
                is_security=True,
                location=Location("src/a.py", 3, 5, 4),
                others=(Location("src/b.py"),),
                level="error",
                native="primaryLocationLineHash:abc:1",
            ),
        ),
        (
            Rule(
                id="R1",
                summary="Do not",
                why="It hurts",
                remedy="Do something else",
                severity=Severity.CRITICAL,
                help_uri="https://rules.test/R1",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("given", "described", "level", "severity"),
    [
        ({"level": "error"}, rule(level="note"), "error", Severity.HIGH),
        ({}, rule(level="error"), "error", Severity.HIGH),
        ({}, rule(level="note"), "note", Severity.LOW),
        ({}, rule(level="none"), "none", Severity.INFO),
        ({}, rule(), "warning", Severity.MEDIUM),
        ({}, rule("other", level="error"), "warning", Severity.MEDIUM),
        ({"level": "ERROR"}, rule(), "error", Severity.HIGH),
        ({"level": "fatal"}, rule(), "fatal", Severity.UNKNOWN),
        ({"kind": "fail"}, rule(level="error"), "error", Severity.HIGH),
        ({"kind": "open"}, rule(level="error"), "none", Severity.INFO),
        ({"kind": "review", "level": "error"}, rule(security="9.9"), "error", Severity.HIGH),
        ({"kind": "FAIL"}, rule(level="error"), "error", Severity.HIGH),
        ({"kind": "violation"}, rule(level="error"), "error", Severity.HIGH),
    ],
    ids=[
        "own level",
        "level of the rule",
        "note of the rule",
        "none of the rule",
        "nobody says",
        "no such rule",
        "capitals",
        "unheard of",
        "kind fail",
        "kind open",
        "kind review",
        "kind in capitals",
        "kind unheard of",
    ],
)
def test_the_level_is_the_results_own_then_the_rules_then_warning(given, described, level, severity):
    found = only(read_sarif(result(**given), rules=(described,)))

    assert (found.level, found.severity) == (level, severity)


@pytest.mark.parametrize(
    ("written", "severity"),
    [
        ("9.0", Severity.CRITICAL),
        ("8.99", Severity.HIGH),
        (7, Severity.HIGH),
        (6.9, Severity.MEDIUM),
        ("4", Severity.MEDIUM),
        ("0.1", Severity.LOW),
        ("10", Severity.CRITICAL),
        ("HIGH", Severity.HIGH),
        ("Moderate", Severity.MEDIUM),
        (" critical ", Severity.CRITICAL),
        ("0.0", Severity.MEDIUM),
        ("11", Severity.MEDIUM),
        ("-1", Severity.MEDIUM),
        ("nan", Severity.MEDIUM),
        ("1e999", Severity.MEDIUM),
        (10**400, Severity.MEDIUM),
        (True, Severity.MEDIUM),
        ("severe", Severity.MEDIUM),
        ("", Severity.MEDIUM),
        ([9], Severity.MEDIUM),
        ({}, Severity.MEDIUM),
    ],
    ids=repr,
)
def test_security_severity_is_a_number_or_a_word_and_else_the_level_speaks(written, severity):
    document = sarif_log(result(), rules=(rule(level="warning", security="SCORE"),))
    text = msgspec.json.encode(document).replace(b'"SCORE"', json.dumps(written).encode())

    assert only(read(text, path="x")).severity is severity


def test_a_security_severity_beside_the_result_is_nearer_than_that_of_the_rule():
    scan = read_sarif(result(properties={"security-severity": "3.0", "tags": []}), rules=(rule(security="9.9"),))

    assert only(scan).severity is Severity.LOW


@pytest.mark.parametrize("same", ["shortDescription", "fullDescription"])
def test_help_that_only_repeats_a_description_is_no_remedy(same):
    described = {**rule(), "shortDescription": {"text": "Do not"}, same: {"text": "No X"}, "help": {"text": "No X"}}

    assert [rule.remedy for rule in read_sarif(result(), rules=(described,)).rules] == [""]


def test_the_configuration_of_the_invocation_overrides_the_level_of_the_rule():
    invocation = {
        "executionSuccessful": True,
        "ruleConfigurationOverrides": [{"descriptor": {"index": 0}, "configuration": {"level": "error"}}],
    }
    inside, outside = result(provenance={"invocationIndex": 0}), result()

    scan = read_sarif(inside, outside, rules=(rule(level="note"),), invocations=[invocation])

    assert [finding.level for finding in scan.findings] == ["error", "note"]


EXTENDED = {
    "driver": {"name": "demo", "rules": [rule("D", level="note"), rule("E", level="note"), rule("D", level="error")]},
    "extensions": [
        {"name": "first", "guid": "g-1", "rules": [rule("E", level="error"), rule("X", level="error", guid="r-1")]},
        {"name": "second", "rules": [rule("Y", level="none")]},
    ],
}


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({"ruleId": "D"}, "note"),
        ({"ruleId": "D", "ruleIndex": 0}, "note"),
        ({"ruleId": "D", "ruleIndex": 2}, "error"),
        ({"ruleIndex": 2}, "error"),
        ({"rule": {"index": 2}}, "error"),
        ({"rule": {"id": "D"}}, "note"),
        ({"ruleId": "D/deep/er"}, "note"),
        ({"ruleId": "D/deep", "ruleIndex": 2}, "error"),
        ({"ruleId": "Dx"}, "warning"),
        ({"ruleId": "D", "ruleIndex": -1}, "note"),
        ({"ruleId": "D", "ruleIndex": 99}, "note"),
        ({"ruleId": "X", "ruleIndex": 0}, "error"),
        ({"ruleId": "other", "ruleIndex": 2}, "error"),
        ({"ruleId": "X"}, "error"),
        ({"ruleId": "E"}, "note"),
        ({"ruleId": "E", "rule": {"toolComponent": {"index": 0}}}, "error"),
        ({"rule": {"id": "E", "toolComponent": {"guid": "g-1"}}}, "error"),
        ({"rule": {"index": 0, "toolComponent": {"name": "second"}}}, "none"),
        ({"rule": {"index": 0, "toolComponent": {"name": "nobody"}}}, "note"),
        ({"rule": {"guid": "r-1"}}, "error"),
        ({}, "warning"),
    ],
    ids=repr,
)
def test_a_rule_is_found_by_index_id_hierarchy_component_or_guid(given, level):
    scan = read_sarif({"message": {"text": "m"}, **given}, tool=EXTENDED)

    assert only(scan).level == level


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"ruleId": "CA5350/md5", "ruleIndex": 0}, "CA5350/md5"),
        ({"ruleIndex": 0}, "R1"),
        ({"rule": {"id": "R9"}}, "R9"),
        ({}, "unnamed"),
    ],
)
def test_a_finding_bears_the_id_that_the_result_writes(given, name):
    assert only(read_sarif({"message": {"text": "m"}, **given}, rules=(rule(),))).rule == name


STRINGS = {"messageStrings": {"default": {"text": "{0} hurts {1}"}, "plain": {"markdown": "*so*"}}}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "as it is {0}"}, "as it is {0}"),
        ({"text": "{1} and {0}", "arguments": ["a", "b"]}, "b and a"),
        ({"text": "{0}{5}", "arguments": ["{0}"]}, "{0}{5}"),
        ({"markdown": "only *this*"}, "only *this*"),
        ({"text": "text", "markdown": "*mark*"}, "text"),
        ({"id": "default", "arguments": ["It", "them"]}, "It hurts them"),
        ({"id": "plain"}, "*so*"),
        ({"id": "everywhere", "arguments": ["x"]}, "global x"),
        ({"id": "nowhere"}, "Short"),
        ({"text": ""}, "Short"),
        (None, "Short"),
        ({"text": "\x1b[31mred ::error:: <script> ]]> \u202e"}, "\x1b[31mred ::error:: <script> ]]> \u202e"),
    ],
)
def test_a_message_is_its_text_or_the_rules_text_with_the_arguments(message, text):
    tool = {
        "driver": {
            "name": "demo",
            "rules": [rule(shortDescription={"text": "Short"}, **STRINGS)],
            "globalMessageStrings": {"everywhere": {"text": "global {0}"}},
        }
    }

    assert only(read_sarif({"ruleId": "R1", "message": message}, tool=tool)).message == text


def test_a_message_cannot_be_made_to_grow_without_end():
    scan = read_sarif(result(message={"text": "{0}" * 100_000, "arguments": ["x" * 1000]}))

    assert len(only(scan).message) < 500_000


@pytest.mark.parametrize(
    ("suppressions", "waiver"),
    [
        (None, None),
        ([], None),
        ([{"kind": "inSource"}], Waiver(id="R1", reason="", source="sarif inSource")),
        (
            [{"kind": "external", "status": "accepted", "justification": "old", "guid": "g"}],
            Waiver(id="g", reason="old", source="sarif external"),
        ),
        (
            [{"kind": "external", "justification": "a"}, {"kind": "inSource", "justification": "b"}],
            Waiver(id="R1", reason="a; b", source="sarif external, inSource"),
        ),
        ([{"kind": "external", "status": "underReview"}], None),
        ([{"kind": "external"}, {"kind": "external", "status": "rejected"}], None),
        ([{"kind": "external", "status": "maybe"}], None),
        ([{"kind": "external", "state": "rejected"}], None),
        ([{"kind": "external", "state": "Accepted"}], Waiver(id="R1", reason="", source="sarif external")),
        (
            [{"kind": "external", "properties": {"expiryUtc": "2027-03-04T00:00:00Z"}}],
            Waiver(id="R1", reason="", source="sarif external", expires=date(2027, 3, 4)),
        ),
        ([{"kind": "external", "properties": {"expiryUtc": "soon"}}], None),
    ],
    ids=[
        "not said",
        "none",
        "in source",
        "accepted",
        "two",
        "under review",
        "one rejected",
        "unheard of",
        "state rejected",
        "state accepted",
        "with an end",
        "with no date",
    ],
)
def test_a_result_is_suppressed_only_when_every_suppression_is_accepted(suppressions, waiver):
    scan = read_sarif(result(suppressions=suppressions))

    assert [finding.waiver for finding in (*scan.findings, *scan.suppressed)] == [waiver]
    assert len(scan.suppressed) == (waiver is not None)


def test_results_that_are_no_findings_are_counted_in_the_notes():
    kinds = ["pass", "notApplicable", "notApplicable", "informational", "Pass", "fail", "odd"]

    scan = read_sarif(*(result(kind=kind, level="error") for kind in kinds))

    assert (len(scan.findings), scan.notes) == (
        2,
        (
            "2 result(s) of kind pass are no findings.",
            "2 result(s) of kind notApplicable are no findings.",
            "1 result(s) of kind informational are no findings.",
            "1 result(s) spell their kind in another way than the standard.",
            "1 result(s) have a kind that the standard does not know; they count as failures.",
        ),
    )


def test_a_baseline_of_the_producer_makes_nothing_known_and_absent_results_do_not_count():
    scan = read_sample("sarif/Baseline.sarif")

    assert ([(finding.message, finding.is_new) for finding in scan.findings], scan.notes) == (
        [("Unchanged result.", True), ("Updated result.", True), ("New result.", True)],
        (
            "1 result(s) with baselineState absent are gone and do not count.",
            "2 result(s) are unchanged or updated against a baseline of the producer's; they count as new here.",
        ),
    )


@pytest.mark.parametrize(
    ("prints", "native"),
    [
        ({"fingerprints": {"a/v1": "1", "a/v2": "2"}, "partialFingerprints": {"b/v9": "9"}}, "a/v2:2"),
        ({"partialFingerprints": {"a/v10": "10", "a/v9": "9"}}, "a/v10:10"),
        ({"partialFingerprints": {"z": "z", "a": "a"}}, "a:a"),
        ({"fingerprints": {}, "partialFingerprints": {"a": "1"}}, "a:1"),
        ({"fingerprints": {"matchBasedId/v1": "requires login"}}, None),
        ({"fingerprints": {"a": {"nested": "x"}}}, 'a:{"nested":"x"}'),
        ({}, None),
    ],
    ids=["full first", "greatest version", "first name", "empty", "constant", "object", "none"],
)
def test_the_producers_fingerprint_is_kept_when_it_can_identify(prints, native):
    scan = read_sarif(result(**prints), result(message={"text": "other"}))

    assert scan.findings[0].native == native


def test_a_fingerprint_that_all_results_share_is_dropped_and_told():
    scan = read_sarif(*(result(partialFingerprints={"a": "same"}) for _ in range(3)))

    assert ([finding.native for finding in scan.findings], scan.notes) == (
        [None, None, None],
        ("3 result(s) share one constant fingerprint; it identifies nothing and was dropped.",),
    )


@pytest.mark.parametrize(
    "invocations",
    [
        [{"executionSuccessful": False}],
        [{"executionSuccessful": True}, {"executionSuccessful": False}],
        [{"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error", "message": {"text": "no"}}]}],
        [{"executionSuccessful": True, "toolConfigurationNotifications": [{"level": "Error"}]}],
    ],
    ids=["failed", "second failed", "execution error", "configuration error"],
)
def test_a_run_that_failed_or_reported_an_error_is_incomplete(invocations):
    scan = read_sarif(result(), invocations=invocations)

    assert (scan.complete, len(scan.findings), len(scan.notes)) == (False, 1, 1)


@pytest.mark.parametrize(
    "invocations",
    [
        None,
        [],
        [{"executionSuccessful": True, "exitCode": 1}],
        [{"toolExecutionNotifications": [{"message": {"text": "started"}}, {"level": "warning"}, {"level": "note"}]}],
    ],
    ids=["not said", "none", "exit code", "warnings"],
)
def test_a_run_that_only_warned_is_complete(invocations):
    assert read_sarif(result(), invocations=invocations).complete


def test_a_notification_takes_its_level_and_text_from_its_kind():
    scan = read_sample("sarif/Notifications.sarif")

    assert scan.notes == (
        "The run failed (executionSuccessful is false), so its results are not all there is.",
        "The tool reported an error of its own: 'TUT1201' threw a 'NullReferenceException' exception while analyzing "
        "file 'example.c'. The rule will continue to be run on subsequent files.",
    )


def test_many_errors_of_a_tool_are_summed_up():
    errors = [{"level": "error", "message": {"text": f"error {number}"}} for number in range(5)]

    scan = read_sarif(invocations=[{"executionSuccessful": True, "toolExecutionNotifications": errors}])

    assert scan.notes == (
        *(f"The tool reported an error of its own: error {number}" for number in range(3)),
        "The tool reported 2 further errors of its own.",
    )


def test_a_run_knows_its_tool_and_when_it_ended():
    tool = {"driver": {"name": "Scanner", "semanticVersion": "1.2.3"}}
    ends = [{"executionSuccessful": True, "endTimeUtc": f"2026-01-02T03:0{minute}:00Z"} for minute in (5, 4)]

    scan = read_sarif(tool=tool, invocations=ends)

    assert (scan.tool, scan.version, scan.created_at) == (
        "Scanner",
        "1.2.3",
        datetime(2026, 1, 2, 3, 5, tzinfo=UTC),
    )


def run(name, *results, **more):
    return {"tool": {"driver": {"name": name, "version": "1"}}, "results": list(results), **more}


def test_several_runs_are_kept_apart_and_joined():
    end = [{"executionSuccessful": True, "endTimeUtc": "2026-01-02T03:04:05Z"}]
    document = {"version": "2.1.0", "runs": [run("A", result()), run("B"), run("A", result(), invocations=end)]}

    scan = read_json(document)

    assert (scan.tool, scan.version, len(scan.findings), [len(part.findings) for part in scan.runs]) == (
        "A, B",
        "1",
        2,
        [1, 0, 1],
    )
    assert scan.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("missing", [{}, {"results": None}], ids=["absent", "null"])
def test_a_run_without_results_did_not_analyse(missing):
    silent = {"tool": {"driver": {"name": "B"}}, **missing}

    scan = read_json({"version": "2.1.0", "runs": [run("A", result()), silent]})

    assert (scan.complete, len(scan.findings), scan.notes) == (
        False,
        1,
        ("B: The run has no results, not even an empty list: the tool did not come to analyse anything.",),
    )
    with pytest.raises(ReportError, match="no run came to analyse anything"):
        read_json({"version": "2.1.0", "runs": [silent]})


def test_results_in_other_files_leave_the_run_incomplete():
    external = {"results": [{"location": {"uri": "more.sarif-external-properties"}}]}

    scan = read_sarif(externalPropertyFileReferences=external)

    assert (scan.complete, scan.notes) == (False, ("Results of the run lie in other files, which were not read.",))


def test_a_log_without_version_and_tool_is_read_and_told():
    scan = read_json({"runs": [{"results": [result(kind="FAIL", suppressions=[{"state": "rejected"}])]}]})

    assert (scan.tool, len(scan.findings), scan.notes) == (
        "unknown tool",
        1,
        (
            "The log does not say which version of SARIF it is; it was read as 2.1.0.",
            "The run does not say which tool it is of.",
            "1 result(s) spell their kind in another way than the standard.",
            "1 suppression(s) say state instead of status; it was read as status.",
            "1 result(s) have a suppression that was rejected or is not accepted yet; they count.",
        ),
    )


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"version": "2.1.0", "runs": []}, "holds no run"),
        ({"version": "2.1.0", "runs": None}, "holds no run"),
        ({"version": "2.1.0"}, "holds no run"),
        ({"version": "2.0.0", "runs": [run("A")]}, "is SARIF of version '2.0.0', wanted 2.1.0"),
        ({"version": 2.1, "runs": [run("A")]}, "is SARIF of version '2.1', wanted 2.1.0"),
        (sarif_log(result(), {"message": {"text": 5}}), "`$.runs[0].results[1].message.text`"),
        (sarif_log(result(locations={})), "`$.runs[0].results[0].locations`"),
        (sarif_log(result(suppressions={})), "`$.runs[0].results[0].suppressions`"),
        (sarif_log(tool={"driver": {"name": 1}}), "`$.runs[0].tool.driver.name`"),
        (sarif_log("result"), "Expected `object`, got `str` - at `$.runs[0].results[0]`"),
    ],
    ids=[
        "no runs",
        "null runs",
        "absent runs",
        "old version",
        "number version",
        "number text",
        "swapped locations",
        "swapped suppressions",
        "number name",
        "text result",
    ],
)
def test_what_is_no_log_is_an_error_with_its_place(document, what):
    with pytest.raises(ReportError) as caught:
        read_json(document, format="sarif")

    assert what in caught.value.what


def test_a_log_that_lacks_its_runs_is_still_recognised_by_its_schema():
    schema = "https://json.schemastore.org/sarif-2.1.0.json"

    with pytest.raises(ReportError, match="holds no run"):
        read_json({"$schema": schema, "version": "2.1.0"})


def test_a_big_log_is_checked_for_repeated_keys_too():
    document = msgspec.json.encode(sarif_log(result(message={"text": "x" * 9_000_000}, level="error")))
    repeated = document.replace(b'"level":"error"', b'"level":"error","level":"none"')

    assert only(read(document, path="x")).level == "error"
    with pytest.raises(ReportError, match="'level' twice"):
        read(repeated, path="x")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b'"results":[{', b'"results":[],"results":[{'),
        (b'"runs":[{', b'"runs":[],"runs":[{'),
        (b'"ruleId":"R1"', b'"ruleId":"R0","ruleId":"R1"'),
        (b'"kind":"pass"', b'"kind":"fail","kind":"pass"'),
        (b'"suppressions":[{', b'"suppressions":[],"suppressions":[{'),
        (b'"status":"accepted"', b'"status":"rejected","status":"accepted"'),
        (b'"baselineState":"absent"', b'"baselineState":"new","baselineState":"absent"'),
        (b'"executionSuccessful":true', b'"executionSuccessful":false,"executionSuccessful":true'),
        (b'"security-severity":"1"', b'"security-severity":"9","security-severity":"1"'),
    ],
    ids=lambda value: value.split(b":")[0].decode(),
)
def test_a_big_log_with_a_repeated_key_that_decides_is_refused(first, then):
    document = msgspec.json.encode(
        sarif_log(
            result(message={"text": "x" * 9_000_000}, kind="pass"),
            result(suppressions=[{"kind": "external", "status": "accepted"}]),
            result(baselineState="absent"),
            rules=(rule(security="1"),),
            invocations=[{"executionSuccessful": True}],
        )
    )

    assert first in document
    with pytest.raises(ReportError, match="twice in one object"):
        read(document.replace(first, then, 1), path="x")
