"""The gate on coverage: the total, the lines of the change, and what was before."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.config.values import convert
from deliverygate.errors import ReportError
from deliverygate.testing import make_context, run_gate
from deliverygate_gates.coverage import gate

SAMPLES = Path(__file__).parent.parent / "samples"

TRACKED = ("README.md", "src/__init__.py", "src/basket.py", "src/unused.py", "src/new.py", "tests/test_basket.py")


# Samples that their keepers have shortened: the totals are still those of all files.
SHORTENED = {
    "clover.xml": ('statements="193" coveredstatements="169"', 'statements="165" coveredstatements="143"'),
    "cobertura-python.xml": ('lines-valid="2661"', 'lines-valid="19"'),
}


@pytest.fixture
def workspace(tmp_path):
    for sample in (SAMPLES / "coverage").iterdir():
        shutil.copy(sample, tmp_path)
    for name, (old, new) in SHORTENED.items():
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text.replace(old, new))
    shutil.copy(SAMPLES / "junit/jest-junit.xml", tmp_path)
    return tmp_path


def told(checks):
    return [(check.name, check.verdict.value, check.summary) for check in checks]


def changed(workspace, *files: ChangedFile, tracked=TRACKED, **more):
    """A context with a change, in a repository that tracks some files."""
    change = ChangeRequest(title="", description="", source="test", files=files)
    return make_context(workspace, tracked=tracked, change=change, **more)


def test_the_total_is_that_of_all_reports_together(workspace):
    settings = {"reports": ["coverage-py-7.17.xml", "report.lcov"], "min_total": 70}

    checks = run_gate(gate, settings, make_context(workspace))

    assert told(checks) == [
        ("report coverage-py-7.17.xml", "passed", "Cobertura: 12 of 16 lines covered, files: 3"),
        ("report report.lcov", "passed", "LCOV: 3 of 6 lines covered, files: 3"),
        ("total coverage", "failed", "68.1 %, at least 70 % wanted (15 of 22 lines)"),
    ]


def test_the_same_run_in_several_formats_counts_once(workspace):
    checks = run_gate(gate, {"reports": "coverage-py-*", "min_total": 75}, make_context(workspace))

    assert told(checks)[-1] == ("total coverage", "passed", "75.0 %, at least 75 % wanted (12 of 16 lines)")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "empty.xml",
            "holds no line of code: nothing shows what the tests cover",
        ),
        ("jest-junit.xml", "is a test report; this gate reads a coverage report"),
        ("*.info", "no file matches this pattern"),
    ],
    ids=["no line", "tests", "no file"],
)
def test_what_is_no_evidence_is_an_error_and_nothing_else_is_said(workspace, name, reason):
    checks = run_gate(gate, {"reports": name, "min_total": 0}, make_context(workspace))

    assert told(checks) == [(f"report {name}", "error", reason)]


def test_one_broken_report_leaves_the_total_open(workspace):
    settings = {"reports": ["empty.xml", "coverage-py-7.17.json"], "min_total": 50}

    checks = run_gate(gate, settings, make_context(workspace))

    assert told(checks)[-1] == (
        "total coverage",
        "inconclusive",
        "75.0 %, at least 50 % wanted (12 of 16 lines); 1 of 2 reports cannot be relied on",
    )


def test_new_lines_without_a_test_block_and_are_shown(workspace):
    context = changed(
        workspace, ChangedFile(path="src/basket.py", lines=((4, 19),)), ChangedFile(path="src/unused.py", lines=((1, 2),))
    )  # fmt: skip
    settings = {"reports": "coverage-py-7.17.json", "min_changed": 80, "min_new_lines": 10}

    checks = run_gate(gate, settings, context)

    assert told(checks)[-1] == (
        "coverage of changed lines",
        "failed",
        "75.0 %, at least 80 % wanted (12 of 16 lines)",
    )
    assert [str(finding.location) for finding in checks[-1].findings] == [
        "src/basket.py:10",
        "src/basket.py:17",
        "src/unused.py:1",
    ]


@pytest.mark.parametrize(
    ("files", "settings", "verdict", "summary"),
    [
        (
            (ChangedFile(path="src/basket.py", lines=((9, 10),)),),
            {},
            "skipped",
            "50.0 % (2 new lines in measured files, fewer than 20: shown, not judged)",
        ),
        (
            (ChangedFile(path="src/basket.py", lines=((9, 10),)),),
            {"min_new_lines": 2},
            "failed",
            "50.0 %, at least 80 % wanted (1 of 2 lines)",
        ),
        (
            (ChangedFile(path="src/basket.py"),),
            {"min_new_lines": 5},
            "passed",
            "85.7 %, at least 80 % wanted (12 of 14 lines)",
        ),
        (
            (ChangedFile(path="src/new.py", lines=((1, 90),)), ChangedFile(path="README.md", lines=((1, 1),))),
            {},
            "skipped",
            "nothing to measure (0 new lines in measured files, fewer than 20: shown, not judged; "
            "in no report: src/new.py, README.md)",
        ),
        (
            (ChangedFile(path="src/new.py", lines=((1, 90),)), ChangedFile(path="README.md", lines=((1, 1),))),
            {"measured": ["src/**", "!src/gen/**"]},
            "inconclusive",
            "1 changed files are in no report: src/new.py",
        ),
        (
            (ChangedFile(path="src/new.py", lines=((1, 90),)),),
            {"measured": ["src/**", "!src/n*"]},
            "skipped",
            "nothing to measure (0 new lines in measured files, fewer than 20: shown, not judged; in no report: src/new.py)",
        ),
    ],
    ids=["small", "small and judged", "binary to git", "not measured", "has to be measured", "taken out"],
)
def test_what_is_new_is_judged_as_far_as_it_is_measured(workspace, files, settings, verdict, summary):
    context = changed(workspace, *files)

    checks = run_gate(gate, {"reports": "coverage-py-7.17.json", "min_changed": 80, **settings}, context)

    assert told(checks)[-1] == ("coverage of changed lines", verdict, summary)


@pytest.mark.parametrize(
    ("report", "tracked", "roots", "file"),
    [
        ("jacoco-codingstyle.xml", ("core/src/main/java/edu/hm/hafner/util/Ensure.java",), (), None),
        ("clover.xml", ("src/js/actions/File1.js",), (), None),
        ("go-coverage-atomic.out", ("pkg/db/file2.go", "go.mod"), (), "pkg/db/file2.go"),
        ("cobertura-python.xml", ("a/__init__.py", "b/__init__.py"), ["b"], "b/__init__.py"),
    ],
    ids=["packages", "another checkout", "module", "named root"],
)
def test_files_are_found_whatever_the_report_calls_them(workspace, report, tracked, roots, file):
    path = file or tracked[0]
    context = changed(workspace, ChangedFile(path=path), tracked=tracked)
    settings = {"reports": report, "min_changed": 1, "min_new_lines": 0, "source_roots": roots}

    check = run_gate(gate, settings, context)[-1]

    assert (check.verdict.value, path in check.summary) == ("passed", False)


@pytest.mark.parametrize(
    ("context", "summary"),
    [
        (
            {"tracked": ("other/x.py",), "files": (ChangedFile(path="other/x.py", lines=((1, 1),)),)},
            "none of the 1 files in the reports is a file of this repository",
        ),
        (
            {
                "tracked": ("a/__init__.py", "b/__init__.py", "README.md", "x/__init__.py"),
                "files": (ChangedFile(path="a/__init__.py"),),
            },
            "__init__.py in the reports may be a/__init__.py or b/__init__.py or x/__init__.py",
        ),
    ],
    ids=["foreign", "ambiguous"],
)
def test_files_that_cannot_be_told_apart_are_an_error(workspace, context, summary):
    settings = {"reports": "cobertura-python.xml", "min_changed": 1}

    check = run_gate(gate, settings, changed(workspace, *context["files"], tracked=context["tracked"]))[-1]

    assert (check.name, check.verdict.value, check.summary, "source_roots" in check.mend) == (
        "coverage of changed lines",
        "error",
        summary,
        True,
    )


def test_records_of_one_path_that_may_be_several_files_are_not_joined_into_one(workspace):
    record = "SF:src/app.js\nDA:1,{}\nend_of_record\n"
    (workspace / "joined.info").write_text(record.format(1) + record.format(0))
    tracked = ("services/a/src/app.js", "services/b/src/app.js")

    check = run_gate(gate, {"reports": "joined.info", "min_total": 50}, changed(workspace, tracked=tracked))[0]

    assert (check.name, check.verdict.value, check.summary) == (
        "report joined.info",
        "error",
        "src/app.js in the reports may be services/a/src/app.js or services/b/src/app.js",
    )


def cannot_tell() -> ChangeRequest:
    raise ReportError("no target branch: none of main, master exists", where="git", mend="name it with --base")


@pytest.mark.parametrize(
    ("doors", "summary", "mend"),
    [
        ({"change": cannot_tell}, "git: no target branch: none of main, master exists", "name it with --base"),
        (
            {"change": lambda: ChangeRequest(title="", description="", source="x", notes=("No git here.",))},
            "No git here.",
            "run in a checkout of git",
        ),
    ],
    ids=["no branch", "no files"],
)
def test_a_change_that_cannot_be_known_is_an_error(workspace, doors, summary, mend):
    context = replace(changed(workspace, ChangedFile(path="src/basket.py")), **doors)

    check = run_gate(gate, {"reports": "coverage-py-7.17.json", "min_changed": 1}, context)[-1]

    assert (check.name, check.verdict.value, check.summary, check.mend) == (
        "coverage of changed lines",
        "error",
        summary,
        mend,
    )


def test_lines_that_are_only_counted_cannot_be_judged_by_the_change(workspace):
    (workspace / "counts.lcov").write_text("SF:src/basket.py\nLF:9\nLH:9\nend_of_record\n")

    check = run_gate(
        gate,
        {"reports": "counts.lcov", "min_changed": 1},
        changed(workspace, ChangedFile(path="src/basket.py", lines=((1, 1),))),
    )[-1]

    assert (check.verdict.value, check.summary) == (
        "error",
        "the reports count the lines of src/basket.py and do not name them",
    )


@pytest.mark.parametrize(
    ("baseline", "verdict", "summary"),
    [
        (75, "passed", "75.0 %, at least 75 % wanted (12 of 16 lines; as the policy says)"),
        (75.01, "failed", "75.0 %, at least 75.01 % wanted (12 of 16 lines; as the policy says)"),
        ("before.lcov", "failed", "75.0 %, at least 80 % wanted (12 of 16 lines; before.lcov of the workspace)"),
        ("coverage-py-7.17.lcov", "passed", "75.0 %, at least 75 % wanted (12 of 16 lines; coverage-py-7.17.lcov of the workspace)"),
        ("nowhere.xml", "error", "nowhere.xml: no such file"),
        ("jest-junit.xml", "error", "is a test report; this gate reads a coverage report"),
        ("../before.xml", "error", "../before.xml: lies outside the workspace and was not opened"),
    ],
    ids=["number", "a hair more", "report", "the same report", "missing", "other kind", "outside"],
)  # fmt: skip
def test_coverage_may_not_fall_below_what_was_before(workspace, baseline, verdict, summary):
    (workspace / "before.lcov").write_text("SF:a\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,1\nDA:5,0\nend_of_record\n")

    check = run_gate(
        gate, {"reports": "coverage-py-7.17.json", "not_below_baseline": baseline}, make_context(workspace)
    )[-1]

    assert told([check]) == [("coverage against the baseline", verdict, summary)]


def test_a_baseline_in_the_repository_is_read_from_the_target_branch(workspace):
    (workspace / "before.lcov").write_text("SF:a\nDA:1,0\nend_of_record\n")
    context = make_context(workspace, base_files={"before.lcov": "SF:a\nDA:1,1\nend_of_record\n"})

    check = run_gate(gate, {"reports": "coverage-py-7.17.json", "not_below_baseline": "before.lcov"}, context)[-1]

    assert (check.verdict.value, check.summary) == (
        "failed",
        "75.0 %, at least 100 % wanted (12 of 16 lines; before.lcov of the target branch)",
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"reports": "a.xml"},
        {"reports": [], "min_total": 1},
        {"reports": "a.xml", "min_total": 101},
        {"reports": "a.xml", "min_total": 1, "measured": ["src/**"]},
        {"reports": "a.xml", "min_total": 1, "source_roots": ["src"], "root": "src"},
        {"reports": "a.xml", "min_total": 1, "root": "../src"},
        {"reports": "a.xml", "min_total": 1, "source_roots": ["/src"]},
        {"reports": "a.xml", "min_changed": 1, "measured": "/src"},
        {"reports": "a.xml", "not_below_baseline": -1},
    ],
    ids=[
        "no demand",
        "no report",
        "more than all",
        "files for nothing",
        "two kinds of roots",
        "root outside",
        "absolute root",
        "absolute pattern",
        "negative",
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings):
    with pytest.raises(msgspec.ValidationError):
        convert(settings, gate.settings)
