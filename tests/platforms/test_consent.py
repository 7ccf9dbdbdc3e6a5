"""`policy_changes: approve` on both platforms: a change of the law passes with the approval of somebody who may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command import deliverygate
from tests.platforms.github_server import GitHub, serving
from tests.platforms.github_world import Shop, start_job
from tests.platforms.gitlab_server import user
from tests.platforms.gitlab_world import gitlab_world
from tests.platforms.gitlab_world import job as gitlab_job
from tests.platforms.test_local_git import Repository

POLICY = "version: 1\npolicy_changes: approve\nstages:\n  pre-merge:\n    - { gate: command, run: ['true'] }\n"
OWNERS = ".deliverygate.yml @bob @acme/law @ada\n"
BEFORE, AFTER = "2026-01-02T09:00:00.000Z", "2026-01-02T12:00:00.000Z"  # the push is at ten


@dataclass
class Job:
    """A job of either system, and how somebody approves its change."""

    folder: Path
    environ: dict[str, str]
    approve: Callable[[str, bool], None]  #: who, and whether it was after the last push
    hide_teams: Callable[[], None]

    def judge(self) -> tuple[int, str]:
        """The exit code, and what the check of the law says."""
        ran = deliverygate("run", "pre-merge", folder=self.folder, environ=self.environ)
        assert (self.folder / ".deliverygate/out/pre-merge/report.json").exists(), ran.stderr
        report = json.loads((self.folder / ".deliverygate/out/pre-merge/report.json").read_bytes())
        (check,) = next(gate["checks"] for gate in report["gates"] if gate["id"] == "policy")
        return ran.status, check["summary"].partition("(.deliverygate.yml), ")[2]


@contextmanager
def on_gitlab(folder: Path) -> Iterator[Job]:
    with gitlab_world(folder) as world:
        git = world.repository.git
        git("checkout", "--quiet", "main")
        base = world.repository.commit("Judge changes", **{".deliverygate.yml": POLICY, "CODEOWNERS": OWNERS})
        git("checkout", "--quiet", "basket")
        git("rebase", "--quiet", "main")
        head = world.repository.commit("Change the law", **{".deliverygate.yml": f"# mine\n{POLICY}"})
        clone = Repository(folder / "builds")
        clone.git("clone", "--quiet", "--branch", "basket", world.repository.root.as_uri(), ".")
        server = world.server
        server.request |= {"sha": head, "diff_refs": {"base_sha": base, "head_sha": head, "start_sha": base}}
        server.versions[0]["head_commit_sha"] = head
        server.members["acme/law"] = [user("cleo", 5) | {"access_level": 30}]

        def approve(name: str, is_late: bool) -> None:
            server.approved_by.append({"user": user(name), "approved_at": AFTER if is_late else BEFORE})

        yield Job(clone.root, gitlab_job(server.url, base, head), approve, server.members.clear)


@contextmanager
def on_github(folder: Path) -> Iterator[Job]:
    law = {".deliverygate.yml": POLICY, "CODEOWNERS": OWNERS}
    shop = Shop(folder, **law, change={".deliverygate.yml": f"# mine\n{POLICY}"})
    with serving(GitHub()) as hub:
        hub.add_pull(12, head={"ref": "feature", "sha": shop.head}, base={"ref": "main", "sha": shop.start})
        hub.rights.add("members: read")
        hub.teams["acme/law"] = ["cleo"]

        def approve(name: str, is_late: bool) -> None:
            hub.permissions[name] = "write"
            hub.add_review(12, name, "APPROVED", commit=shop.head if is_late else shop.start)

        job = start_job(hub, shop.check_out(folder / "work", depth=2), folder, sha=shop.merge)
        yield Job(job.work.root, job.environ, approve, lambda: hub.rights.discard("members: read"))
    assert hub.faults == []


SYSTEMS: dict[str, Any] = {"gitlab": on_gitlab, "github": on_github}
NOBODY = "and no code owner of .deliverygate.yml has approved it"
HIDDEN = "and whether a code owner of .deliverygate.yml approved it is not known"


@pytest.fixture(params=SYSTEMS)
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Job]:
    with SYSTEMS[request.param](tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("by", "is_late", "expected"),
    [
        (None, True, (1, NOBODY)),
        ("bob", True, (0, "approved by bob")),
        ("cleo", True, (0, "approved by cleo")),
        ("bob", False, (1, f"{NOBODY} (@bob: given before the last push)")),
        ("ada", True, (1, f"{NOBODY} (@ada: is the author)")),
        ("eve", True, (1, f"{NOBODY} (@eve: is none of them)")),
    ],
    ids=["nobody", "owner", "member of a team", "before the last push", "author", "stranger"],
)
def test_a_change_of_the_law_passes_with_the_approval_of_an_owner(
    job: Job, by: str | None, is_late: bool, expected: tuple[int, str]
) -> None:
    if by:
        job.approve(by, is_late)

    assert job.judge() == expected


def test_a_team_that_may_not_be_seen_leaves_it_undecided(job: Job) -> None:
    job.hide_teams()
    job.approve("eve", True)

    assert job.judge() == (4, f"{HIDDEN} (@eve: the members of @acme/law are not known)")
