import json
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.config.values import convert
from deliverygate.model import Scan, Severity, Verdict
from deliverygate.testing import finding, make_context, run_gate
from deliverygate_gates.static_analysis import gate

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def workspace(tmp_path):
    for sample in ("eslint/scan.json", "sarif/Suppressions.sarif", "sarif/spotbugs.sarif", "sarif/appendix_k.sarif"):
        shutil.copy(SAMPLES / sample, tmp_path)
    return tmp_path


def told(checks):
    return [(check.name, check.verdict.value, check.summary) for check in checks]


def eslint(*files):
    """An ESLint report: for each file its path and the severities of its messages."""
    return json.dumps(
        [
            {"filePath": path, "messages": [{"ruleId": "r", "severity": each, "message": f"m{n}"} for n, each in messages]}
            for path, messages in ((path, enumerate(severities)) for path, *severities in files)
        ]
    )  # fmt: skip


def test_score_below_what_is_wanted_blocks_and_shows_both_values(workspace):
    checks = run_gate(gate, {"scans": "scan.json", "min_score": 90}, make_context(workspace))

    assert told(checks) == [
        ("report scan.json", "passed", "ESLint: findings: 2, waived or suppressed: 0, files analysed: 3"),
        ("other findings", "passed", "2 noted: 1 high, 1 medium; no limit is set for them"),
        ("score", "failed", "ESLint 66.6 %, at least 90 % wanted (2 of 3 files clean)"),
    ]


def test_without_a_demand_of_its_own_no_high_and_no_critical_finding_is_allowed(workspace):
    checks = run_gate(gate, {"scans": ["scan.json"]}, make_context(workspace))

    assert told(checks)[1:] == [
        ("critical findings", "passed", "0 found, 0 allowed"),
        ("high findings", "failed", "1 found, 0 allowed"),
        ("findings of unknown severity", "passed", "0 found, 0 allowed"),
        ("other findings", "passed", "1 noted: 1 medium; no limit is set for them"),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'[{"filePath": "a.js", "messages": [', b"null", b"\x00\x01\xff"],
    ids=["empty", "nothing linted", "cut off", "null", "binary"],
)
def test_report_that_is_no_evidence_blocks_and_the_others_are_judged_all_the_same(workspace, content):
    (workspace / "broken.json").write_bytes(content)

    checks = run_gate(gate, {"scans": ["broken.json", "scan.json"], "fail_on": "critical"}, make_context(workspace))

    assert [(check.name, check.verdict.value) for check in checks] == [
        ("report broken.json", "error"),
        ("report scan.json", "passed"),
        ("critical findings", "inconclusive"),
        ("findings of unknown severity", "inconclusive"),
        ("other findings", "passed"),
    ]
    assert checks[0].mend
    assert checks[2].summary == "0 found, 0 allowed; 1 of 2 reports cannot be relied on"


def test_pattern_that_matches_nothing_is_an_error_and_nothing_is_called_clean(workspace):
    checks = run_gate(gate, {"scans": "reports/*.sarif"}, make_context(workspace))

    assert told(checks) == [("report reports/*.sarif", "error", "no file matches this pattern")]


def test_run_that_broke_off_is_an_error_and_its_silence_proves_nothing(workspace):
    checks = run_gate(gate, {"scans": "spotbugs.sarif", "max": {"high": 0}}, make_context(workspace))

    assert told(checks) == [
        (
            "report spotbugs.sarif",
            "error",
            "SpotBugs 4.4.0: the run is not complete (findings: 56, waived or suppressed: 0)",
        ),
        ("high findings", "inconclusive", "0 found, 0 allowed; 1 of 1 reports cannot be relied on"),
        (
            "findings of unknown severity",
            "inconclusive",
            "0 found, 0 allowed; 1 of 1 reports cannot be relied on",
        ),
        ("other findings", "passed", "56 noted: 56 low; no limit is set for them"),
    ]
    assert "Classes needed for analysis were missing" in checks[0].details


@pytest.mark.parametrize(
    ("honored", "said"),
    [
        ("all", "6 found, 0 allowed (3 waived or suppressed)"),
        ("external", "7 found, 0 allowed (2 waived or suppressed)"),
        ("none", "9 found, 0 allowed"),
    ],
)
def test_policy_says_which_suppressions_hold(workspace, honored, said):
    settings = {"scans": "Suppressions.sarif", "max": {"medium": 0}, "honor_suppressions": honored}

    checks = run_gate(gate, settings, make_context(workspace))

    assert told(checks)[1] == ("medium findings", "failed", said)


ESLINT = (
    '[{"filePath": "src/a.js", "messages": [], "suppressedMessages": [{"ruleId": "no-eval", "severity": 2,'
    ' "message": "eval can be harmful", "line": 1, "suppressions": [{"kind": "directive", "justification": ""}]}]}]'
)


@pytest.mark.parametrize(
    ("files", "settings", "said"),
    [
        ((), {}, ("high findings", "passed", "0 found, 0 allowed (1 waived or suppressed)")),
        ((("src/b.js", 1, 9),), {}, ("high findings", "passed", "0 found, 0 allowed (1 waived or suppressed)")),
        ((("src/a.js", 1, 1),), {}, ("high findings", "failed", "1 found, 0 allowed")),
        (None, {}, ("high findings", "failed", "1 found, 0 allowed")),
        (
            (("src/a.js", 1, 1),),
            {"honor_suppressions": "all"},
            ("high findings", "passed", "0 found, 0 allowed (1 waived or suppressed)"),
        ),
    ],
    ids=["no change", "another file", "the change", "not known", "the policy allows it"],
)
def test_suppression_that_the_change_adds_counts_unless_the_policy_allows_it(tmp_path, files, settings, said):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.js").write_text("eval(x) // eslint-disable-line\n")
    (tmp_path / "eslint.json").write_text(ESLINT)
    changed = files and tuple(ChangedFile(path=path, lines=((first, last),)) for path, first, last in files)
    change = ChangeRequest(title="", description="", source="test", files=changed)

    checks = run_gate(gate, {"scans": "eslint.json"} | settings, make_context(tmp_path, change=change))

    assert told(checks)[2] == said


def test_suppression_holds_on_the_target_branch_itself(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.js").write_text("eval(x) // eslint-disable-line\n")
    (tmp_path / "eslint.json").write_text(ESLINT)
    files = (ChangedFile(path="src/a.js", lines=((1, 1),)),)
    pushed = ChangeRequest(title="", description="", source="test", files=files, is_of_target=True)

    checks = run_gate(gate, {"scans": "eslint.json"}, make_context(tmp_path, change=pushed))

    assert told(checks)[2] == ("high findings", "passed", "0 found, 0 allowed (1 waived or suppressed)")


def test_finding_of_a_refused_suppression_says_what_suppressed_it(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.js").write_text("eval(x) // eslint-disable-line\n")
    (tmp_path / "eslint.json").write_text(ESLINT)
    files = (ChangedFile(path="src/a.js", lines=((1, 1),)),)
    change = ChangeRequest(title="", description="", source="test", files=files)

    checks = run_gate(gate, {"scans": "eslint.json"}, make_context(tmp_path, change=change))

    assert [each.message for check in checks for each in check.findings] == [
        "eval can be harmful (suppressed by eslint directive: the change adds or edits these lines)"
    ]


def test_suppressions_may_be_capped(workspace):
    settings = {"scans": "Suppressions.sarif", "fail_on": "critical", "max_suppressed": 2, "honor_suppressions": "all"}

    checks = run_gate(gate, settings, make_context(workspace))

    assert told(checks)[-1] == ("suppressed findings", "failed", "3 suppressed by the tool, 2 allowed")


def test_report_that_does_not_list_its_files_is_measured_on_the_tracked_ones(workspace):
    settings = {"scans": "Suppressions.sarif", "min_score": 50, "analysed": ["src/**", "!src/gen/**"]}
    tracked = ("src/a.py", "src/b/c.py", "src/gen/d.py", "README.md")

    checks = run_gate(gate, settings, make_context(workspace, tracked=tracked))

    assert checks[-1].name == "score"
    assert checks[-1].measurements[0].name == "score of SarifSamples"
    assert "of them outside the list" in checks[-1].summary


@pytest.mark.parametrize(
    ("tracked", "analysed", "said"),
    [
        (None, (), "SarifSamples: the report does not say which files were analysed"),
        (
            ("a.py",),
            "src/**",
            "which files were analysed is not known: src/**: no tracked file matches this pattern",
        ),
        (None, "**", "which files were analysed is not known: git: this is no git repository"),
    ],
    ids=["not named", "pattern fits nothing", "no repository"],
)
def test_score_whose_ground_is_unknown_is_an_error(workspace, tracked, analysed, said):
    settings = {"scans": "Suppressions.sarif", "min_score": 50, "analysed": analysed}

    checks = run_gate(gate, settings, make_context(workspace, tracked=tracked))

    assert told(checks)[-1] == ("score", "error", said)


def test_reports_of_one_tool_are_joined_by_file_and_never_added_up(workspace):
    (workspace / "one.json").write_text(eslint(("a.js", 2), ("b.js",)))
    (workspace / "two.json").write_text(eslint(("a.js", 2), ("c.js",), ("d.js",)))

    checks = run_gate(
        gate, {"scans": ["one.json", "two.json"], "min_score": 75, "max": {"high": 1}}, make_context(workspace)
    )

    assert told(checks)[2:] == [
        ("high findings", "passed", "1 found, 1 allowed"),
        ("findings of unknown severity", "passed", "0 found, 0 allowed"),
        ("score", "passed", "ESLint 75.0 %, at least 75 % wanted (3 of 4 files clean)"),
    ]  # fmt: skip


def test_same_report_twice_changes_no_verdict(workspace):
    shutil.copy(workspace / "scan.json", workspace / "scan-again.json")
    once, twice = (
        run_gate(gate, {"scans": pattern, "min_score": 60, "max": {"high": 1}}, make_context(workspace))
        for pattern in ("scan.json", "scan*.json")
    )

    assert told(once)[1:] == told(twice)[2:]


def test_only_new_findings_count_where_the_policy_says_so(tmp_path):
    (tmp_path / "report").write_text("any")
    known, new = finding("known", is_new=False), finding("new")
    context = context_reading(tmp_path, Scan(tool="demo", version=None, format="demo", findings=(known, new)))

    checks = run_gate(gate, {"scans": "report", "only_new": True, "max": {"high": 0}, "unknown": "ignore"}, context)

    assert (checks[1].summary, checks[1].findings, checks[1].noted) == (
        "1 found, 0 allowed (1 known)",
        (new,),
        (known,),
    )


def test_severity_that_the_tool_does_not_know_blocks(tmp_path):
    (tmp_path / "report").write_text("any")
    odd = finding(severity=Severity.UNKNOWN)
    context = context_reading(tmp_path, Scan(tool="demo", version=None, format="demo", findings=(odd,)))

    checks = run_gate(gate, {"scans": "report"}, context)

    assert Verdict.worst(check.verdict for check in checks) is Verdict.FAILED


def context_reading(folder, scan):
    """A context whose reader gives ``scan`` for every report."""
    return replace(make_context(folder), read_scan=lambda data, **_: scan)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Object missing required field `scans`"),
        ({"scans": []}, "Expected `array` of length >= 1 - at `$.scans`"),
        ({"scans": "a", "max": {}}, "demands nothing; set `min_score`, `fail_on` or `max`"),
        ({"scans": "a", "min_score": 101}, "Expected `float` <= 100.0 - at `$.min_score`"),
        ({"scans": "a", "max": {"high": -1}}, "Expected `int` >= 0 - at `$.max[...]`"),
        ({"scans": "a", "fail_on": "unknown"}, "`fail_on` cannot be unknown; say `unknown: block`"),
        ({"scans": "a", "count_from": "unknown"}, "`count_from` cannot be unknown; say `unknown: block`"),
        (
            {"scans": "a", "analysed": "src/"},
            "`analysed`: 'src/' names a folder; write 'src/**' for what lies in it",
        ),
        ({"scans": "a", "min_scor": 1}, "Object contains unknown field `min_scor`"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, said):
    with pytest.raises(msgspec.ValidationError) as caught:
        convert(settings, gate.settings)

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("report", "settings", "score"),
    [
        (
            [{"filePath": f"src/{n}.js", "messages": []} for n in range(8)]
            + [
                {
                    "filePath": f"dist/{n}.js",
                    "messages": [
                        {"ruleId": None, "severity": 1, "message": "File ignored because outside of base path."}
                    ],
                }
                for n in range(2)
            ],
            {},
            "ESLint 100.0 %, at least 90 % wanted (8 of 8 files clean)",
        ),
        (
            [
                {"type": "warning", "symbol": "s", "message": "m", "message-id": "W1", "path": "src/a.py", "line": 1},
                {"type": "info", "symbol": "file-ignored", "message": "m", "message-id": "I0013", "path": "src/b.py"},
            ],
            {"analysed": "src/*.py"},
            "pylint 50.0 %, at least 90 % wanted (1 of 2 files clean)",
        ),
    ],
    ids=["the report lists its files", "the policy names the ground"],
)
def test_a_file_that_the_tool_did_not_look_at_is_no_clean_one_of_the_score(tmp_path, report, settings, score):
    (tmp_path / "report.json").write_text(json.dumps(report))
    context = make_context(tmp_path, tracked=("src/a.py", "src/b.py", "src/c.py"))

    checks = run_gate(gate, {"scans": "report.json", "min_score": 90, **settings}, context)

    assert told(checks)[-1][2] == score


def test_a_report_of_which_every_file_was_ignored_is_an_error(tmp_path):
    ignored = {"ruleId": None, "severity": 1, "message": "File ignored by default."}
    (tmp_path / "report.json").write_text(json.dumps([{"filePath": "dist/a.js", "messages": [ignored]}]))

    checks = run_gate(gate, {"scans": "report.json", "fail_on": "high"}, make_context(tmp_path))

    assert told(checks) == [
        ("report report.json", "error", "says of each of its 1 file(s) that it was ignored: nothing was linted")
    ]
