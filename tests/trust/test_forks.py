"""Changes of forks: nothing that they bring along is executed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from deliverygate.cli.places import without_checkout
from deliverygate.clock import SystemClock
from deliverygate.errors import ToolError
from deliverygate.platforms.forks import is_change_request, is_fork
from deliverygate.shell import SystemShell
from tests.trust.test_law import on_main
from tests.trust.world import SYSTEMS, World, judge

TRAP = json.dumps([sys.executable, "-c", "open('trap', 'w')"])
COMMAND = f"version: 1\nstages:\n  pre-merge:\n    - {{gate: command, run: {TRAP}}}\n"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_program_is_not_run_on_a_forks_change(world: World, system: str) -> None:
    on_main(world, {".deliverygate.yml": COMMAND})
    world.change({"src/app.js": "2", ".deliverygate.yml": "forks: { run_programs: true }\n" + COMMAND})
    job = world.check_out(merged=system == "github")

    judged = judge(job, SYSTEMS[system](job, fork=True))

    assert (judged.ran.status, judged.check("command")["name"], (job / "trap").exists()) == (
        4,
        "runs nothing of a fork",
        False,
    )


def test_the_target_branch_may_allow_it(world: World) -> None:
    on_main(world, {".deliverygate.yml": "forks: { run_programs: true }\n" + COMMAND})
    world.change({"src/app.js": "2"})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job, fork=True))

    assert (judged.ran.status, (job / "trap").exists()) == (0, True)


def test_a_run_for_a_forks_workflow_needs_to_know_the_target(world: World, tmp_path: Path) -> None:
    world.change({})
    job = world.check_out()
    event = {"repository": {"id": 1}, "workflow_run": {"head_repository": {"id": 2}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    environ = SYSTEMS["github"](job) | {
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF": "refs/heads/main",
    }
    del environ["GITHUB_BASE_REF"]

    assert (judge(job, environ).ran.status, judge(job, environ, "--config-ref", "main").ran.status) == (2, 1)


def event_file(folder: Path, event: object) -> str:
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return str(path)


OURS, THEIRS = {"id": 1}, {"id": 2}


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        ("pull_request", {"repository": OURS, "pull_request": {"head": {"repo": OURS}}}, False),
        ("pull_request", {"repository": OURS, "pull_request": {"head": {"repo": THEIRS}}}, True),
        ("pull_request_target", {"repository": OURS, "pull_request": {"head": {"repo": THEIRS}}}, True),
        ("pull_request", {"repository": OURS, "pull_request": {"head": {"repo": None}}}, True),
        ("pull_request", [], True),
        ("workflow_run", {"repository": OURS, "workflow_run": {"head_repository": THEIRS}}, True),
        ("push", {"repository": OURS}, False),
        ("issue_comment", {"repository": OURS, "issue": {"pull_request": {}}}, True),
        ("issue_comment", {"repository": OURS, "issue": {}}, False),
        ("issue_comment", [], True),
    ],
    ids=[
        "own",
        "fork",
        "fork with rights",
        "fork that is gone",
        "no event",
        "after a fork's run",
        "push",
        "comment below a pull request",
        "comment below an issue",
        "comment that cannot be read",
    ],
)
def test_github_tells_forks_by_its_event(tmp_path: Path, name: str, event: object, expected: bool) -> None:
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": event_file(tmp_path, event),
    }

    asked = name.startswith("pull_request") or name == "issue_comment"
    assert (is_fork(environ), is_change_request(environ)) == (expected, asked)


@pytest.mark.parametrize(
    ("source", "expected"), [("1", False), ("2", True), (None, True)], ids=["own", "fork", "not told"]
)
def test_gitlab_tells_forks_by_its_projects(source: str | None, expected: bool) -> None:
    environ = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "1"}
    environ |= {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source} if source else {}

    assert (is_fork(environ), is_change_request(environ)) == (expected, True)


@pytest.mark.parametrize(
    ("source", "expected"), [("acme/shop", False), ("eve/shop", True), (None, True)], ids=["own", "fork", "not told"]
)
def test_gitlab_tells_forks_of_pull_requests_elsewhere_by_their_repositories(
    source: str | None, expected: bool
) -> None:
    environ = {
        "GITLAB_CI": "true", "CI_EXTERNAL_PULL_REQUEST_IID": "7",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "acme/shop",
    }  # fmt: skip
    environ |= {"CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": source} if source else {}

    assert (is_fork(environ), is_change_request(environ)) == (expected, True)


def test_no_program_of_a_checkout_is_started(tmp_path: Path) -> None:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    shell = SystemShell(
        SystemClock(timeout_seconds=60), root=tmp_path, environ={"PATH": str(tmp_path)}, foreign=tmp_path
    )

    for name in ("./tool", "tool"):
        with pytest.raises(ToolError, match="lies in the checkout of a fork and was not started"):
            shell.run([name])


def test_folders_of_a_checkout_are_taken_out_of_path(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    environ = {"PATH": f"/usr/bin:.:node_modules/.bin:{tmp_path}/bin::/bin", "HOME": "/root"}

    assert without_checkout(environ, tmp_path) == {"PATH": "/usr/bin:/bin", "HOME": "/root"}
