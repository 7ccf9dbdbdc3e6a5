"""A repository as actions/checkout leaves it, the environment of a job, and GitHub behind an address."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from deliverygate.clock import SystemClock
from deliverygate.gate import Clock
from deliverygate.http import RequestsHttp
from deliverygate.platforms.github import GitHubPlatform
from deliverygate.platforms.github.api import GitHubApi
from deliverygate.redaction.environment import find_secrets
from deliverygate.redaction.redactor import Redactor
from tests.platforms.github_server import TOKEN, GitHub
from tests.platforms.test_local_git import Repository, open_git

APP = "one\ntwo\nthree\n"


class Shop:
    """acme/shop: ``feature`` changes one line of ``app.py``, adds a file, and was merged with a ``main`` that went on."""

    def __init__(self, folder: Path, *, change: dict[str, str] | None = None, **files: str) -> None:
        """``files`` are what ``main`` begins with beside the usual ones, ``change`` what ``feature`` edits."""
        (folder / "acme").mkdir()
        self.upstream = Repository(folder / "acme" / "shop")
        git = self.upstream.git
        git("init", "--quiet", "--initial-branch", "main")
        git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.start = self.upstream.commit("Begin", **{"app.py": APP, "template.md": "- [ ] tests\n", **files})
        git("checkout", "--quiet", "-b", "feature")
        self.head = self.upstream.commit(
            "Add a basket", **{"app.py": "one\nTWO\nthree\n", "basket.py": "1\n2\n", **(change or {})}
        )
        git("checkout", "--quiet", "main")
        self.tip = self.upstream.commit("Go on", **{"app.py": "zero\none\ntwo\nthree\n"})
        git("checkout", "--quiet", "--detach")
        git("merge", "--quiet", "--no-ff", "--message", "Merge", "feature")
        self.merge = git("rev-parse", "HEAD")
        git("update-ref", "refs/pull/12/merge", self.merge)
        git("checkout", "--quiet", "main")

    def check_out(self, folder: Path, *, depth: int | None = None, ref: str = "refs/pull/12/merge") -> Repository:
        """As actions/checkout does: a fetch of one ref, and a commit without a branch."""
        made = Repository(folder)
        made.git("init", "--quiet")
        made.git("remote", "add", "origin", self.upstream.root.as_uri())
        how = ["--depth", str(depth)] if depth else []
        made.git("fetch", "--quiet", "--no-tags", *how, "origin", f"+{ref}:refs/remotes/pull/12/merge")
        made.git("checkout", "--quiet", "--detach", "refs/remotes/pull/12/merge")
        return made


@dataclass
class Job:
    """A job of GitHub Actions on a pull request, or what it is made into."""

    hub: GitHub
    work: Repository
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    output: io.StringIO = field(default_factory=io.StringIO)

    def platform(self, clock: Clock | None = None, *, base: str | None = None) -> GitHubPlatform:
        clock = clock or SystemClock(timeout_seconds=60, stop=Event())
        return GitHubPlatform(
            self.environ,
            clock=clock,
            git=open_git(self.work, base=base),
            redact=Redactor(find_secrets(self.environ)),
            http=RequestsHttp(clock),
            output=self.output,
        )

    def read(self, name: str) -> str:
        """One of the files that the runner gave to the step."""
        return Path(self.environ[name]).read_text(encoding="utf-8")

    def write_event(self, payload: dict[str, Any]) -> None:
        Path(self.environ["GITHUB_EVENT_PATH"]).write_text(json.dumps(payload), encoding="utf-8")


def start_job(hub: GitHub, work: Repository, folder: Path, *, sha: str, **changes: str) -> Job:
    """The variables that a job on #12 is given; the payload is the pull request as ``hub`` has it now.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    runner = folder / "runner"
    runner.mkdir()
    for name in ("summary", "output"):
        (runner / name).touch()
    environ = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "ada",
        "GITHUB_API_URL": hub.url,
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(runner / "event.json"),
        "GITHUB_HEAD_REF": "feature",
        "GITHUB_JOB": "gate",
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_REF": "refs/pull/12/merge",
        "GITHUB_REF_NAME": "12/merge",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY": hub.repository,
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "77",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": sha,
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_WORKSPACE": str(work.root),
        "RUNNER_OS": "Linux",
        **changes,
    }
    job = Job(hub, work, folder, environ)
    job.write_event(
        {
            "action": "synchronize",
            "number": 12,
            "pull_request": hub.pulls[12],
            "repository": {"id": 1, "full_name": hub.repository},
        }
    )
    return job


def open_api(hub: GitHub, clock: Clock, *, token: str | None = TOKEN, request_seconds: float = 10.0) -> GitHubApi:
    """The client alone."""
    given = ("GITHUB_TOKEN", token) if token else None
    return GitHubApi(RequestsHttp(clock), clock, url=hub.url, token=given, request_seconds=request_seconds)
