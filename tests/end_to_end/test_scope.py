"""``scope:`` in a real repository: what the branch touches counts, and a branch that cannot be known lets nothing pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plumbum import local

from tests.command import Ran, deliverygate

POLICY = """\
version: 1
stages:
  pre-merge:
    - {gate: static-analysis, scans: [eslint.json], fail_on: medium, scope: SCOPE}
"""
GIT = local["git"]["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch that adds a line in the middle of a file with a past."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "a.js").write_text("old();\n" * 20)
    (root / "b.js").write_text("old();\n" * 20)
    with local.cwd(root):
        GIT("init", "-q")
        GIT("add", ".")
        GIT("commit", "-q", "-m", "Begin")
        GIT("checkout", "-q", "-b", "feature")
        (root / "a.js").write_text("old();\n" * 10 + "added();\n" + "old();\n" * 10)
        GIT("commit", "-q", "-a", "-m", "Add a call")
    return root


def run(root: Path, scope: str, **lines: list[int]) -> Ran:
    messages = {
        name: [{"ruleId": "r", "severity": 2, "message": "m", "line": each} for each in lines[name]] for name in lines
    }
    report = [{"filePath": f"{name}.js", "messages": found} for name, found in messages.items()]
    (root / "eslint.json").write_text(json.dumps(report))
    (root / ".deliverygate.yml").write_text(POLICY.replace("SCOPE", scope))
    return deliverygate("run", "pre-merge", folder=root)


@pytest.mark.parametrize(
    ("scope", "lines", "status"),
    [
        ("changed-lines", {"a": [10, 12], "b": [11]}, 0),
        ("changed-lines", {"a": [11]}, 1),
        ("changed-files", {"b": [11]}, 0),
        ("changed-files", {"a": [1]}, 1),
        ("all", {"b": [11]}, 1),
        ("changed-lines", {"elsewhere": [1]}, 1),
    ],
    ids=["other lines", "the line", "another file", "the file", "all", "no such file"],
)
def test_branch_decides_what_counts(repository: Path, scope: str, lines: dict[str, list[int]], status: int) -> None:
    ran = run(repository, scope, **lines)

    assert ran.status == status, ran.stdout + ran.stderr


def test_clone_that_is_too_shallow_lets_nothing_pass(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    GIT("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{repository}", str(clone))
    with local.cwd(clone):
        GIT("remote", "set-head", "origin", "main")
        GIT("remote", "set-url", "origin", f"file://{tmp_path}/gone")  # else the clone would grow

    ran = run(clone, "changed-lines", a=[1])

    assert ran.status == 4
    assert "the changed lines are not known: git: the clone is too shallow" in ran.stdout


def test_target_branch_itself_has_no_change_to_look_at(repository: Path) -> None:
    with local.cwd(repository):
        GIT("checkout", "-q", "main")

    ran = run(repository, "changed-files", a=[1])

    assert ran.status == 4
    assert "the changed files are not known: the change touches no file" in ran.stdout


@pytest.mark.parametrize(
    ("named", "status"),
    [("a", 1), ("/app/a", 1), ("link/a", 1), ("lib/a", 0), ("/app/lib/a", 0), ("gen/a", 1)],
    ids=[
        "as it stands",
        "a container",
        "a link",
        "the same name in an old folder",
        "that in a container",
        "in no commit",
    ],
)
def test_a_path_is_the_tracked_file_that_it_means(repository: Path, named: str, status: int) -> None:
    with local.cwd(repository):
        GIT("checkout", "-q", "main")
        (repository / "lib").mkdir()
        (repository / "lib" / "a.js").write_text("old();\n" * 20)
        (repository / "link").symlink_to(".")
        GIT("add", "lib", "link")
        GIT("commit", "-q", "-m", "Add a library")
        GIT("checkout", "-q", "feature")
        GIT("merge", "-q", "main", "-m", "Merge")
    (repository / "gen").mkdir()
    (repository / "gen" / "a.js").write_text("made();\n" * 20)

    assert run(repository, "changed-lines", **{named: [11]}).status == status


def test_a_link_of_the_change_takes_no_finding_out_of_it(repository: Path) -> None:
    with local.cwd(repository):
        (repository / "app").symlink_to(".")
        (repository / "lib").mkdir()
        GIT("mv", "a.js", "lib/a.js")
        (repository / "a.js").symlink_to("lib/a.js")
        (repository / "lib" / "a.js").write_text("old();\n" * 10 + "added();\n" * 2 + "old();\n" * 10)
        GIT("add", ".")
        GIT("commit", "-q", "-m", "Move a file and leave a link")

    told = {named: run(repository, "changed-lines", **{named: [12]}).status for named in ("a", "lib/a", "/app/lib/a")}

    assert told == {"a": 1, "lib/a": 1, "/app/lib/a": 1}
