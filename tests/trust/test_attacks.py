"""Changes that try to loosen the law that judges them: each is judged by the law of the target branch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import deliverygate
from tests.trust.world import LAX, POLICY, SYSTEMS, WAIVERS, Judged, World, git, judge, write_report

GATE = """\
from deliverygate.gate import Gate
from deliverygate.model import CheckResult, Verdict
import msgspec

class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass

def check(settings, context):
    yield CheckResult(name="own rule", verdict=Verdict.{verdict}, summary="as it was written")

gate = Gate(name="own-rule", summary="Demand what we demand", settings=Settings, check=check)
"""


def known(world: World) -> str:
    """A baseline that knows the finding."""
    write_report(world.clone)
    written = deliverygate("baseline", "write", "pre-merge", folder=world.clone)
    assert written.status == 0, written.stderr
    text = (world.clone / ".deliverygate/baseline.json").read_text()
    (world.clone / "reports/scan.json").unlink()
    return text


Attack = Callable[[World], None]
ATTACKS: dict[str, tuple[Attack, list[str]]] = {
    "raises a threshold": (lambda world: world.change({".deliverygate.yml": LAX}), [".deliverygate.yml"]),
    "removes the gate": (
        lambda world: world.change({
            ".deliverygate.yml": "version: 1\nstages:\n  pre-merge:\n    - {gate: command, run: ['true']}\n"
        }),
        [".deliverygate.yml"],
    ),
    "removes the stage": (
        lambda world: world.change({
            ".deliverygate.yml": "version: 1\nstages:\n  other:\n    - {gate: command, run: ['true']}\n"
        }),
        [".deliverygate.yml"],
    ),
    "breaks the policy": (lambda world: world.change({".deliverygate.yml": "{"}), [".deliverygate.yml"]),
    "deletes the policy": (lambda world: world.change({".deliverygate.yml": None}), [".deliverygate.yml"]),
    "renames the policy": (
        lambda world: world.change({".deliverygate.yml": None, ".deliverygate.yaml": LAX}),
        [".deliverygate.yaml", ".deliverygate.yml"],
    ),
    "makes the policy enormous": (
        lambda world: world.change({".deliverygate.yml": LAX + "# padding\n" * 400_000}),
        [".deliverygate.yml"],
    ),
    "adds waivers": (
        lambda world: world.change({".deliverygate/waivers.yml": WAIVERS}),
        [".deliverygate/waivers.yml"],
    ),
    "names waivers elsewhere": (
        lambda world: world.change({".deliverygate.yml": "waivers: w.yml\n" + POLICY, "w.yml": WAIVERS}),
        [".deliverygate.yml", "w.yml"],
    ),
    "edits the baseline": (
        lambda world: world.change({".deliverygate/baseline.json": known(world)}),
        [".deliverygate/baseline.json"],
    ),
    "brings a gate of the same name": (
        lambda world: world.change({".deliverygate/gates/static_analysis.py": GATE.format(verdict="PASSED")}),
        [".deliverygate/gates/static_analysis.py"],
    ),
}  # fmt: skip


def touched(judged: Judged) -> list[str]:
    """The files that the report says the change edits."""
    check = judged.check("policy")
    return [each["location"]["path"] for each in check.get("noted", ())]


def blocked(judged: Judged) -> tuple[int, str]:
    return judged.ran.status, judged.check("static-analysis" if judged.report else "")["summary"]


def high_findings(judged: Judged) -> str:
    """What the gate of the target branch says: it counts the finding, whatever the change would have it do."""
    assert judged.report is not None, judged.ran.stderr
    gate = next(each for each in judged.report["gates"] if each["id"] == "static-analysis")
    return str(next(check["summary"] for check in gate["checks"] if check["name"] == "high findings"))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    ("system", "depth"),
    [pytest.param("gitlab", None, id="gitlab"), pytest.param("github", 1, id="github, shallow")],
)
def test_a_change_is_judged_by_the_old_law(world: World, attack: str, system: str, depth: int | None) -> None:
    perform, files = ATTACKS[attack]
    perform(world)
    job = world.check_out(depth=depth, merged=system == "github")

    judged = judge(job, SYSTEMS[system](job))

    assert (judged.ran.status, high_findings(judged), touched(judged)) == (1, "1 found, 0 allowed", files)


def test_a_policy_in_the_folder_of_the_job_is_no_law_before_it_is_merged(world: World) -> None:
    world.change({"service/.deliverygate.yml": LAX, "service/main.js": "x"})
    job = world.check_out()
    write_report(job / "service")

    judged = judge(job, SYSTEMS["gitlab"](job), folder="service")

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")
    assert touched(judged) == ["service/.deliverygate.yml"]


def test_a_policy_that_became_a_link_is_read_as_it_was(world: World) -> None:
    (world.clone / "lax.yml").write_text(LAX)
    (world.clone / ".deliverygate.yml").unlink()
    (world.clone / ".deliverygate.yml").symlink_to("lax.yml")
    world.change({})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")
    assert touched(judged) == [".deliverygate.yml", "lax.yml"]


def test_a_folder_of_the_policy_that_became_a_link_is_refused(world: World) -> None:
    git(world.clone, "checkout", "--quiet", "main")
    world.commit("Add a service", {"service/.deliverygate.yml": POLICY, "clean/main.js": "x"})
    world.push("main")
    git(world.clone, "checkout", "--quiet", "-B", "feature")
    (world.clone / "service/.deliverygate.yml").unlink()
    (world.clone / "service").rmdir()
    (world.clone / "service").symlink_to("clean")
    world.change({})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job), "--config", "service/.deliverygate.yml")

    assert (judged.ran.status, judged.report) == (2, None)
    assert "service: is a link in the checkout" in judged.ran.stderr


def test_a_branch_from_an_old_commit_with_a_laxer_law_is_judged_by_the_tip(world: World) -> None:
    git(world.clone, "checkout", "--quiet", "--orphan", "old")
    world.commit("Begin laxly", {".deliverygate.yml": LAX})
    git(world.clone, "checkout", "--quiet", "-B", "main")
    world.commit("Be strict", {".deliverygate.yml": POLICY})
    world.push("main")
    git(world.clone, "checkout", "--quiet", "-B", "feature", "old")
    world.change({"src/new.js": "1"})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")
    assert judged.gates == ["static-analysis"]  # it edits nothing of the law itself


def test_references_named_like_the_target_are_not_the_target(world: World) -> None:
    lax = world.commit("Be lax", {".deliverygate.yml": LAX})
    git(world.clone, "tag", "main", lax)
    git(world.clone, "tag", "origin/main", lax)
    git(world.clone, "push", "--quiet", "origin", "refs/tags/main", "refs/tags/origin/main")
    world.push(f"{lax}:refs/heads/x/refs/heads/main", f"{lax}:refs/heads/feature")
    job = world.check_out()

    by_target = judge(job, SYSTEMS["gitlab"](job))
    by_option = judge(job, {}, "--config-ref", "origin/main")

    assert [high_findings(each) for each in (by_target, by_option)] == ["1 found, 0 allowed"] * 2


def test_a_replacement_of_the_targets_commit_is_not_believed(world: World) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()
    git(job, "replace", "origin/main", "HEAD")

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")


def test_a_folder_that_looks_like_a_repository_is_none(world: World) -> None:
    git(world.clone, "clone", "--quiet", "--bare", str(world.remote), "service")
    (world.clone / "service/config").write_text('[core]\n\tbare = true\n[remote "origin"]\n\turl = /nowhere\n')
    for folder in ("refs/heads", "objects/info"):
        (world.clone / "service" / folder / "keep").write_text("")
    world.change({})
    job = world.check_out()
    write_report(job / "service")

    judged = judge(job, SYSTEMS["gitlab"](job), folder="service")

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"])
def test_variables_that_lead_git_elsewhere_are_not_passed_on(world: World, variable: str) -> None:
    world.change({".deliverygate.yml": LAX})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job) | {variable: str(world.clone / ".git")})

    assert (judged.ran.status, high_findings(judged)) == (1, "1 found, 0 allowed")


@pytest.mark.parametrize("link", [".deliverygate/out/pre-merge", ".deliverygate/out", ".deliverygate"])
def test_no_report_is_written_through_a_link_of_the_change(world: World, tmp_path: Path, link: str) -> None:
    precious = tmp_path / "elsewhere" / "out/pre-merge/report.json"
    for file in (precious, tmp_path / "elsewhere/pre-merge/report.json", tmp_path / "elsewhere/report.json"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("precious")
    path = world.clone / link
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "elsewhere")
    world.change({})
    job = world.check_out()

    ran = deliverygate("run", "pre-merge", "--no-publish", folder=job, environ=SYSTEMS["gitlab"](job))

    assert (ran.status, ran.errors[-1].startswith(f"{link}: is a link in the checkout")) == (2, True), ran.stderr
    assert {file.read_text() for file in (tmp_path / "elsewhere").rglob("report.json")} == {"precious"}


def test_a_submodule_holds_no_law(world: World, tmp_path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "evil")
    (tmp_path / "evil/.deliverygate.yml").write_text(LAX)
    git(tmp_path / "evil", "add", ".")
    git(tmp_path / "evil", "commit", "--quiet", "--message", "Be lax")
    world.change({})
    job = world.check_out()
    git(job, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "evil"), "service")

    judged = judge(job, SYSTEMS["gitlab"](job), folder="service")

    assert judged.ran.status == 2
    assert "this is a submodule of" in judged.ran.stderr
