"""Where the law is read: the tip of the target branch, another reference, or the checkout; with the gates beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deliverygate.cli.law_changes import SHOWN_FILES
from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded
from deliverygate.gate import Completed, Shell
from deliverygate.platforms import Target
from deliverygate.platforms.git_command import Git
from deliverygate.platforms.history import find_tip
from deliverygate.shell import SystemShell
from tests.command import deliverygate
from tests.trust.test_attacks import GATE, high_findings, touched
from tests.trust.world import LAX, POLICY, SYSTEMS, WAIVERS, World, git, github, gitlab, judge, write_report

OWN_GATE = "version: 1\nstages:\n  pre-merge:\n    - gate: own-rule\n"


def on_main(world: World, files: dict[str, str | None]) -> str:
    """A commit on the target branch; the change goes on from it."""
    git(world.clone, "checkout", "--quiet", "main")
    made = world.commit("Go on", files)
    world.push("main")
    git(world.clone, "checkout", "--quiet", "-B", "feature")
    return made


def test_the_report_says_from_which_commit_the_policy_is(world: World) -> None:
    tip = git(world.clone, "rev-parse", "main")
    world.change({"src/new.js": "1"})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert judged.report is not None
    assert (judged.report["policy"]["path"], judged.report["policy"]["ref"]) == (".deliverygate.yml", tip)
    assert judged.report["notes"] == [f"The policy and what it rests on were read from main at {tip[:10]}."]


def test_waivers_of_the_target_branch_hold(world: World) -> None:
    on_main(world, {".deliverygate/waivers.yml": WAIVERS})
    world.change({".deliverygate/waivers.yml": None})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, high_findings(judged)) == (0, "0 found, 0 allowed (1 waived or suppressed)")
    assert touched(judged) == [".deliverygate/waivers.yml"]


def test_a_gate_of_the_repository_is_that_of_the_target_branch(world: World) -> None:
    gate = ".deliverygate/gates/own-rule.py"
    on_main(world, {".deliverygate.yml": OWN_GATE, gate: GATE.format(verdict="FAILED")})
    world.change({gate: GATE.format(verdict="PASSED")})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.check("own-rule")["name"], touched(judged)) == (1, "own rule", [gate])


def test_a_gate_of_the_change_is_not_even_imported(world: World) -> None:
    on_main(world, {".deliverygate.yml": OWN_GATE, ".deliverygate/gates/own-rule.py": GATE.format(verdict="PASSED")})
    trap = "open('trap', 'w')\n"
    world.change({".deliverygate/gates/own-rule.py": trap, ".deliverygate/gates/other.py": trap, "msgspec.py": trap})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, (job / "trap").exists()) == (0, False)


def test_the_first_policy_judges_the_change_that_brings_it_and_the_report_says_so(world: World) -> None:
    on_main(world, {".deliverygate.yml": None})
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert judged.ran.status == 0
    assert judged.check("policy")["summary"] == (
        "this change edits what it is judged by (.deliverygate.yml), "
        "and was judged by its own policy, since the target branch has none yet"
    )


def test_a_shallow_clone_fetches_the_tip_of_the_target(world: World) -> None:
    world.change({"src/new.js": "1"})
    strict = on_main(world, {".deliverygate.yml": POLICY + "      min_score: 100\n"})
    job = world.check_out(depth=1)

    judged = judge(job, gitlab(job))

    assert judged.report is not None
    assert judged.report["policy"]["ref"] == strict


def test_a_whole_clone_stays_whole(world: World) -> None:
    world.change({"src/new.js": "1"})
    job = world.check_out()
    on_main(world, {"src/other.js": "1"})

    judged = judge(job, gitlab(job))

    assert judged.ran.status == 1
    assert git(job, "rev-parse", "--is-shallow-repository") == "false"


def test_a_target_that_cannot_be_fetched_names_the_depth_to_set(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out(depth=1)
    git(job, "remote", "set-url", "origin", "file:///nowhere")

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.report) == (2, None)
    assert "main, which holds the policy, is not in this clone and cannot be fetched" in judged.ran.stderr
    assert "GIT_DEPTH: 0" in judged.ran.stderr
    assert "fetch-depth: 0" in judged.ran.stderr


def test_without_the_remote_the_law_is_what_the_clone_knows_and_that_is_noted(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    git(job, "remote", "set-url", "origin", "file:///nowhere")

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")
    assert judged.report is not None
    assert "The remote could not be asked for main" in judged.report["notes"][1]


class Deaf:
    """A shell in which every remote is asked in vain."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def run(self, command: Sequence[str], **options: Any) -> Completed:
        if {"ls-remote", "fetch"} & set(command):
            raise DeadlineExceeded("killed", where="git")
        return self._shell.run(command, **options)


def test_a_remote_that_does_not_answer_is_not_waited_for(world: World) -> None:
    job = world.clone
    shell = SystemShell(SystemClock(timeout_seconds=60), root=job, environ=os.environ)

    tip, note = find_tip(Git(Deaf(shell)), Target(branch="main"))

    assert tip == git(job, "rev-parse", "main")
    assert note == "The remote could not be asked for main (no answer within 20 s): it is what this clone has."


def test_a_law_of_any_size_is_told_in_bounds(world: World) -> None:
    gates: dict[str, str | None] = {f".deliverygate/gates/g{number}.py": "x" for number in range(SHOWN_FILES + 5)}
    world.change({".deliverygate.yml": "{" * 10_000_000, **gates})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    check = judged.check("policy")
    assert (judged.ran.status, len(check["noted"])) == (1, SHOWN_FILES + 6)
    assert check["details"].startswith("The effective settings cannot be compared: it has 10,000,000 bytes\n")
    assert len(check["details"]) < 20_000


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_event_that_cannot_be_read_does_not_make_the_change_its_own_judge(world: World, system: str) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    environ = SYSTEMS[system](job)
    environ |= {"GITHUB_EVENT_PATH": "/nowhere"} if system == "github" else {}
    environ |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "no-such-branch"} if system == "gitlab" else {}

    judged = judge(job, environ)

    assert (judged.ran.status, judged.report) == (2, None)


QUEUE = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": f"refs/heads/gh-readonly-queue/main/pr-7-{'a' * 40}"}
OTHER_GROUP = {"merge_group": {"head_ref": "x", "head_sha": "b", "base_ref": "refs/heads/lax", "base_sha": "c"}}


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        (QUEUE, None, (2, [])),
        (QUEUE, {}, (1, ["static-analysis", "policy"])),
        (QUEUE, OTHER_GROUP, (2, [])),
        (QUEUE | {"GITHUB_REF": "refs/heads/main"}, {}, (2, [])),
        ({"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_REF": "refs/heads/main"}, {}, (2, [])),
    ],
    ids=["queue, no payload", "queue, empty payload", "queue, another target", "no queue", "comment"],
)
def test_no_event_of_github_makes_a_change_its_own_judge(
    world: World, event: dict[str, str], payload: dict[str, Any] | None, expected: tuple[int, list[str]]
) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    environ = github(job) | event | {"GITHUB_BASE_REF": ""}
    path = Path(environ["GITHUB_EVENT_PATH"])
    path.unlink() if payload is None else path.write_text(json.dumps(payload))

    judged = judge(job, environ)

    assert (judged.ran.status, judged.gates if judged.report else []) == expected


def test_a_pull_request_of_another_system_needs_to_know_the_target(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    of_branch = {name: value for name, value in gitlab(job).items() if not name.startswith("CI_MERGE_REQUEST")}
    environ = of_branch | {"CI_EXTERNAL_PULL_REQUEST_IID": "7"}

    assert (judge(job, environ).ran.status, judge(job, environ, "--config-ref", "main").ran.status) == (2, 1)


@pytest.mark.parametrize("name", ["--upload-pack=touch trap", "-x", "a..b", "a:b", "+a", ""])
def test_a_name_of_a_branch_is_never_an_option_of_git(world: World, name: str) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, gitlab(job) | {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": name or "\t"})

    assert (judged.report, (job / "trap").exists()) == (None, False)


def test_another_reference_is_named_by_an_option(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, {}, "--config-ref", "origin/main")

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")


def test_a_reference_that_is_nowhere_is_told(world: World) -> None:
    world.change({})
    job = world.check_out()

    judged = judge(job, {}, "--config-ref", "mian")

    assert judged.ran.status == 2
    assert "--config-ref: 'mian' is no branch, tag or commit of this repository; correct it" in judged.ran.stderr


def test_settings_can_be_shown_as_another_reference_has_them(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    shown = deliverygate("config", "show", "--config-ref", "origin/main", folder=job)

    assert 'pre-merge.static-analysis.max = {"high":0}   (origin/main:.deliverygate.yml:6)' in shown.stdout


def test_outside_of_a_change_request_the_checkout_holds_the_law(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, {})

    assert (judged.ran.status, judged.gates) == (0, ["static-analysis"])


def test_effective_settings_that_change_are_shown_with_the_difference(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    details = judge(job, gitlab(job)).check("policy")["details"].splitlines()

    assert details[0] == 'pre-merge.static-analysis.max: {"high":0} -> {"high":99}'
    assert details[-5:] == [
        "     - gate: static-analysis",
        "       scans: reports/scan.json",
        "-      max: { high: 0 }",
        "+      max: { high: 99 }",
        "       only_new: true",
    ]


def test_a_policy_that_blocks_its_changes_fails_the_change_that_edits_it(world: World) -> None:
    on_main(world, {".deliverygate.yml": "policy_changes: block\n" + LAX})
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.check("policy")["verdict"]) == (1, "failed")


def test_a_policy_whose_changes_need_approval_does_not_pass_where_nobody_can_be_asked(world: World) -> None:
    on_main(world, {".deliverygate.yml": "policy_changes: approve\n" + LAX, "CODEOWNERS": "* @olga\n"})
    world.change({".deliverygate.yml": LAX, "CODEOWNERS": "* @mallory\n"})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.check("policy")["verdict"]) == (4, "inconclusive")


def test_a_change_of_the_target_since_then_is_not_the_changes_own(world: World) -> None:
    world.change({"src/new.js": "1"})
    on_main(world, {".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.gates) == (0, ["static-analysis"])


def test_the_law_proves_nothing_where_every_gate_was_skipped(world: World) -> None:
    on_main(world, {".deliverygate.yml": OWN_GATE, ".deliverygate/gates/own-rule.py": GATE.format(verdict="SKIPPED")})
    world.change({".deliverygate.yml": OWN_GATE + "# more\n"})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert (judged.ran.status, judged.check("policy")["verdict"]) == (4, "skipped")


def test_a_policy_below_the_top_has_its_paths_beside_it(world: World) -> None:
    on_main(world, {"service/.deliverygate.yml": POLICY, "service/main.js": "x"})
    world.change({"service/main.js": "y"})
    job = world.check_out()
    write_report(job / "service")
    (job / "reports/scan.json").unlink()

    judged = judge(job, gitlab(job), folder="service")

    assert judged.report is not None
    assert (judged.report["policy"]["path"], high_findings(judged)) == (
        "service/.deliverygate.yml",
        "1 found, 0 allowed",
    )


def test_objectives_are_those_of_the_target_branch_and_an_edit_of_them_is_told(world: World) -> None:
    policy = """\
version: 1
metrics: { main: { url: "http://127.0.0.1:9" } }
stages:
  pre-merge:
    - { gate: slo, files: ["slos/*.yml"] }
"""
    on_main(world, {".deliverygate.yml": policy, "slos/shop.yml": "version: strict/v9\n"})
    world.change({"slos/shop.yml": "version: lax/v9\n", "slos/more.yml": "version: lax/v9\n"})
    job = world.check_out()

    judged = judge(job, gitlab(job))

    assert judged.ran.status == 3
    assert "'strict/v9' is not read" in judged.ran.stdout
    assert touched(judged) == ["slos/shop.yml"]
