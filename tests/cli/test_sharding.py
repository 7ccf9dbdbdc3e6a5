"""``plan``, ``shard`` and ``merge`` as pipelines call them: a repository with three policies, over several machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.command import deliverygate
from tests.trust.world import git

POLICY = """\
version: 1
stages:
  build:
    - { gate: command, id: compile, run: ["true"] }
    - { gate: command, id: package, run: ["true"], needs: [compile] }
    - { gate: command, id: lint, run: ["%s"] }
"""
FOLDERS = (".", "services/pay", "services/shop")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for each in FOLDERS:
        (folder / each).mkdir(parents=True, exist_ok=True)
        (folder / each / ".deliverygate.yml").write_text(POLICY % "true")
    git(folder, "init", "-q", "-b", "main")
    (folder / ".git/info/exclude").write_text(".deliverygate/\n")
    return commit(folder)


def commit(folder: Path) -> Path:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=ann", "-c", "user.email=ann@example.com", "commit", "-q", "-m", "a change")
    return folder


def run_shards(repository: Path, count: int, **environ: str) -> list[int]:
    return [
        deliverygate("shard", "--number", str(number), folder=repository, environ=environ).status
        for number in range(1, count + 1)
    ]


def merged(repository: Path) -> dict[str, str]:
    report = json.loads((repository / ".deliverygate/out/merged/report.json").read_text())
    return {gate["id"]: gate["verdict"] for gate in report["gates"]}


def test_policies_of_a_monorepo_are_judged_over_shards_and_joined(repository: Path) -> None:
    planned = deliverygate("plan", "build", "--for", "github", "--every-policy", folder=repository)

    matrix = json.loads(planned.stdout)
    statuses = run_shards(repository, 4)
    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    assert [each["shard"] for each in matrix["include"]] == [1, 2, 3, 4]
    assert planned.errors == ["9 gates in 4 shards; the plan is .deliverygate/plan.json"]
    assert statuses == [0, 0, 0, 0]
    assert joined.status == 0
    assert merged(repository) == {
        f"{prefix}{gate}": "passed" for prefix in ("", "services/pay/", "services/shop/")
        for gate in ("compile", "package", "lint")
    }  # fmt: skip
    assert "ran alone" not in joined.stdout


def test_failure_in_one_shard_blocks_and_is_called_by_its_service(repository: Path) -> None:
    (repository / "services/pay/.deliverygate.yml").write_text(POLICY % "false")
    commit(repository)
    deliverygate("plan", "build", "--for", "github", "--every-policy", "--shards", "2", folder=repository)

    statuses = run_shards(repository, 2)
    joined = deliverygate("merge", ".deliverygate/shards/1", ".deliverygate/shards/2", folder=repository)

    assert sorted(statuses) == [0, 1]
    assert joined.status == 1
    assert [name for name, verdict in merged(repository).items() if verdict == "failed"] == ["services/pay/lint"]


def test_shard_that_is_missing_blocks_by_name(repository: Path) -> None:
    deliverygate("plan", "build", "--for", "github", "--shards", "2", folder=repository)
    run_shards(repository, 2)
    shutil.rmtree(repository / ".deliverygate/shards/1")

    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    assert joined.status == 3
    assert "shard 1/2  missing: nothing was judged by compile, package" in joined.stdout


def test_plan_of_another_commit_is_refused(repository: Path) -> None:
    deliverygate("plan", "build", "--for", "github", "--shards", "2", folder=repository)
    old = git(repository, "rev-parse", "HEAD")
    run_shards(repository, 2)
    (repository / "more.txt").write_text("more")
    new = git(commit(repository), "rev-parse", "HEAD")

    shard = deliverygate("shard", "--number", "2", folder=repository)
    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    told = f".deliverygate/plan.json: is the plan of {old[:10]}, and {new[:10]} is checked out"
    assert [(each.status, told in each.stderr) for each in (shard, joined)] == [(2, True), (2, True)]


def test_plan_and_reports_that_a_change_brings_along_are_not_believed(repository: Path) -> None:
    (repository / ".git/info/exclude").unlink()
    deliverygate("plan", "build", "--for", "github", folder=repository)
    run_shards(repository, 2)
    (repository / ".deliverygate.yml").write_text(POLICY % "false")
    commit(repository)

    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    assert (joined.status, "is the plan of" in joined.stderr) == (2, True)


def test_shards_are_joined_without_a_checkout(repository: Path, tmp_path: Path) -> None:
    deliverygate("plan", "build", "--for", "github", folder=repository)
    run_shards(repository, 2)
    elsewhere = shutil.copytree(repository / ".deliverygate", tmp_path / "job/.deliverygate").parent

    assert deliverygate("merge", ".deliverygate/shards", folder=elsewhere).status == 0


def test_shard_under_a_policy_that_was_changed_after_the_plan_blocks(repository: Path) -> None:
    deliverygate("plan", "build", "--for", "github", "--shards", "1", folder=repository)
    (repository / ".deliverygate.yml").write_text("# laxer\n" + POLICY % "true")
    run_shards(repository, 1)

    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    assert joined.status == 3
    assert "by another policy than planned (.deliverygate.yml)" in joined.stdout


def test_stage_in_which_all_is_skipped_stays_blocked_when_it_is_joined(repository: Path) -> None:
    (repository / ".deliverygate.yml").write_text(
        "version: 1\nstages:\n  build:\n    - { gate: pr-checklist, id: a, description: no.md, enforce: warn }\n"
    )
    deliverygate("plan", "build", "--for", "github", folder=commit(repository))
    alone = deliverygate("run", "build", folder=repository).status

    run_shards(repository, 1)
    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)

    assert joined.status == alone


@pytest.mark.parametrize(
    ("environ", "shard"),
    [({"CI_NODE_INDEX": "2"}, 2), ({"JOB_COMPLETION_INDEX": "1"}, 2)],
    ids=["gitlab-counts-from-1", "kubernetes-counts-from-0"],
)
def test_shard_learns_its_number_from_the_system(repository: Path, environ: dict[str, str], shard: int) -> None:
    deliverygate("plan", "build", "--for", "gitlab", "--shards", "2", folder=repository)

    ran = deliverygate("shard", folder=repository, environ=environ)

    assert ran.errors[-1] == f"shard {shard} of 2: passed; its report is .deliverygate/shards/{shard}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shard"], "--number: which shard this is, nobody says; give it, from 1 on"),
        (["shard", "--number", "9"], "--number: there is no shard 9; the plan has 2; start as many"),
        (["plan", "nope", "--for", "github"], ".deliverygate.yml: no stage 'nope' with gates; correct the name"),
        (["run", "build", "--only", "package"], "--only: package builds on compile; name compile as well"),
        (["run", "build", "--only", "lin"], "--only: the stage has no gate 'lin'; did you mean 'lint'?"),
        (["run", "build", "--only", ","], "--only: names no gate; name some of compile, package, lint"),
    ],
    ids=["no-number", "too-many", "no-stage", "needs", "misspelt", "none"],
)
def test_wrong_use_is_told_how_to_mend(repository: Path, arguments: list[str], said: str) -> None:
    deliverygate("plan", "build", "--for", "gitlab", "--shards", "2", folder=repository)

    ran = deliverygate(*arguments, folder=repository)

    assert (ran.status, ran.errors[-1]) == (2, said)


def test_file_that_is_no_plan_is_refused(repository: Path) -> None:
    (repository / "plan.json").write_text("{}")

    ran = deliverygate("merge", ".", "--plan", "plan.json", folder=repository)

    assert ran.status == 3
    assert "plan.json: is no plan" in ran.stderr


def test_gates_are_balanced_by_how_long_they_took(repository: Path) -> None:
    deliverygate("run", "build", folder=repository)
    file = repository / ".deliverygate/out/build/report.json"
    report = json.loads(file.read_text())
    for gate in report["gates"]:
        gate["seconds"] = {"compile": 5.0, "package": 5.0, "lint": 60.0}[gate["id"]]
    file.write_text(json.dumps(report))

    planned = deliverygate(
        "plan", "build", "--for", "github", "--shards", "2", "--durations", ".deliverygate/out", folder=repository
    )

    assert [each["name"] for each in json.loads(planned.stdout)["include"]] == [
        "1 of 2: lint", "2 of 2: compile, package",
    ]  # fmt: skip


def test_some_gates_alone_are_no_verdict_over_the_stage(repository: Path) -> None:
    ran = deliverygate("run", "build", "--only", "lint", folder=repository)

    assert ran.status == 0
    assert "Of the 3 gates of the stage lint ran alone (--only); this is no verdict over the stage." in ran.stdout


def test_policies_that_judge_waivers_strictly_stay_whole(repository: Path) -> None:
    (repository / ".deliverygate.yml").write_text("strict_waivers: true\n" + POLICY % "true")

    planned = deliverygate("plan", "build", "--for", "github", folder=commit(repository))

    assert [each["name"] for each in json.loads(planned.stdout)["include"]] == ["1 of 1: compile, package, lint"]


def test_child_pipeline_is_one_that_gitlab_reads(repository: Path, tmp_path: Path) -> None:
    from plumbum import local

    file = tmp_path / "child.gitlab-ci.yml"

    deliverygate(
        "plan", "build", "--for", "gitlab", "--output", str(file), folder=repository,
        environ={"CI_PIPELINE_ID": "77", "CI_JOB_NAME": "plan build"},
    )  # fmt: skip

    pipeline = yaml.safe_load(file.read_text())
    assert pipeline["deliverygate shard"]["parallel"] == 2
    assert pipeline["deliverygate verdict"]["needs"][0] == {"pipeline": "77", "job": "plan build"}
    check = local[Path(__import__("sys").executable).with_name("check-jsonschema")]
    assert check("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", file).strip().startswith("ok")


def test_job_of_kubernetes_gives_every_shard_its_index(repository: Path) -> None:
    planned = deliverygate("plan", "build", "--for", "kubernetes", "--image", "reg/dg:1", folder=repository)

    job = yaml.safe_load(planned.stdout)

    spec = job["spec"]
    assert (job["apiVersion"], job["kind"], spec["completionMode"]) == ("batch/v1", "Job", "Indexed")
    assert (spec["completions"], spec["parallelism"], spec["backoffLimitPerIndex"]) == (2, 2, 0)
    container = spec["template"]["spec"]["containers"][0]
    assert [*container["command"], *container["args"]] == [
        "deliverygate", "shard", "--plan", "/workspace/.deliverygate/plan.json",
        "--output", "/workspace/.deliverygate/shards/$(JOB_COMPLETION_INDEX)",
    ]  # fmt: skip


def test_planning_again_removes_what_the_shards_of_an_earlier_run_have_left(repository: Path) -> None:
    plan = ("plan", "build", "--for", "github", "--shards", "2")
    deliverygate(*plan, folder=repository)
    run_shards(repository, 2)
    kept = shutil.copytree(repository / ".deliverygate/shards", repository / ".deliverygate/kept")
    deliverygate(*plan, folder=repository)

    joined = deliverygate("merge", ".deliverygate/shards", folder=repository)
    of_before = deliverygate("merge", ".deliverygate/kept", folder=repository)

    assert not (repository / ".deliverygate/shards").exists()
    assert (joined.status, "missing: nothing was judged by compile, package" in joined.stdout) == (3, True)
    assert (of_before.status, of_before.stdout.count("foreign report .deliverygate/kept/")) == (3, 2)
    assert kept.is_dir()


def test_planning_follows_no_link_when_it_removes_old_reports(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "shards").mkdir(parents=True)
    (outside / "shards/report.json").write_text("{}")
    (repository / ".deliverygate").symlink_to(outside)

    planned = deliverygate("plan", "build", "--for", "github", folder=repository)

    assert (planned.status, "is a link in the checkout" in planned.stderr) == (2, True)
    assert (outside / "shards/report.json").exists()


@pytest.mark.parametrize(
    ("planned_in", "merged_in", "status"),
    [
        ({"GITHUB_RUN_ID": "1"}, {"GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "2"}, 0),
        ({"GITHUB_RUN_ID": "1"}, {"GITHUB_RUN_ID": "2"}, 2),
        ({}, {"GITHUB_RUN_ID": "2"}, 2),
    ],
    ids=["failed jobs run again", "another run", "a plan from elsewhere"],
)
def test_plan_of_another_run_of_the_ci_system_is_refused(
    repository: Path, planned_in: dict[str, str], merged_in: dict[str, str], status: int
) -> None:
    given = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_EVENT_NAME": "push"}
    options = ("--for", "github", "--platform", "git")
    deliverygate("plan", "build", *options, folder=repository, environ={**given, **planned_in})

    shards = [
        deliverygate(
            "shard", "--number", number, "--platform", "git", folder=repository, environ={**given, **merged_in}
        )
        for number in "12"
    ]
    joined = deliverygate(
        "merge", ".deliverygate/shards", "--platform", "git", folder=repository, environ={**given, **merged_in}
    )

    assert [each.status for each in (*shards, joined)] == [status] * 3
    assert ("and this is github run 2 of acme/shop" in joined.stderr) == (status == 2)


def test_child_pipeline_is_told_which_run_has_planned(repository: Path) -> None:
    parent = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "4711", "CI_PIPELINE_SOURCE": "push", "CI_JOB_NAME": "plan"}
    child = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "4712", "CI_PIPELINE_SOURCE": "parent_pipeline"}
    options = ("--for", "gitlab", "--platform", "git")
    planned = deliverygate("plan", "build", *options, folder=repository, environ=parent)
    variables = yaml.safe_load(planned.stdout)["deliverygate shard"]["variables"]

    statuses = run_shards(repository, 2, **child, **variables)
    joined = deliverygate("merge", ".deliverygate/shards", folder=repository, environ={**child, **variables})
    of_another = deliverygate(
        "merge",
        ".deliverygate/shards",
        folder=repository,
        environ={**child, "DELIVERYGATE_RUN": "gitlab pipeline 4710"},
    )

    assert variables == {"GIT_DEPTH": "0", "DELIVERYGATE_RUN": "gitlab pipeline 4711"}
    assert (statuses, joined.status, of_another.status) == ([0, 0], 0, 2)
    assert "is the plan of gitlab pipeline 4711, and this is gitlab pipeline 4710" in of_another.stderr
