"""Plays a GitLab pipeline with gitlab-ci-local: no containers, one folder for each job, artifacts kept aside."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plumbum import local

from tests.architecture.source import ROOT
from tests.templates.projects import make_repository

HOST = "gitlab.example.com"
TEMPLATES = ROOT / "ci-templates" / "gitlab"
# Where gitlab-ci-local keeps what it fetched from other projects. What lies there is not fetched again.
FETCHED = Path(".gitlab-ci-local/includes") / HOST / "platform/deliverygate"

LISTED = re.compile(r"^([\w-]+) +\S* +(\S+) +(?:on_success|always|manual) ", re.MULTILINE)
ENDED = re.compile(r"^(?!pipeline )(\S+) +finished in [\d.]+ \w+(?: +FAIL (\d+))?", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """How a pipeline ended: its own exit status, that of each job, and all that was printed."""

    status: int
    jobs: dict[str, int]
    output: str


class Project:
    """A repository that includes our templates from another project of its GitLab, at the tag ``v0.1.0``."""

    def __init__(
        self, folder: Path, pipeline: str, *, node_modules: Path, path: Path, files: Mapping[str, str]
    ) -> None:
        self.folder = make_repository(folder, {".gitlab-ci.yml": pipeline, **files}, origin=f"git@{HOST}:team/shop.git")
        shutil.copytree(TEMPLATES, folder / FETCHED / "v0.1.0" / "ci-templates" / "gitlab")
        shutil.copytree(TEMPLATES / "templates", folder / FETCHED / "0.1.0" / "templates")
        found = f"{path}:{Path(sys.executable).parent}:{local.env['PATH']}"
        command = local[node_modules / ".bin" / "gitlab-ci-local"].with_cwd(folder).with_env(PATH=found)
        self._command = command[
            "--force-shell-executor", "--shell-isolation", "--ignore-predefined-vars", "CI_PIPELINE_SOURCE"
        ]

    def with_variables(self, variables: Mapping[str, object]) -> Project:
        """The same project, whose CI/CD settings hold these variables."""
        for name, value in variables.items():
            self._command = self._command["--variable", f"{name}={value}"]
        return self

    def _run(self, source: str, *arguments: str) -> tuple[int, str, str]:
        given = self._command["--variable", f"CI_PIPELINE_SOURCE={source}"]
        if source == "merge_request_event":  # https://docs.gitlab.com/ci/variables/predefined_variables/
            given = given["--unset-variable", "CI_COMMIT_BRANCH"]
        status, stdout, stderr = given[arguments].run(retcode=None)
        return status, stdout, stderr

    def list_jobs(self, source: str = "push") -> dict[str, str]:
        """The jobs of a pipeline, each with its stage."""
        return dict(LISTED.findall(self._run(source, "--list")[1]))

    def expand(self) -> str:
        """The pipeline as GitLab sees it when everything is included."""
        return self._run("push", "--preview")[1]

    def play(self, source: str = "push", *jobs: str) -> Played:
        status, stdout, stderr = self._run(source, *jobs)
        output = stdout + stderr
        return Played(status, {name: int(code or 0) for name, code in ENDED.findall(output)}, output)

    def artifacts(self, job: str) -> dict[Path, list[str]]:
        """The names of a job's artifacts by the folder that they lie in."""
        root = self.folder / ".gitlab-ci-local" / "artifacts" / job
        found: dict[Path, list[str]] = {}
        for path in sorted(root.rglob("*")):
            if path.is_file():
                found.setdefault(path.parent.relative_to(root), []).append(path.name)
        return found

    def reports(self, job: str, stage: str) -> Path:
        return self.folder / ".gitlab-ci-local" / "artifacts" / job / ".deliverygate" / "out" / stage
