"""Reports of this run, and all others: in each gate that reads files as evidence, as a pipeline runs them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deliverygate.cli.asking import Asking
from deliverygate.cli.freshness import Freshness
from deliverygate.errors import ReportError
from deliverygate.workspace import Workspace
from tests.command import Ran, deliverygate
from tests.trust.world import git

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
SARIF = '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"T"}},"results":[]}]}'
JUNIT = '<testsuite name="s"><testcase name="a"/></testsuite>'
LCOV = "SF:a.py\nDA:1,1\nend_of_record\n"
GRYPE = '{"matches":[],"descriptor":{"name":"grype","version":"1"},"source":{"type":"directory","target":"."}}'
TRIVY = json.dumps(
    {"SchemaVersion": 2, "ArtifactName": "x", "ArtifactType": "filesystem",
     "Results": [{"Target": "a", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": []}]}
)  # fmt: skip
GATES = {
    "static-analysis": ("scans: reports/report", SARIF),
    "tests": ("reports: reports/report", JUNIT),
    "coverage": ("reports: reports/report, min_total: 1", LCOV),
    "vulnerabilities": ("reports: reports/report", GRYPE),
    "trivy": ("report: reports/report", TRIVY),
}
GITLAB = {"CI": "true", "GITLAB_CI": "true", "CI_PIPELINE_ID": "1", "CI_PIPELINE_SOURCE": "push"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "reports").mkdir(parents=True)
    (folder / "a.py").write_text("1\n")
    git(folder, "init", "-q", "-b", "main")
    (folder / ".git/info/exclude").write_text(".deliverygate/\n.deliverygate.yml\n")
    return commit(folder)


def commit(folder: Path) -> Path:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=ann", "-c", "user.email=ann@example.com", "commit", "-q", "--allow-empty", "-m", "x")
    return folder


def run(folder: Path, gate: str = "static-analysis", more: str = "", **environ: str) -> tuple[int, str]:
    settings = GATES[gate][0] + more
    (folder / ".deliverygate.yml").write_text(f"version: 1\nstages: {{ s: [ {{ gate: {gate}, {settings} }} ] }}\n")
    ran: Ran = deliverygate("run", "s", "--platform", "git", "--no-publish", folder=folder, environ=environ)
    return ran.status, ran.stdout


def write(folder: Path, content: str, *, at: datetime = NOW) -> Path:
    path = folder / "reports" / "report"
    path.write_text(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.mark.parametrize("gate", GATES)
def test_report_that_the_change_has_committed_is_no_evidence(shop: Path, gate: str) -> None:
    write(shop, GATES[gate][1])
    commit(shop)

    for environ in ({}, GITLAB):
        status, said = run(shop, gate, **environ)
        assert (status, "is no evidence of this run, since git tracks it" in said) == (3, True)
    assert run(shop, gate, ", fresh: any")[0] == 0


@pytest.mark.parametrize("gate", GATES)
def test_report_of_an_earlier_run_is_no_evidence_in_a_pipeline(shop: Path, gate: str) -> None:
    write(shop, GATES[gate][1], at=NOW - DAY)

    status, said = run(shop, gate, **GITLAB)

    assert (status, "before the commit" in said) == (3, True)
    assert run(shop, gate)[0] == 0
    assert run(shop, gate, ", fresh: commit")[0] == 3
    write(shop, GATES[gate][1])
    assert run(shop, gate, **GITLAB)[0] == 0
    assert run(shop, gate, ", fresh: commit")[0] == 0


@pytest.mark.parametrize(
    ("gate", "content"),
    [
        ("static-analysis", SARIF.replace('"results"', '"invocations":[{"endTimeUtc":"WHEN"}],"results"')),
        ("static-analysis", SARIF.replace('"results"', '"invocations":[{"startTimeUtc":"WHEN"}],"results"')),
        ("tests", JUNIT.replace(' name="s"', ' name="s" timestamp="WHEN"')),
        ("vulnerabilities", GRYPE.replace('"version"', '"timestamp":"WHEN","version"')),
        ("vulnerabilities", '{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":"WHEN"},'
         '"components":[{"type":"library","name":"a","version":"1"}],"vulnerabilities":[]}'),
        ("trivy", TRIVY.replace("{", '{"CreatedAt":"WHEN",', 1)),
        ("coverage", '{"meta":{"version":"7.6","timestamp":"WHEN"},"files":{"a.py":{"executed_lines":[1],'
         '"missing_lines":[]}},"totals":{"covered_lines":1,"num_statements":1}}'),
        ("coverage", '<coverage line-rate="1" timestamp="SECONDS"><packages><package><classes><class filename="a.py">'
         '<lines><line number="1" hits="1"/></lines></class></classes></package></packages></coverage>'),
        ("coverage", '<coverage generated="SECONDS000"><project><file path="a.py"><line num="1" type="stmt" count="1"/>'
         "</file></project></coverage>"),
        ("coverage", '<report name="x"><sessioninfo id="a" start="1" dump="SECONDS000"/><package name=""><sourcefile '
         'name="a.py"><line nr="1" ci="1" mi="0"/></sourcefile></package></report>'),
        ("static-analysis", '{"version":"1","time":"SECONDS000","generalDiagnostics":[],"summary":{"filesAnalyzed":1}}'),
    ],
    ids=["SARIF", "SARIF that only began", "JUnit", "Grype", "CycloneDX", "Trivy", "coverage.py", "Cobertura", "Clover",
         "JaCoCo", "pyright"],
)  # fmt: skip
def test_new_file_with_an_old_date_in_it_is_no_evidence_in_a_pipeline(shop: Path, gate: str, content: str) -> None:
    statuses = []
    for at in (NOW, NOW - DAY):
        written = content.replace("WHEN", f"{at:%Y-%m-%dT%H:%M:%SZ}").replace("SECONDS", f"{at.timestamp():.0f}")
        write(shop, written)
        statuses.append(run(shop, gate, **GITLAB))

    assert [status for status, _ in statuses] == [0, 3], statuses
    assert "says that it was made on" in statuses[1][1]


def test_one_committed_report_among_those_of_a_pattern_blocks(shop: Path) -> None:
    write(shop, SARIF)
    commit(shop)
    (shop / "reports" / "real").write_text(SARIF)
    (shop / ".deliverygate.yml").write_text(
        "version: 1\nstages: { s: [ { gate: static-analysis, scans: 'reports/*' } ] }\n"
    )

    ran = deliverygate("run", "s", "--platform", "git", folder=shop)

    assert (ran.status, "report reports/report  is no evidence" in ran.stdout) == (3, True)


def test_link_to_a_committed_report_is_no_evidence(shop: Path) -> None:
    write(shop, SARIF).rename(shop / "kept")
    commit(shop)
    (shop / "reports").rmdir() if not any((shop / "reports").iterdir()) else None
    (shop / "reports").mkdir(exist_ok=True)
    (shop / "reports" / "report").symlink_to("../kept")

    status, said = run(shop)

    assert (status, "since git tracks kept" in said) == (3, True)


def test_committed_link_to_another_file_is_no_evidence(shop: Path) -> None:
    (shop / "reports" / "report").symlink_to("../other")
    commit(shop)
    (shop / "other").write_text(SARIF)

    assert run(shop)[0] == 3


def test_report_in_a_submodule_is_as_committed_as_any(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    (other / "report").write_text(SARIF)
    commit(other)
    (shop / "reports").rmdir()
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "reports")
    commit(shop)

    status, said = run(shop)

    assert (status, "since git tracks it" in said) == (3, True)


def test_report_that_was_only_taken_out_of_the_index_is_still_that_of_the_commit(shop: Path) -> None:
    write(shop, SARIF)
    commit(shop)
    git(shop, "rm", "-q", "--cached", "reports/report")

    assert run(shop)[0] == 3


def test_baseline_of_coverage_need_not_be_of_this_run(shop: Path) -> None:
    (shop / "base.info").write_text(LCOV)
    commit(shop)
    write(shop, LCOV)

    assert run(shop, "coverage", ", not_below_baseline: base.info", **GITLAB)[0] == 0


def test_bill_of_materials_that_trivy_is_run_on_must_be_of_this_run(shop: Path) -> None:
    (shop / "bom.json").write_text("{}")
    commit(shop)
    (shop / ".deliverygate.yml").write_text("version: 1\nstages: { s: [ { gate: trivy, sbom: bom.json } ] }\n")

    ran = deliverygate("run", "s", "--platform", "git", folder=shop)

    assert (ran.status, "since git tracks it" in ran.stdout) == (3, True)


def test_report_without_a_repository_around_it_needs_no_git(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    write(tmp_path, SARIF)

    assert run(tmp_path, PATH="/nowhere")[0] == 0
    assert run(tmp_path, more=", fresh: commit")[0] == 3


@pytest.mark.parametrize("gate", ["static-analysis", "tests", "coverage"])
def test_age_of_a_report_without_a_date_is_that_of_its_file(shop: Path, gate: str) -> None:
    found = []
    for at in (NOW, NOW - 2 * DAY):
        write(shop, GATES[gate][1], at=at)
        found.append(run(shop, gate, ", max_age: 1d")[0])

    assert found == [0, 1]


class World:
    """What git and the platform would say."""

    def __init__(
        self, *, tracked: str | None = None, committed: datetime | None = None, started: datetime | None = None
    ):
        self.tracked, self.committed, self.started = tracked, committed, started

    def tracked_as(self, path: str) -> str | None:
        return self.tracked

    def committed_at(self) -> tuple[str, datetime]:
        if self.committed is None:
            raise ReportError("there is no commit to compare the report with", where="git")
        return "1a2b3c4d5e6f", self.committed

    def pipeline_started_at(self) -> datetime | None:
        return self.started


AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
STARTED = {**GITLAB, "CI_PIPELINE_CREATED_AT": f"{AT:%Y-%m-%dT%H:%M:%SZ}"}
CHILD = {**STARTED, "CI_PIPELINE_SOURCE": "parent_pipeline"}
GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true"}
KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("environ", "fresh", "world", "expected"),
    [
        ({}, None, {"committed": AT}, "accepted"),
        ({}, None, {"committed": AT, "tracked": "x"}, "git tracks x"),
        ({}, "any", {"committed": AT, "tracked": "x"}, "accepted"),
        ({}, "commit", {"committed": AT}, "before the commit 1a2b3c4d5e"),
        ({}, "commit", {"committed": AT - 2 * HOUR}, "accepted"),
        ({}, "pipeline", {"committed": AT}, "before the commit 1a2b3c4d5e"),
        ({}, "commit", {}, "there is no commit"),
        (GITLAB, None, {"committed": AT}, "before the commit 1a2b3c4d5e"),
        (GITLAB, None, {"committed": AT - 2 * HOUR}, "accepted"),
        (GITLAB, "pipeline", {"committed": AT - 2 * HOUR}, "is not known"),
        (STARTED, None, {"committed": AT - 2 * HOUR}, "before this pipeline was started"),
        (STARTED, "commit", {"committed": AT - 2 * HOUR}, "accepted"),
        (STARTED, "any", {"tracked": "x"}, "accepted"),
        (CHILD, None, {"committed": AT - 2 * HOUR}, "accepted"),
        (CHILD, None, {"committed": AT}, "before the commit 1a2b3c4d5e"),
        (CHILD, "pipeline", {"committed": AT - 2 * HOUR}, "before this pipeline was started"),
        ({**STARTED, "CI_PIPELINE_CREATED_AT": "soon"}, None, {"committed": AT}, "before the commit 1a2b3c4d5e"),
        ({**STARTED, "CI_PIPELINE_CREATED_AT": "soon"}, "pipeline", {"committed": AT - DAY}, "is not known"),
        (GITHUB, None, {"committed": AT}, "before the commit 1a2b3c4d5e"),
        (GITHUB, "pipeline", {"started": AT}, "before this pipeline was started"),
        (GITHUB, "pipeline", {"started": AT - 2 * HOUR}, "accepted"),
        (GITHUB, "pipeline", {}, "is not known"),
        (KUBERNETES, None, {"committed": AT}, "before the commit 1a2b3c4d5e"),
        ({"CI": "false"}, None, {"committed": AT}, "accepted"),
    ],
)  # fmt: skip
def test_place_and_policy_decide_what_a_report_of_an_hour_ago_is_worth(
    tmp_path: Path, environ: Mapping[str, str], fresh: Any, world: dict[str, Any], expected: str
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "reports").mkdir()
    write(tmp_path, SARIF, at=AT - HOUR)
    asking: Asking = World(**world)  # type: ignore[assignment]

    try:
        Freshness(Workspace(tmp_path), asking, environ).require("reports/report", None, fresh=fresh)
        said = "accepted"
    except ReportError as error:
        said = str(error)

    assert expected in said
