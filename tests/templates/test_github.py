"""The GitHub templates at work: real jobs that end as the gates do, and keep what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.platforms.github_server import GitHub, serving
from tests.templates.conftest import Tool
from tests.templates.github import COMMIT, OURS, Repository
from tests.templates.projects import CODES, POLICY, VERDICTS, WRITTEN, read_report

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("templates"), pytest.mark.timeout(300)]

Open = Callable[..., Repository]

STEPS = f"""\
on: pull_request
permissions: {{}}
jobs:
  gate:
    runs-on: ubuntu-latest
    permissions: {{contents: read, pull-requests: write}}
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
        with: {{fetch-depth: 0, persist-credentials: false}}
      - uses: {OURS}/ci-templates/github@{COMMIT}
        id: gate
        with: INPUTS
      - if: always()
        env: {{CODE: "${{{{ steps.gate.outputs.exit-code }}}}", REPORTS: "${{{{ steps.gate.outputs.reports }}}}"}}
        run: echo "ended with $CODE, wrote $REPORTS"
"""
CALL = f"""\
on: pull_request
permissions: {{}}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
      - run: mkdir scan && cp reports/packages.json scan/of-this-run.json
      - uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a
        with: {{name: reports-scan, path: scan}}
  gate:
    needs: scan
    uses: {OURS}/.github/workflows/deliverygate.yml@{COMMIT}
    permissions: {{contents: read, pull-requests: write}}
    with: INPUTS
  after:
    needs: gate
    if: always()
    runs-on: ubuntu-latest
    steps:
      - env: {{CODE: "${{{{ needs.gate.outputs.exit-code }}}}", RESULT: "${{{{ needs.gate.result }}}}"}}
        run: echo "ended with $CODE, $RESULT"
"""


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with serving(GitHub()) as server:
        yield server


@pytest.fixture
def open_repository(tmp_path: Path, tool: Tool, hub: GitHub) -> Open:
    def open_repository(workflow: str, inputs: str, **files: str) -> Repository:
        return Repository(tmp_path, workflow.replace("INPUTS", inputs), hub=hub, path=tool.bin, files=files)

    return open_repository


@pytest.mark.parametrize("stage", CODES)
def test_action_ends_with_the_exit_code_and_keeps_the_reports(open_repository: Open, stage: str) -> None:
    repository = open_repository(STEPS, f"{{stage: {stage}, install: none}}")

    played = repository.play()

    assert played.status == min(CODES[stage], 1), played.output
    assert f"ended with {CODES[stage]}, wrote .deliverygate/out/{stage}" in played.printed
    assert repository.artifacts() == ({f"deliverygate-{stage}": WRITTEN} if stage in VERDICTS else {})


def test_action_installs_the_revision_that_it_is_of(open_repository: Open) -> None:
    traps = dict.fromkeys(("venv.py", "pip.py", "logging.py"), "raise SystemExit('a module of the change was run')")
    repository = open_repository(STEPS, "{stage: build}", **traps)

    played = repository.play()

    assert (played.status, repository.artifacts()) == (1, {"deliverygate-build": WRITTEN}), played.output
    assert read_report(repository.kept / "deliverygate-build") == ("build", "failed")


def test_action_shows_findings_in_code_scanning_when_asked_to(open_repository: Open) -> None:
    repository = open_repository(STEPS, "{stage: post-deploy, install: none, upload-sarif: true, artifact: none}")

    played = repository.play()

    assert played.status == 1, played.output
    assert [path.name for path in repository.kept.iterdir()] == ["code-scanning.sarif"]


def test_what_an_input_holds_is_never_run(open_repository: Open) -> None:
    repository = open_repository(STEPS, "{stage: 'build\"; touch $KEPT/run; \"', install: none, artifact: none}")

    played = repository.play()

    assert (played.status, list(repository.kept.iterdir())) == (1, []), played.output


@pytest.mark.parametrize("stage", ["pre-merge", "post-deploy"])
def test_workflow_ends_with_the_exit_code_and_keeps_the_reports(open_repository: Open, tool: Tool, stage: str) -> None:
    policy = {".deliverygate.yml": POLICY.replace("packages.json", "of-this-run.json")}
    repository = open_repository(CALL, f"{{stage: {stage}, install: {tool.wheel}, reports: reports-*}}", **policy)

    played = repository.play()

    assert (played.status, played.code) == (min(CODES[stage], 1), CODES[stage]), played.output
    assert repository.artifacts() == {"reports-scan": ["of-this-run.json"], f"deliverygate-{stage}": WRITTEN}
    # act runs no job after a called workflow that failed, whatever its `if` says.
    assert [line for line in played.printed if line.startswith("ended with")] == (
        [] if CODES[stage] else ["ended with 0, success"]
    )


def test_workflow_without_image_and_installation_says_what_to_name(open_repository: Open) -> None:
    repository = open_repository(CALL, "{stage: pre-merge}")

    played = repository.play()

    assert played.status == 1
    assert "name the image of deliverygate with image" in played.output
