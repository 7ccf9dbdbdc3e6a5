"""A job of GitLab CI: a server, the checkout of a merge request, and the environment that GitLab gives to the job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deliverygate.clock import SystemClock
from deliverygate.gate import Clock
from deliverygate.http import RequestsHttp
from deliverygate.platforms.gitlab import GitLabPlatform
from deliverygate.testing import FakeClock
from tests.platforms.gitlab_server import FORK, PATH, PROJECT, GitLabServer, gitlab_server, merge_request, version
from tests.platforms.test_local_git import Repository, open_git


@dataclass
class World:
    """What a job of GitLab CI finds."""

    server: GitLabServer
    repository: Repository
    environ: dict[str, str]
    base: str
    head: str

    def platform(self, *, clock: Clock | None = None, base: str | None = None, **environ: str) -> GitLabPlatform:
        """The platform as it is wired; a variable that is given as "" is not set."""
        known = {name: value for name, value in (self.environ | environ).items() if value}
        return GitLabPlatform(
            known,
            clock=clock or FakeClock(),
            git=open_git(self.repository, base=base, environ=known),
            redact=lambda text: text.replace("glpat-robot", "***"),
            http=RequestsHttp(clock or SystemClock(timeout_seconds=30)),
        )

    def merge(self, **environ: str) -> dict[str, str]:
        """Check out what GitLab tests in a pipeline of merged results; the variables of such a job."""
        self.repository.git("checkout", "--quiet", "main")
        target = self.repository.commit("Go on", other="1")
        self.repository.git("checkout", "--quiet", "--detach")
        self.repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", self.head)
        return {
            "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
            "CI_COMMIT_SHA": self.repository.git("rev-parse", "HEAD"),
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": self.head,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": target,
            **environ,
        }


@contextmanager
def gitlab_world(folder: Path) -> Iterator[World]:
    """A merge request that adds two lines to one file and is two commits ahead of main."""
    repository = Repository(folder / "shop")
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.write(".gitlab/template.md", "## Summary\n")
    base = repository.commit("Begin", app="1\n")
    repository.git("checkout", "--quiet", "-b", "basket")
    repository.commit("Add a basket", basket="1\n")
    head = repository.commit("Polish it", basket="1\n2\n")
    with gitlab_server() as server:
        server.request = merge_request(sha=head, diff_refs={"base_sha": base, "head_sha": head, "start_sha": base})
        server.versions = [version(head, "2026-01-02T10:00:00.000Z")]
        yield World(server, repository, job(server.url, base, head), base, head)


def job(url: str, base: str, head: str) -> dict[str, str]:
    """As a job of a pipeline for a merge request sees it. https://docs.gitlab.com/ci/variables/predefined_variables/"""
    page = f"{url}/{PATH}"
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_SERVER_URL": url,
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_PROJECT_ID": str(PROJECT),
        "CI_PROJECT_PATH": PATH,
        "CI_PROJECT_URL": page,
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_SHA": head,
        "CI_PIPELINE_ID": "300",
        "CI_JOB_URL": f"{page}/-/jobs/4000",
        "CI_JOB_NAME": "gate",
        "CI_JOB_TOKEN": "job-token",
        "DELIVERYGATE_GITLAB_TOKEN": "glpat-robot",
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_PROJECT_ID": str(PROJECT),
        "CI_MERGE_REQUEST_PROJECT_URL": page,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(PROJECT),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "basket",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "CI_MERGE_REQUEST_TITLE": "Draft: Add a basket",
        "CI_MERGE_REQUEST_DESCRIPTION": "- [ ] tests",
        "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": "false",
        "CI_MERGE_REQUEST_LABELS": "shop,size::S",
    }


FORKED = {  # what a pipeline that runs in the fork sees otherwise
    "CI_PROJECT_ID": str(FORK),
    "CI_PROJECT_PATH": "eve/shop",
    "CI_PROJECT_URL": "https://gitlab.example.com/eve/shop",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": str(FORK),
}
