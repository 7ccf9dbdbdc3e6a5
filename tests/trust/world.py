"""A repository with a target branch and a change, on a remote and in the checkout of a pipeline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plumbum import local

from tests.command import Ran, deliverygate

CLOSED = "http://127.0.0.1:9"  # nothing listens there: whatever is asked of the platform fails

POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: static-analysis
      scans: reports/scan.json
      max: { high: 0 }
      only_new: true
"""
LAX = POLICY.replace("high: 0", "high: 99")
TODAY = datetime.now(UTC).date()
WAIVERS = f"""\
version: 1
waivers:
  - id: W-1
    match: {{ rule: no-eval }}
    reason: it is only a demonstration
    owner: "@mallory"
    created: {TODAY}
    expires: {TODAY + timedelta(days=20)}
"""
#: One finding of severity high, as the scanner of the pipeline reports it.
SCAN = [{
    "description": "eval is evil", "check_name": "no-eval", "fingerprint": "1", "severity": "critical",
    "location": {"path": "src/app.js", "lines": {"begin": 1}},
}]  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """What git prints; it must succeed."""
    with local.cwd(folder):
        return str(local["git"][arguments]()).strip()


@dataclass
class World:
    """The remote, and somebody's clone of it from which changes are pushed."""

    root: Path
    clone: Path = field(init=False)
    remote: Path = field(init=False)

    def __post_init__(self) -> None:
        self.remote, self.clone = self.root / "acme/shop.git", self.root / "clone"

    def commit(self, message: str, files: Mapping[str, str | None]) -> str:
        """Write files (None removes one), commit, and give the commit."""
        for name, text in files.items():
            path = self.clone / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        git(self.clone, "add", "--all", "--force")
        git(self.clone, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.clone, "rev-parse", "HEAD")

    def push(self, *references: str) -> None:
        git(self.clone, "push", "--quiet", "--force", "origin", *references)

    def change(self, files: Mapping[str, str | None]) -> None:
        """A pushed branch ``feature`` with these files."""
        self.commit("Change it", files)
        self.push("HEAD:refs/heads/feature")

    def check_out(self, *, depth: int | None = None, merged: bool = False) -> Path:
        """What a pipeline starts with: the change, or its merge with the target, perhaps shallow; and a report."""
        reference = "refs/heads/feature"
        if merged:
            reference = "refs/pull/7/merge"
            git(self.clone, "fetch", "--quiet", "origin")
            git(self.clone, "checkout", "--quiet", "--detach", "origin/main")
            git(self.clone, "merge", "--quiet", "--no-ff", "--no-edit", "-X", "theirs", "origin/feature")
            self.push(f"HEAD:{reference}")
        job = self.root / "job"
        job.mkdir()
        git(job, "init", "--quiet", "--initial-branch", "unborn")
        git(job, "remote", "add", "origin", f"file://{self.remote}")
        shallow = [] if depth is None else [f"--depth={depth}"]
        everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"] if depth is None else []
        git(job, "fetch", "--quiet", "--no-tags", *shallow, "origin", f"+{reference}:refs/pipeline", *everything)
        git(job, "checkout", "--quiet", "--detach", "refs/pipeline")
        write_report(job)
        return job


def write_report(folder: Path) -> None:
    (folder / "reports").mkdir(parents=True, exist_ok=True)
    (folder / "reports/scan.json").write_text(json.dumps(SCAN), encoding="utf-8")


def begin(root: Path, files: Mapping[str, str]) -> World:
    """A remote whose ``main`` has these files, and a clone of it on the branch ``feature``."""
    world = World(root)
    git(root, "init", "--quiet", "--bare", "--initial-branch", "main", str(world.remote))
    git(root, "clone", "--quiet", f"file://{world.remote}", str(world.clone))
    git(world.clone, "checkout", "--quiet", "-b", "main")
    world.commit("Begin", files)
    world.push("main")
    git(world.clone, "checkout", "--quiet", "-b", "feature")
    return world


def copy(world: World, root: Path) -> World:
    """The same again, for a test that changes it."""
    shutil.copytree(world.root, root, dirs_exist_ok=True, symlinks=True)
    copied = World(root)
    git(copied.clone, "remote", "set-url", "origin", f"file://{copied.remote}")
    return copied


def gitlab(job: Path, *, fork: bool = False, server: str = CLOSED) -> dict[str, str]:
    """The environment of a pipeline of merge request !7."""
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_SERVER_URL": server,
        "CI_API_V4_URL": f"{server}/api/v4",
        "CI_JOB_TOKEN": "job-token-0123456789",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_PROJECT_ID": "1",
        "CI_PROJECT_DIR": str(job),
        "CI_COMMIT_SHA": git(job, "rev-parse", "HEAD"),
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2" if fork else "1",
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
        "CI_MERGE_REQUEST_TITLE": "Change it",
    }


def github(job: Path, *, fork: bool = False, server: str = CLOSED) -> dict[str, str]:
    """The environment of a workflow run for pull request #7."""
    repository = {"id": 1, "full_name": "acme/shop"}
    heads = dict(reversed(line.split("\t")) for line in git(job, "ls-remote", "origin").splitlines())
    event: dict[str, Any] = {
        "action": "synchronize",
        "number": 7,
        "repository": repository,
        "pull_request": {
            "number": 7,
            "title": "Change it",
            "body": "",
            "head": {
                "ref": "feature",
                "sha": heads["refs/heads/feature"],
                "repo": {"id": 2, "full_name": "eve/shop"} if fork else repository,
            },
            "base": {"ref": "main", "sha": heads["refs/heads/main"], "repo": repository},
            "user": {"login": "mallory"},
        },
    }
    path = job.parent / "event.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": server,
        "GITHUB_SERVER_URL": f"file://{job.parent}",  # what is fetched comes from SERVER/acme/shop
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "feature",
        "GITHUB_SHA": git(job, "rev-parse", "HEAD"),
        "GITHUB_WORKSPACE": str(job),
    }


SYSTEMS = {"gitlab": gitlab, "github": github}


@dataclass(frozen=True)
class Judged:
    """A run, and its report when it wrote one."""

    ran: Ran
    report: dict[str, Any] | None

    def check(self, gate: str) -> dict[str, Any]:
        """The first check of a gate."""
        assert self.report is not None, self.ran.stderr
        found: dict[str, Any] = next(each for each in self.report["gates"] if each["id"] == gate)["checks"][0]
        return found

    @property
    def gates(self) -> list[str]:
        assert self.report is not None, self.ran.stderr
        return [each["id"] for each in self.report["gates"]]


def judge(job: Path, environ: Mapping[str, str], *options: str, folder: str = ".", stage: str = "pre-merge") -> Judged:
    """Run the installed command there, as the pipeline does."""
    out = job.parent / "out"
    # What the verdict rests on is the law; that nothing can be published is not of interest here.
    ran = deliverygate(
        "run", stage, "--no-publish", "--output", str(out), *options, folder=job / folder, environ=dict(environ)
    )
    written = out / "report.json"
    return Judged(ran, json.loads(written.read_bytes()) if written.exists() else None)
