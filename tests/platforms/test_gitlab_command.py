"""The installed command in a job of GitLab CI: its environment, a clone as the runner makes it, a server that answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command import Ran, deliverygate
from tests.platforms.gitlab_server import BOB, GitLabServer
from tests.platforms.gitlab_world import FORKED, gitlab_world, job
from tests.platforms.test_local_git import Repository

POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: pr-checklist
      template: .gitlab/template.md
      approvals: { count: 1 }
"""
RIGHT = "set DELIVERYGATE_GITLAB_TOKEN to a project access token with"


@dataclass
class Job:
    """A job on a runner."""

    server: GitLabServer
    clone: Repository
    environ: dict[str, str]

    def run(self, *options: str, **environ: str) -> Ran:
        known = {name: value for name, value in (self.environ | environ).items() if value}
        return deliverygate("run", "pre-merge", *options, folder=self.clone.root, environ=known)

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.clone.root / ".deliverygate/out/pre-merge/report.json").read_text())
        return found

    @property
    def thread(self) -> tuple[str, bool]:
        """The title of the one thread, and whether it is resolved."""
        (thread,) = self.server.discussions
        return thread["notes"][0]["body"].splitlines()[1], thread["notes"][0]["resolved"]


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[Job]:
    with gitlab_world(tmp_path) as world:
        upstream = world.repository
        upstream.git("checkout", "--quiet", "main")
        base = upstream.commit("Judge changes", **{".deliverygate.yml": POLICY, ".gitlab/template.md": "- [ ] tests\n"})
        upstream.git("checkout", "--quiet", "basket")
        upstream.git("rebase", "--quiet", "main")
        head = upstream.git("rev-parse", "HEAD")
        clone = Repository(tmp_path / "builds")
        clone.git("init", "--quiet")
        clone.git("remote", "add", "origin", upstream.root.as_uri())
        clone.git("fetch", "--quiet", "--depth", "20", "origin", "basket")
        clone.git("checkout", "--quiet", "--detach", head)
        world.server.request |= {"sha": head, "diff_refs": {"base_sha": base, "head_sha": head, "start_sha": base}}
        world.server.versions[0]["head_commit_sha"] = head
        world.server.approved_by = [{"user": BOB, "approved_at": "2026-01-02T12:00:00.000Z"}]
        yield Job(world.server, clone, job(world.server.url, base, head))


def test_a_good_change_is_allowed_and_said_to_be(gitlab: Job) -> None:
    ran = gitlab.run()

    assert (ran.status, gitlab.thread) == (0, ("## deliverygate: `pre-merge` allowed", True))
    change = gitlab.report["change"]
    assert (change["platform"], change["number"], change["source"], change["url"]) == (
        "gitlab", 12, gitlab.server.request["web_url"], gitlab.server.request["web_url"],
    )  # fmt: skip


def test_a_retried_job_sees_the_description_that_was_edited(gitlab: Job) -> None:
    gitlab.server.request["description"] = "- [ ] tests"
    before = (gitlab.run().status, gitlab.thread)

    gitlab.server.request["description"] = "- [x] tests"
    after = (gitlab.run().status, gitlab.thread)

    assert before == (1, ("## deliverygate: `pre-merge` blocked", False))
    assert after == (0, ("## deliverygate: `pre-merge` allowed", True))


def test_the_verdict_does_not_depend_on_being_able_to_comment(gitlab: Job) -> None:
    gitlab.server.trouble("/discussions", 403)

    ran = gitlab.run()

    assert ran.status == 0
    assert "No note was written in !12: GitLab answers 403" in ran.stderr


def test_a_job_without_a_token_of_its_own_is_told_what_it_lacks(gitlab: Job) -> None:
    ran = gitlab.run(DELIVERYGATE_GITLAB_TOKEN="")

    assert ran.status == 4  # approvals are demanded, and may not be looked at
    assert f"{RIGHT} the scope read_api and the role Reporter" in " ".join(gitlab.report["notes"])
    assert f"No note was written in !12: a job token may not do this: {RIGHT} the scope api" in ran.stderr


def test_a_description_that_cannot_be_known_is_an_error_and_no_missing_item(gitlab: Job) -> None:
    gitlab.server.tokens = {}
    cut = {"CI_MERGE_REQUEST_DESCRIPTION": "x" * 2_700, "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "true"}

    ran = gitlab.run(**cut)

    (check,) = gitlab.report["gates"][0]["checks"]
    assert (ran.status, check["verdict"]) == (3, "error")
    assert "title and description could not be asked for" in check["summary"]


def test_a_policy_that_the_change_loosens_is_read_from_the_target_branch(gitlab: Job) -> None:
    gitlab.server.approved_by = []
    gitlab.clone.write(".deliverygate.yml", POLICY.replace("count: 1", "count: 0"))

    assert gitlab.run().status == 1


def test_a_pipeline_of_a_fork_is_judged_by_the_law_of_the_project(gitlab: Job) -> None:
    upstream = gitlab.clone.git("remote", "get-url", "origin")
    gitlab.clone.git("remote", "set-url", "origin", "file:///nowhere")
    gitlab.server.request["source_project_id"] = 43

    ran = gitlab.run(**FORKED, CI_MERGE_REQUEST_PROJECT_URL=upstream)

    assert (ran.status, gitlab.thread[1]) == (0, True)


def test_no_token_reaches_any_output(gitlab: Job) -> None:
    gitlab.server.trouble("/merge_requests/12", 401, body={"message": "glpat-robot and job-token are not known"})

    ran = gitlab.run()

    written = [path.read_text() for path in (gitlab.clone.root / ".deliverygate/out/pre-merge").iterdir()]
    assert "glpat-robot" not in "".join([ran.stdout, ran.stderr, *written])
