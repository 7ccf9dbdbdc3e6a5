import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from deliverygate.config.values import convert
from deliverygate.errors import DeadlineExceeded
from deliverygate.gate import Completed
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.testing import FakeClock, FakeShell, make_context, run_gate
from deliverygate_gates.trivy import gate

SAMPLES = Path(__file__).parent.parent / "samples/trivy"
CLEAN = (SAMPLES / "scheme_2_no_vuln.json").read_bytes()
SECRETS = (SAMPLES / "secrets.json").read_bytes()
PACKAGES_ONLY = (SAMPLES / "packages-only.json").read_bytes()
NO_RESULTS = (SAMPLES / "helm_badname.json").read_bytes()
VERSION = b'{"Version":"0.71.1"}'


@pytest.fixture
def workspace(tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "reports")
    return tmp_path


def trivy(report=CLEAN, *, status=0, stderr=b"", version=VERSION, seconds=1.0, clock=None, program="trivy"):
    """A Trivy that answers with one report."""

    def answer(command):
        if "--version" in command:
            return Completed(0, version, b"", 0.1)
        return Completed(status, report if status == 0 else b"", stderr, seconds)

    return FakeShell({program: answer}, clock=clock or FakeClock())


def told(checks):
    return [(check.name, check.verdict.value, check.summary) for check in checks]


def judged(workspace, settings, **doors):
    return run_gate(gate, settings, make_context(workspace, **doors))


def test_critical_vulnerability_blocks_with_value_and_cure(workspace):
    checks = judged(workspace, {"report": "reports/debian-buster.json"})

    assert told(checks) == [
        ("report reports/debian-buster.json", "passed", "Trivy dev: findings: 2, waived or suppressed: 0"),
        ("end of life", "passed", "no system past its end of life is named"),
        ("critical findings", "failed", "1 found, 0 allowed"),
        ("high findings", "passed", "0 found, 0 allowed"),
        ("findings of unknown severity", "passed", "0 found, 0 allowed"),
        ("other findings", "passed", "1 noted: 1 low; no limit is set for them"),
    ]
    assert checks[2].mend == (
        "update pkg:deb/debian/libidn2-0@2.0.5-1 to 2.0.5-1+deb10u1; or let it through with a reason and an end (docs/waivers.md)"
    )


@pytest.mark.parametrize(
    ("report", "settings", "verdict"),
    [
        ("dockerfile.json", {}, "failed"),
        ("scheme_2_no_vuln.json", {}, "passed"),
        ("alpine-310.json", {}, "failed"),
        ("alpine-310.json", {"end_of_life": "warn"}, "passed"),
        ("alpine-310.json", {"end_of_life": "ignore", "fail_on": "medium"}, "failed"),
        ("alpine-310.json", {"end_of_life": "ignore", "max": {"medium": 4}}, "passed"),
        ("alpine-310.json", {"end_of_life": "ignore", "max": {"medium": 3}}, "failed"),
        ("debian-buster.json", {"fail_on": "low"}, "failed"),
        ("gomod-vex.json", {}, "failed"),
        ("gomod-vex.json", {"unknown": "warn"}, "passed"),
        ("npm-with-suppressed.json", {"fail_on": "low"}, "failed"),
        ("helm_badname.json", {}, "error"),
        ("alpine-39-skip.json", {}, "error"),
        ("legacy_no_vuln.json", {}, "error"),
        ("scheme_2_no_vuln.json", {"max_age": "1d"}, "inconclusive"),
        ("scheme_2_no_vuln.json", {"classes": ["os-pkgs"]}, "passed"),
        ("scheme_2_no_vuln.json", {"classes": ["lang-pkgs"]}, "inconclusive"),
        ("scheme_2_no_vuln.json", {"classes": ["secret"]}, "inconclusive"),
        ("scheme_2_no_vuln.json", {"classes": ["secret"], "scanners": ["vuln", "secret"]}, "passed"),
        ("scheme_2_no_vuln.json", {"classes": ["os-pkgs", "lang-pkgs"], "scanners": ["vuln"]}, "inconclusive"),
        ("scheme_2_no_vuln.json", {"scanners": ["misconfig", "secret"]}, "error"),
        ("misconfigurations_and_secrets.json", {"classes": ["config"], "scanners": ["secret"]}, "failed"),
        ("packages-only.json", {}, "passed"),
        ("packages-only.json", {"scanners": ["misconfig"]}, "error"),
        ("scheme_2_many_vulns.json", {"max": {"critical": 9, "high": 9}, "classes": ["os-pkgs"]}, "passed"),
    ],
    ids=str,
)
def test_real_report_gets_the_verdict_that_the_policy_asks_for(workspace, report, settings, verdict):
    checks = judged(workspace, {"report": f"reports/{report}"} | settings)

    assert Verdict.worst(check.verdict for check in checks).value == verdict


def test_several_reports_are_judged_together_and_each_broken_one_is_named(workspace):
    checks = judged(workspace, {"report": ["reports/secrets.json", "reports/helm_bad*.json", "missing.json"]})

    assert [(check.name, check.verdict.value) for check in checks] == [
        ("report reports/secrets.json", "passed"),
        ("report reports/helm_badname.json", "error"),
        ("report missing.json", "error"),
        ("end of life", "passed"),
        ("critical findings", "failed"),
        ("high findings", "failed"),
        ("findings of unknown severity", "inconclusive"),
    ]


def test_report_of_another_tool_is_no_evidence(workspace):
    (workspace / "eslint.json").write_text('[{"filePath": "a.js", "messages": []}]')

    assert [check.verdict.value for check in judged(workspace, {"report": "eslint.json"})] == ["error"]


def test_system_past_its_end_blocks_though_it_shows_no_high_finding(workspace):
    (check,) = (each for each in judged(workspace, {"report": "reports/alpine-310.json"}) if each.name == "end of life")

    assert check == CheckResult(
        name="end of life",
        verdict=Verdict.FAILED,
        summary="alpine 3.10.2 gets no more security updates",
        measurements=(Measurement(name="systems past their end of life", value=1, wanted="0"),),
        mend="move to a release that is maintained",
    )


def test_vulnerabilities_that_nobody_can_mend_yet_are_noted_where_the_policy_says_so(workspace):
    settings = {"report": "reports/debian-buster.json", "max": {"critical": 0, "low": 0}, "unknown": "ignore"}

    checks = judged(workspace, settings | {"fixable_only": True})

    assert told(checks)[2:] == [
        ("critical findings", "failed", "1 found, 0 allowed"),
        ("low findings", "passed", "0 found, 0 allowed (1 left aside)"),
    ]


def test_what_trivy_suppressed_is_shown_and_counts_where_the_policy_does_not_believe_it(workspace):
    settings = {"report": "reports/npm-with-suppressed.json", "max": {"critical": 0, "high": 0, "medium": 0, "low": 0}}

    believed, refused = (
        judged(workspace, settings | {"honor_suppressions": honored}) for honored in ("external", "none")
    )

    assert [sum(len(check.findings) for check in checks) for checks in (believed, refused)] == [1, 2]
    assert sum(len(check.noted) for check in believed) == 1


def test_only_the_chosen_classes_count_and_the_others_are_noted(workspace):
    settings = {"report": "reports/misconfigurations_and_secrets.json", "fail_on": "info", "classes": ["config"]}

    checks = judged(workspace, settings)

    assert sorted({each.category for check in checks for each in check.findings}) == ["config"]
    assert sum(len(check.noted) for check in checks) == 4


@pytest.mark.parametrize(
    ("now", "verdict", "summary"),
    [
        (datetime(2021, 8, 25, 13, 20, 30, tzinfo=UTC), "passed", "1h old, at most 1d allowed"),
        (datetime(2021, 8, 27, 12, 20, 30, tzinfo=UTC), "failed", "2d old, at most 1d allowed"),
        (datetime(2021, 8, 25, 12, 18, 0, tzinfo=UTC), "passed", "0s old, at most 1d allowed"),
        (
            datetime(2021, 8, 25, 11, 0, 0, tzinfo=UTC),
            "error",
            "made on 2021-08-25 12:20 UTC, which is still to come",
        ),
    ],
    ids=["fresh", "old", "clocks differ a little", "from the future"],
)
def test_report_may_be_only_so_old(workspace, now, verdict, summary):
    settings = {"report": "reports/secrets.json", "max_age": "1d"}

    checks = judged(workspace, settings, clock=FakeClock(start=now))

    assert told(checks)[1] == ("age of reports/secrets.json", verdict, summary)


def test_trivy_is_run_with_every_flag_that_decides_what_is_found(workspace):
    shell = trivy()

    checks = judged(workspace, {"image": "shop:1.4", "arguments": ["--skip-db-update"]}, shell=shell)

    assert shell.ran == [
        ("trivy", "--version", "--format", "json"),
        (
            "trivy", "image", "--format", "json", "--output", "", "--exit-code", "0", "--show-suppressed",
            "--no-progress", "--severity", "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL", "--scanners", "vuln,secret",
            "--timeout", "300s", "--config", "/dev/null", "--secret-config", "", "--skip-db-update", "--", "shop:1.4",
        ),
    ]  # fmt: skip
    assert told(checks)[0] == (
        "report trivy image shop:1.4",
        "passed",
        "Trivy 0.71.1: findings: 0, waived or suppressed: 0",
    )


@pytest.mark.parametrize("scanners", [["misconfig"], ["secret"], ["license"], ["misconfig", "secret"]], ids=str)
def test_list_of_packages_proves_nothing_where_no_vulnerability_was_looked_for(workspace, scanners):
    checks = judged(workspace, {"fs": ".", "scanners": scanners}, shell=trivy(PACKAGES_ONLY))

    said = f"holds results of lang-pkgs only, which say nothing of {', '.join(scanners)}: nothing was looked at"
    assert told(checks) == [("report trivy fs .", "error", said)]


def test_class_is_not_looked_at_when_no_scanner_for_it_ran(workspace):
    report = json.loads(PACKAGES_ONLY)
    report["Results"].append({"Target": "Dockerfile", "Class": "config", "MisconfSummary": {"Successes": 9}})
    settings = {"fs": ".", "scanners": ["misconfig"], "classes": ["config", "lang-pkgs"]}

    checks = judged(workspace, settings, shell=trivy(json.dumps(report).encode()))

    assert told(checks)[1] == ("classes looked at", "inconclusive", "nothing shows that lang-pkgs was looked at")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"config": "deploy"}, ("fs", "misconfig", "deploy")),
        ({"fs": "."}, ("fs", "vuln,secret", ".")),
        ({"fs": ".", "scanners": ["license"]}, ("fs", "license", ".")),
        ({"sbom": "bom.json"}, ("sbom", "vuln", "bom.json")),
    ],
)
def test_each_kind_of_target_has_its_command(workspace, settings, expected):
    shell = trivy()

    judged(workspace, settings, shell=shell)

    command = shell.ran[1]
    assert (command[1], command[command.index("--scanners") + 1], command[-1]) == expected


def test_failed_run_is_an_error_with_trivys_own_words_and_status(workspace):
    log = b"T\tINFO\tNeed to update DB\nT\tFATAL\tFatal error\trun error: failed to download vulnerability DB: no such host\n"

    checks = judged(workspace, {"fs": "."}, shell=trivy(status=1, stderr=log))

    assert told(checks) == [
        (
            "report trivy fs .",
            "error",
            "Trivy 0.71.1 ended with status 1: Fatal error run error: failed to download vulnerability DB: no such host",
        )
    ]
    assert checks[0].details.startswith("T\tINFO\tNeed to update DB\nT\tFATAL\t")
    assert checks[0].details.endswith("-- .")
    assert checks[0].mend.startswith("let Trivy reach its database")


@pytest.mark.parametrize(
    ("shell", "summary"),
    [
        (trivy(status=-9), "Trivy 0.71.1 was ended by signal 9: it says nothing on stderr"),
        (trivy(b""), "is empty (0 bytes)"),
        (trivy(CLEAN[:200]), None),
        (trivy(NO_RESULTS), "holds no Results: nothing was scanned"),
        (trivy(version=b"GNU ls"), "does not tell its version (status 0: GNU ls)"),
        (trivy(program="another"), "no such program"),
        (trivy(seconds=400), "Trivy 0.71.1 was killed after 5m"),
    ],
    ids=["killed", "empty", "cut off", "nothing scanned", "not Trivy", "not there", "too slow"],
)
def test_run_that_brings_no_report_is_an_error_that_says_why(workspace, shell, summary):
    checks = judged(workspace, {"fs": "."}, shell=shell)

    assert [(check.name, check.verdict.value, bool(check.mend)) for check in checks] == [
        ("report trivy fs .", "error", True)
    ]
    assert summary in (checks[0].summary, None)


def test_end_of_the_gates_own_time_is_told_as_such(workspace):
    clock = FakeClock(timeout_seconds=100)

    with pytest.raises(DeadlineExceeded, match="its time of 100 s is over"):
        judged(workspace, {"fs": "."}, clock=clock, shell=trivy(seconds=200, clock=clock))


def test_warnings_of_a_run_are_shown_for_what_was_skipped_was_not_scanned(workspace):
    log = b"T\tINFO\tfine\nT\tWARN\t[helm] Skipping chart\nT\tWARN\t[helm] Skipping chart\n"

    checks = judged(workspace, {"fs": "."}, shell=trivy(stderr=log))

    assert checks[0].details == "WARN\t[helm] Skipping chart"


def test_secret_is_never_shown_not_even_the_lines_around_it(workspace):
    planted = json.loads(SECRETS)
    planted["Results"][0]["Secrets"][0]["Match"] = "hunter2-in-match"
    planted["Results"][0]["Secrets"][0]["Code"]["Lines"][0]["Content"] = "hunter2-in-context"

    checks = judged(workspace, {"fs": ".", "scanners": ["secret"]}, shell=trivy(json.dumps(planted).encode()))

    assert Verdict.worst(check.verdict for check in checks) is Verdict.FAILED
    assert b"hunter2" not in msgspec.json.encode(checks)


@pytest.mark.parametrize(
    ("folder", "setting", "verdict"),
    [("src", "error", "error"), ("src", "pass", "passed"), ("empty", "pass", "error"), ("gone", "pass", "error")],
)
def test_silence_of_the_secret_scanner_passes_only_where_the_policy_says_so_and_files_are_there(
    workspace, folder, setting, verdict
):
    (workspace / "empty").mkdir()
    (workspace / "src").mkdir()
    (workspace / "src/a.txt").write_text("hello")
    settings = {"fs": folder, "scanners": ["secret"], "no_results": setting, "classes": ["secret"]}

    checks = judged(workspace, settings, shell=trivy(NO_RESULTS))

    assert Verdict.worst(check.verdict for check in checks).value == verdict


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "nothing to judge is named; name exactly one of report, image, fs, config, sbom"),
        ({"fs": "a", "image": "b"}, "image and fs are given; name exactly one of report, image, fs, config, sbom"),
        ({"fs": "--output=x"}, "`fs`: '--output=x' would be taken for an option; name a target"),
        ({"fs": "a", "max": {}, "unknown": "ignore"}, "demands nothing; set `fail_on`, `max` or `block_if`"),
        ({"fs": "a", "arguments": ["--format=table"]}, "`arguments`: --format is deliverygate's own; it is always json"),
        (
            {"fs": "a", "arguments": ["--exit-code", "1"]},
            "`arguments`: --exit-code is deliverygate's own; deliverygate judges the report",
        ),
        ({"fs": "a", "arguments": ["-f=table"]}, "`arguments`: '-f=table' is not written as --flag=value"),
        ({"fs": "a", "arguments": ["b"]}, "`arguments`: 'b' is not written as --flag=value"),
        ({"fs": "a", "arguments": ["--"]}, "`arguments`: '--' ends the flags; write each as --flag=value"),
        (
            {"fs": "a", "arguments": ["--severity=LOW"]},
            "`arguments`: --severity is deliverygate's own; use `fail_on:` or `max:`, which show what they let through",
        ),
        ({"config": "a", "scanners": ["vuln"]}, "`scanners`: vuln does not work on `config`; drop it"),
        (
            {"fs": "a", "no_results": "pass"},
            "`no_results: pass` is for `scanners: [secret]` alone; the others name what they looked at",
        ),
        (
            {"report": "a", "arguments": ["--x"]},
            "`arguments` is only for a Trivy that deliverygate runs; drop it, or name a target",
        ),
        ({"report": "a", "classes": []}, "Expected `array` of length >= 1 - at `$.classes`"),
        ({"report": "a", "reprot": "b"}, "Object contains unknown field `reprot`"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused(settings, said):
    with pytest.raises(msgspec.ValidationError) as caught:
        convert(settings, gate.settings)

    assert str(caught.value) == said


def test_program_that_is_missing_is_named_with_its_cure(workspace):
    (check,) = judged(workspace, {"fs": "."}, shell=FakeShell({}, clock=FakeClock()))

    assert (check.summary, check.mend) == ("no such program", "install it, or correct PATH")
