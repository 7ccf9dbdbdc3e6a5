"""The sonarqube gate with a real SonarQube, its scanner and its compute engine, through the command as a user runs it."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any

import msgspec
import pytest

from tests.architecture.source import ROOT
from tests.command import Ran, deliverygate

# One server for all of them, in one process; its first start may fetch 300 MB.
pytestmark = [pytest.mark.real, pytest.mark.xdist_group("sonarqube"), pytest.mark.timeout(1500)]

BAD = "def is_paid(order):\n    return order == order\n"
GOOD = "def is_paid(order):\n    return order.paid\n"
COVERAGE = """<?xml version="1.0"?>
<coverage version="7" line-rate="1"><sources><source>.</source></sources><packages><package name="."><classes>
<class name="shop.py" filename="shop.py"><lines><line number="1" hits="1"/><line number="2" hits="1"/></lines></class>
</classes></package></packages></coverage>
"""
loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SonarQube:
    """The server that ``scripts/sonarqube`` runs."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self.script("up")
        self.url = (folder / "url").read_text()
        self.token = (folder / "token").read_text()

    def script(self, word: str, *arguments: str) -> None:
        command = [ROOT / "scripts" / "sonarqube", word, self.folder, *arguments]
        ran = subprocess.run(command, env=dict(self.environ), capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def ask(self, path: str, data: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self.url}/api/{path}", data=data)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{self.token}:".encode()).decode())
        with loopback.open(request, timeout=30) as answer:
            return json.loads(answer.read() or "{}")

    def do(self, path: str, **parameters: str) -> Any:
        return self.ask(path, urllib.parse.urlencode(parameters).encode())

    def make_gate(self, name: str, *conditions: tuple[str, str, str]) -> None:
        self.do("qualitygates/create", name=name)
        for born in self.ask(f"qualitygates/show?name={name}")["conditions"]:  # a copy of those of the built-in gate
            self.do("qualitygates/delete_condition", id=born["id"])
        for metric, op, error in conditions:
            self.do("qualitygates/create_condition", gateName=name, metric=metric, op=op, error=error)

    def make_project(self, key: str, *, gate: str) -> None:
        self.do("projects/create", project=key, name=key)
        self.do("qualitygates/select", gateName=gate, projectKey=key)


@pytest.fixture(scope="session")
def sonarqube(outer_environ: Mapping[str, str]) -> Iterator[SonarQube]:
    folder = Path(tempfile.mkdtemp(prefix="deliverygate-sonarqube-"))
    folder.chmod(0o755)  # the server of root runs as nobody
    try:
        server = SonarQube(folder, outer_environ)
        server.make_gate("Release", ("bugs", "GT", "0"), ("coverage", "LT", "80"))
        yield server
    finally:
        subprocess.run([ROOT / "scripts" / "sonarqube", "down", folder], check=True)
        rmtree(folder)


Judge = Callable[..., tuple[Ran, dict[str, Any]]]


@pytest.fixture
def judge(tmp_path: Path, sonarqube: SonarQube) -> Judge:
    """Judge a stage of one gate: what ran, and the gate's checks by name. No output ever holds the token."""

    def run(*, token: str = "", **settings: object) -> tuple[Ran, dict[str, Any]]:
        token = token or sonarqube.token
        policy = {"gate": "sonarqube", "url": sonarqube.url, **settings}
        (tmp_path / ".deliverygate.yml").write_text(json.dumps({"version": 1, "stages": {"build": [policy]}}))
        ran = deliverygate("run", "build", folder=tmp_path, environ={"SONAR_TOKEN": token})
        written = [path.read_text() for path in (tmp_path / ".deliverygate").rglob("*") if path.is_file()]
        assert not any(token in text for text in (ran.stdout, ran.stderr, *written))
        report = msgspec.json.decode((tmp_path / ".deliverygate/out/build/report.json").read_bytes())
        return ran, {check["name"]: check for check in report["gates"][0]["checks"]}

    return run


def make_commit(folder: Path) -> str:
    """The id of a new commit in ``folder``."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    git("add", "shop.py")
    git("commit", "--quiet", "--allow-empty", "--message", "Change")
    return git("rev-parse", "HEAD").strip()


def verdicts(checks: Mapping[str, Any]) -> dict[str, str]:
    return {name: check["verdict"] for name, check in checks.items()}


def test_project_is_judged_from_its_first_fault_to_its_mending(
    tmp_path: Path, sonarqube: SonarQube, judge: Judge
) -> None:
    sonarqube.make_project("shop", gate="Release")
    source, coverage = tmp_path / "shop.py", tmp_path / "coverage.xml"

    ran, checks = judge(project="shop", report_task=None)
    assert (ran.status, checks["analysis"]["summary"]) == (3, "branch main of shop was never analysed")

    source.write_text(BAD)
    sonarqube.script("analyse", str(tmp_path), "shop", "-Dsonar.sources=shop.py")
    ran, checks = judge(project="shop")
    assert (ran.status, verdicts(checks)) == (
        1,
        {
            "analysis": "passed",
            "quality gate": "failed",
            "conditions with a value": "passed",
            "bugs of all code": "failed",
            "coverage of all code": "failed",
        },
    )
    assert checks["bugs of all code"]["measurements"] == [{"name": "bugs", "value": 1, "wanted": "at most 0"}]
    assert checks["coverage of all code"]["summary"] == "0.0 %, wanted at least 80 %"

    source.write_text(GOOD)
    commit = make_commit(tmp_path)
    coverage.write_text(COVERAGE)
    options = ("-Dsonar.sources=shop.py", "-Dsonar.python.coverage.reportPaths=coverage.xml")
    sonarqube.script("analyse", str(tmp_path), "shop", *options)
    ran, checks = judge(project="shop", branch="main", revision=commit)
    assert (ran.status, set(verdicts(checks).values())) == (0, {"passed"}), ran.stdout
    assert checks["coverage of all code"]["summary"] == "100.0 %, wanted at least 80 %"

    ran, checks = judge(project="shop", report_task=None)
    assert ran.status == 0, ran.stdout

    ran, checks = judge(project="shop", revision=make_commit(tmp_path))
    assert (ran.status, f"is of the commit {commit}" in checks["analysis"]["summary"]) == (3, True)

    ran, checks = judge(project="shop", branch="feature/x")
    said = "the analysis is of the main branch, not of branch feature/x"
    assert (ran.status, checks["analysis"]["summary"]) == (3, said)

    ran, checks = judge(project="shop", report_task=None, pull_request=7)
    assert (ran.status, "Developer Edition" in checks["analysis"]["mend"]) == (3, True)

    # The compute engine refuses an analysis from before the last one, and the scanner ends with 0 all the same.
    sonarqube.script("analyse", str(tmp_path), "shop", *options, "-Dsonar.projectDate=2020-01-01")
    for report_task in (".scannerwork/report-task.txt", None):
        ran, checks = judge(project="shop", report_task=report_task)
        assert ran.status == 3
        assert "Date of analysis cannot be older than the date of the last known" in checks["analysis"]["summary"]


def test_token_of_an_analysis_needs_the_name_of_the_quality_gate(
    tmp_path: Path, sonarqube: SonarQube, judge: Judge
) -> None:
    sonarqube.make_project("lib", gate="Release")
    kind = {"type": "PROJECT_ANALYSIS_TOKEN", "projectKey": "lib"}
    token = sonarqube.do("user_tokens/generate", name="lib", **kind)["token"]
    (tmp_path / "shop.py").write_text(BAD)
    sonarqube.script("analyse", str(tmp_path), "lib", "-Dsonar.sources=shop.py")

    ran, checks = judge(token=token, project="lib")
    assert (ran.status, checks["conditions with a value"]["verdict"]) == (1, "error")

    ran, checks = judge(token=token, project="lib", quality_gate="Release")
    assert (ran.status, checks["conditions with a value"]["summary"]) == (1, "2 of 2")

    sonarqube.do("user_tokens/revoke", name="lib")
    ran, checks = judge(token=token, project="lib")
    assert ran.status == 3
    assert checks["analysis"]["summary"].endswith("does not accept the token in SONAR_TOKEN (status 401)")


def test_another_path_of_the_server_answers_with_a_page_and_proves_nothing(sonarqube: SonarQube, judge: Judge) -> None:
    ran, checks = judge(url=f"{sonarqube.url}/sonar", project="shop", report_task=None)

    assert ran.status == 3
    assert checks["analysis"]["summary"].endswith("answers with a page (HTML) in place of JSON")
