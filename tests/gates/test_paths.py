"""Paths of reports as gates see them: one file however it is spelled, two files where two services say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.model import CheckResult
from deliverygate.testing import make_context, run_gate
from deliverygate_gates import coverage, static_analysis

LCOV = "SF:src/app.js\n{}end_of_record\n"


def lcov(*hits: int) -> str:
    return LCOV.format("".join(f"DA:{line},{count}\n" for line, count in enumerate(hits, start=1)))


def bandit(path: str) -> str:
    result = {"test_id": "B307", "filename": path, "issue_severity": "HIGH", "issue_text": "eval", "line_number": 2}
    return json.dumps({"results": [result], "metrics": {path: {}, "_totals": {}}, "errors": []})


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """Two services with files of the same names."""
    sources = {f"services/{name}/src/app.{kind}": "1\n2\n3\n4\n" for name in "ab" for kind in ("js", "py")}
    return write(tmp_path, **sources)


def told(checks: tuple[CheckResult, ...]) -> dict[str, tuple[str, str]]:
    return {check.name: (check.verdict.value, check.summary) for check in checks}


def run(gate: Any, settings: dict[str, Any], folder: Path, *files: ChangedFile) -> tuple[CheckResult, ...]:
    change = ChangeRequest(title="", description="", source="test", files=files)
    return run_gate(gate, settings, make_context(folder, change=change))


def test_covered_lines_of_two_services_with_files_of_the_same_name_are_counted_for_each(services: Path) -> None:
    reports = {"services/a/coverage/lcov.info": lcov(1, 1, 1, 1), "services/b/coverage/lcov.info": lcov(0, 0, 0, 0)}
    write(services, **reports)

    checks = run(coverage.gate, {"reports": "services/*/coverage/lcov.info", "min_total": 80}, services)

    assert told(checks)["total coverage"] == ("failed", "50.0 %, at least 80 % wanted (4 of 8 lines)")


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (None, ("inconclusive", "50.0 %, at least 40 % wanted (2 of 4 lines); 2 of 2 reports cannot be relied on")),
        ({"reports/a.info": "services/a", "reports/b.info": "services/b"}, ("passed", "50.0 %, at least 40 % wanted (4 of 8 lines)")),
    ],
    ids=["nobody says where", "the policy says where"],
)  # fmt: skip
def test_reports_that_lie_elsewhere_need_to_be_told_apart(
    services: Path, root: dict[str, str] | None, expected: tuple[str, str]
) -> None:
    write(services, **{"reports/a.info": lcov(1, 1, 0, 0), "reports/b.info": lcov(1, 1, 0, 0)})
    settings: dict[str, Any] = {"reports": "reports/*.info", "min_total": 40}

    checks = run(coverage.gate, settings | ({"root": root} if root else {}), services)

    assert told(checks)["total coverage"] == expected


def test_the_error_names_the_candidates_and_the_settings_that_decide(services: Path) -> None:
    write(services, **{"reports/a.info": lcov(1), "reports/b.info": lcov(1)})

    first = run(coverage.gate, {"reports": "reports/*.info", "min_total": 40}, services)[0]

    assert (first.verdict.value, first.summary, first.mend) == (
        "error",
        "src/app.js in the reports may be services/a/src/app.js or services/b/src/app.js",
        "name the folder that is meant with `source_roots`, or the one in which the tool ran with `root`",
    )


def test_findings_of_two_services_in_files_of_the_same_name_are_two(services: Path) -> None:
    write(services, **{f"services/{name}/reports/bandit.json": bandit("src/app.py") for name in "ab"})

    checks = run(static_analysis.gate, {"scans": "services/*/reports/bandit.json", "fail_on": "high"}, services)

    high = next(check for check in checks if check.name == "high findings")
    assert [str(each.location) for each in high.findings] == ["services/a/src/app.py:2", "services/b/src/app.py:2"]


@pytest.mark.parametrize(
    ("root", "summary"),
    [
        (None, "src/app.py in it may be services/a/src/app.py or services/b/src/app.py"),
        ("services/c", "'services/c' holds no tracked file"),
        ("services/b", "Bandit: findings: 1, waived or suppressed: 0, files analysed: 1"),
    ],
    ids=["nobody says where", "a folder that is not there", "the policy says where"],
)
def test_findings_in_what_may_be_several_files_are_no_evidence(services: Path, root: str | None, summary: str) -> None:
    write(services, **{"reports/bandit.json": bandit("src/app.py")})
    settings: dict[str, Any] = {"scans": "reports/bandit.json", "fail_on": "high"}

    checks = run(static_analysis.gate, settings | ({"root": root} if root else {}), services)

    assert checks[0].summary == summary


def test_one_file_under_two_spellings_is_one_file_of_the_score(services: Path) -> None:
    write(services, **{"x.json": bandit("services\\a\\src\\app.py"), "y.json": bandit("/app/services/a/src/app.py")})

    checks = run(static_analysis.gate, {"scans": ["x.json", "y.json"], "min_score": 0}, services)

    assert told(checks)["score"][1] == "Bandit 0.0 %, at least 0 % wanted (0 of 1 files clean)"


def test_a_finding_in_a_file_of_no_commit_counts_and_the_scope_says_so(tmp_path: Path) -> None:
    write(tmp_path, **{"src/a.py": "x", "gen/a.py": "x", "bandit.json": bandit("gen/a.py")})
    change = ChangeRequest(title="", description="", source="t", files=(ChangedFile(path="src/a.py", lines=((1, 1),)),))
    context = make_context(tmp_path, change=change, tracked=["src/a.py"])

    checks = run_gate(
        static_analysis.gate, {"scans": "bandit.json", "fail_on": "high", "scope": "changed-lines"}, context
    )

    scope = next(check for check in checks if check.name == "scope")
    assert (scope.summary, scope.details, told(checks)["high findings"]) == (
        "only the change counts (files: 1, new lines: 1); in no tracked file, and counted as well: 1",
        "gen/a.py:2",
        ("failed", "1 found, 0 allowed"),
    )


@pytest.mark.parametrize("decoy", [[], ["app/main.js"], ["lib/app/main.js"]], ids=["none", "at the top", "elsewhere"])
def test_a_file_of_the_name_in_the_report_takes_no_uncovered_lines_away(tmp_path: Path, decoy: list[str]) -> None:
    write(tmp_path, **{"c.info": "SF:app/main.js\nDA:1,1\nDA:2,0\nDA:3,0\nend_of_record\n"})
    files = [ChangedFile(path=path, lines=((1, 3),)) for path in ("src/app/main.js", *decoy)]
    change = ChangeRequest(title="", description="", source="t", files=tuple(files))
    context = make_context(
        tmp_path, change=change, tracked=["src/app/main.js", *decoy], tracked_before=["src/app/main.js"]
    )

    check = run_gate(coverage.gate, {"reports": "c.info", "min_changed": 80, "min_new_lines": 0}, context)[-1]

    assert check.verdict.value == ("error" if decoy else "failed")
