"""Plays a GitHub workflow with act, on this machine and without containers.

Actions of others are stood in for: checkout by act itself, the rest by the few lines below, under the very commits that our
templates name. What an upload would send away is kept in a folder. The API that deliverygate asks is ``tests.platforms``' own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from plumbum import local

from tests.architecture.source import ROOT
from tests.platforms.github_server import GitHub
from tests.templates.projects import make_repository, open_change

ACTION = ROOT / "ci-templates" / "github" / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "deliverygate.yml"
OURS = "platform/deliverygate"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

STAND_INS = {
    "actions/upload-artifact": (
        "",
        ["name", "path"],
        'if [ -d "$PATH_" ]; then mkdir "$KEPT/$NAME" && cp -r "$PATH_/." "$KEPT/$NAME/"; fi',
    ),
    "actions/download-artifact": ("", ["pattern", "path"], 'mkdir -p "$PATH_" && cp -r "$KEPT"/$PATTERN/. "$PATH_/"'),
    "github/codeql-action": ("upload-sarif", ["sarif_file"], 'cp "$SARIF_FILE" "$KEPT/code-scanning.sarif"'),
}
USED = re.compile(r"uses: ([\w-]+/[\w-]+)(?:/[\w-]+)?@([0-9a-f]{40}) # v")
CODE = re.compile(r"::set-output:: exit-code=(\d)$", re.MULTILINE)
PRINTED = re.compile(r"^\[[^\]]*\] +\| (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """How a workflow and the run of the gates in it ended, what its scripts printed, and all that act said."""

    status: int
    code: int | None
    printed: list[str]
    output: str


class Repository:
    """A repository whose workflow uses our action or calls our workflow, at a commit."""

    def __init__(self, folder: Path, workflow: str, *, hub: GitHub, path: Path, files: Mapping[str, str]) -> None:
        self.kept = folder / "kept"
        self.kept.mkdir(parents=True)
        self._folder = make_repository(
            folder / "shop",
            {".github/workflows/ci.yml": workflow, **files},
            origin=f"git@github.com:{hub.repository}.git",
        )
        head, base = open_change(self._folder)
        pull = hub.add_pull(7, base={"ref": "main", "sha": base}, head={"ref": "search", "sha": head})
        event = {"action": "opened", "number": 7, "pull_request": pull, "repository": pull["base"]["repo"]}
        (folder / "event.json").write_text(json.dumps(event))
        (folder / "scratch").mkdir()
        self._command = local[Path(os.environ["DELIVERYGATE_TOOLS"], "act")][
            "pull_request", "--eventpath", folder / "event.json", "--platform", "ubuntu-latest=-self-hosted",
            "--no-cache-server", "--action-cache-path", folder / "actions", "--env", f"KEPT={self.kept}",
            "--env", "NO_COLOR=1", "--env", f"GITHUB_API_URL={hub.url}", "--secret", f"GITHUB_TOKEN={hub.token}", "--local-repository", f"{OURS}@{COMMIT}={_our_tree(folder / 'ours')}",
        ].with_cwd(self._folder).with_env(PATH=f"{path}:{local.env['PATH']}", TMPDIR=str(folder / "scratch"))  # fmt: skip
        for action, commit in sorted(set(USED.findall(ACTION.read_text() + WORKFLOW.read_text()))):
            if action in STAND_INS:
                self._command = self._command[
                    "--local-repository", f"{action}@{commit}={_stand_in(folder / 'stand-ins', action)}"
                ]

    def play(self, *arguments: str) -> Played:
        status, stdout, stderr = self._command[arguments].run(retcode=None)
        output = stdout + stderr
        code = CODE.search(output)
        return Played(status, int(code[1]) if code else None, PRINTED.findall(output), output)

    def artifacts(self) -> dict[str, list[str]]:
        """The names of the files in each artifact."""
        return {
            folder.name: sorted(path.name for path in folder.rglob("*") if path.is_file())
            for folder in sorted(self.kept.iterdir())
            if folder.is_dir()
        }


def _our_tree(folder: Path) -> Path:
    """What GitHub unpacks for an action: the repository, without what tools left in it."""
    for name in ("src", "gates", "ci-templates", ".github"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder)
    return folder


def _stand_in(folder: Path, action: str) -> Path:
    subfolder, inputs, script = STAND_INS[action]
    variables = {"PATH_" if name == "path" else name.upper(): f"${{{{ inputs.{name} }}}}" for name in inputs}
    step = {"shell": "bash", "env": variables, "run": script}
    home = folder / action
    (home / subfolder).mkdir(parents=True)
    (home / subfolder / "action.yml").write_text(
        yaml.safe_dump(
            {
                "name": action,
                "inputs": {name: {"required": True} for name in inputs},
                "runs": {"using": "composite", "steps": [step]},
            }
        )
    )
    return home
