"""The example of a whole pipeline, played: from the linter to the service that answers in health."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.templates.conftest import Tool
from tests.templates.gitlab import Project

pytestmark = [pytest.mark.xdist_group("templates"), pytest.mark.timeout(300)]

SEED = ROOT / "examples" / "seed-pipeline"
DELIVERED = dict.fromkeys(("lint", "test", "build", "deliverygate-build", "deploy", "deliverygate-post-deploy"), 0)


def files() -> dict[str, str]:
    """The example's own files, without what linters and tests leave behind."""
    paths = {path.relative_to(SEED).as_posix(): path for path in SEED.rglob("*") if path.is_file()}
    return {name: path.read_text() for name, path in paths.items() if "cache" not in name}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Path]:
    """The folder that is deployed to. What still runs from there is stopped."""
    folder = tmp_path / "live"
    yield folder
    if (folder / "pid").exists():
        with suppress(ProcessLookupError):
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


@pytest.fixture
def seed(tmp_path: Path, live: Path, node_modules: Path, tool: Tool) -> Project:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {
        "DEPLOY_TO": live,
        "SERVICE_PORT": port,
        "SERVICE_URL": f"http://127.0.0.1:{port}",
        "DELIVERYGATE_POST_DEPLOY__HEALTH__ALLOW_PRIVATE": "true",
    }
    project = Project(
        tmp_path / "seed", files()[".gitlab-ci.yml"], node_modules=node_modules, path=tool.bin, files=files()
    )
    for name in ("build.sh", "deploy.sh"):
        (project.folder / name).chmod(0o755)
    return project.with_variables(variables)


def test_default_branch_is_built_deployed_and_validated(seed: Project) -> None:
    played = seed.play()

    assert (played.status, played.jobs) == (0, DELIVERED), played.output


def test_merge_request_is_judged_by_the_linter_and_the_tests(seed: Project) -> None:
    played = seed.play("merge_request_event")

    assert played.jobs == dict.fromkeys(("lint", "test", "build", "deliverygate-pre-merge"), 0), played.output


def test_failing_test_keeps_a_build_from_being_deployed(seed: Project, live: Path) -> None:
    test = seed.folder / "tests" / "test_service.py"
    test.write_text(test.read_text().replace('== "UP"', '== "DOWN"'))

    played = seed.play()

    assert played.jobs == {"lint": 0, "test": 0, "build": 0, "deliverygate-build": 1}, played.output
    assert not live.exists()


def test_service_that_does_not_become_the_new_version_is_not_validated(seed: Project) -> None:
    script = seed.folder / "deploy.sh"
    script.write_text(script.read_text().replace('"$folder/$version.pyz" --port', '"$folder/$version.pyz.old" --port'))
    (seed.folder / ".deliverygate.yml").write_text(
        (seed.folder / ".deliverygate.yml").read_text().replace("wait: 30s", "wait: 1s")
    )

    played = seed.play()

    assert played.jobs == {**DELIVERED, "deliverygate-post-deploy": 1}, played.output
