"""``scope:`` as the findings gates share it: the change decides what counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deliverygate.change import ChangedFile, ChangeRequest
from deliverygate.errors import ReportError
from deliverygate.gate import GateContext
from deliverygate.model import CheckResult, Verdict
from deliverygate.testing import make_context, run_gate
from deliverygate_gates import static_analysis, trivy

FILES = (ChangedFile(path="src/a.js", lines=((5, 6),)),)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two files, each with a high finding in lines 5 and 50."""
    (tmp_path / "src").mkdir()
    messages = [{"ruleId": "r", "severity": 2, "message": "m", "line": line, "column": 1} for line in (5, 50)]
    for name in ("a.js", "b.js"):
        (tmp_path / "src" / name).write_text("x\n" * 60)
    report = [{"filePath": str(tmp_path / "src" / name), "messages": messages} for name in ("a.js", "b.js")]
    (tmp_path / "eslint.json").write_text(json.dumps(report))
    return tmp_path


def change(files: tuple[ChangedFile, ...] | None = FILES, notes: tuple[str, ...] = ()) -> ChangeRequest:
    return ChangeRequest(title="t", description="", source="commits", files=files, notes=notes)


def run(workspace: Path, change: ChangeRequest, **more: Any) -> dict[str, CheckResult]:
    settings = {"scans": "eslint.json", "fail_on": "high"} | more
    return by_name(run_gate(static_analysis.gate, settings, make_context(workspace, change=change)))


def by_name(checks: tuple[CheckResult, ...]) -> dict[str, CheckResult]:
    return {check.name: check for check in checks}


@pytest.mark.parametrize(
    ("scope", "summary", "said"),
    [
        ("all", "4 found, 0 allowed", None),
        ("changed-files", "2 found, 0 allowed (2 outside the change)", "only the change counts (files: 1)"),
        ("changed-lines", "1 found, 0 allowed (3 outside the change)", "only the change counts (files: 1, new lines: 2)"),
    ],
)  # fmt: skip
def test_only_what_is_inside_counts_and_the_rest_is_shown(
    workspace: Path, scope: str, summary: str, said: str | None
) -> None:
    checks = run(workspace, change(), scope=scope)

    assert checks["high findings"].summary == summary
    assert len(checks["high findings"].findings + checks["high findings"].noted) == 4
    assert (checks["scope"].summary if "scope" in checks else None) == said


def test_a_change_elsewhere_passes(workspace: Path) -> None:
    (workspace / "README.md").write_text("hello")

    checks = run(workspace, change((ChangedFile(path="README.md", lines=((1, 1),)),)), scope="changed-files")

    assert {check.verdict for check in checks.values()} == {Verdict.PASSED}


def test_score_counts_what_is_inside(workspace: Path) -> None:
    checks = run(workspace, change(), scope="changed-lines", min_score=50)

    assert checks["score"].summary == "ESLint 50.0 %, at least 50 % wanted (1 of 2 files clean)"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (change(None, ("The commits are not known.",)), "the changed lines are not known: The commits are not known."),
        (change(None), "the changed lines are not known: commits does not tell"),
        (change(()), "the changed lines are not known: the change touches no file"),
    ],
    ids=["with a note", "without", "empty"],
)
def test_change_that_is_not_known_is_inconclusive_and_never_no_change(
    workspace: Path, known: ChangeRequest, said: str
) -> None:
    checks = run(workspace, known, scope="changed-lines", min_score=1)

    assert checks["scope"].summary == said
    assert {
        name: check.verdict.value for name, check in checks.items() if name != "report eslint.json"
    } == dict.fromkeys(
        ("scope", "critical findings", "high findings", "findings of unknown severity", "score"), "inconclusive"
    )
    assert "the changed lines are not known" in checks["high findings"].summary


def test_git_that_cannot_answer_is_inconclusive(workspace: Path) -> None:
    context = without_git(make_context(workspace))

    checks = by_name(run_gate(static_analysis.gate, {"scans": "eslint.json", "scope": "changed-files"}, context))

    assert (checks["scope"].verdict, checks["scope"].summary, checks["scope"].mend) == (
        Verdict.INCONCLUSIVE, "the changed files are not known: git: the clone is too shallow", "fetch more",
    )  # fmt: skip


def without_git(context: GateContext) -> GateContext:
    def fail() -> ChangeRequest:
        raise ReportError("the clone is too shallow", where="git", mend="fetch more")

    return replace(context, change=fail)


def test_trivy_knows_the_scope_too(tmp_path: Path) -> None:
    sample = Path(__file__).parent.parent / "samples" / "trivy" / "gomod.json"
    (tmp_path / "trivy.json").write_bytes(sample.read_bytes())
    (tmp_path / "go.mod").write_text("module x\n")
    found = {}
    for path in ("go.mod", "main.go"):
        context = make_context(tmp_path, change=change((ChangedFile(path=path, lines=((1, 1),)),)))
        settings = {"report": "trivy.json", "fail_on": "medium", "unknown": "ignore", "scope": "changed-lines"}
        found[path] = by_name(run_gate(trivy.gate, settings, context))["medium findings"].summary

    assert found == {"go.mod": "1 found, 0 allowed", "main.go": "0 found, 0 allowed (1 outside the change)"}
