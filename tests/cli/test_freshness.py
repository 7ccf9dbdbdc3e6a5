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
    "static-analysis": ("scans: reports/sarif", SARIF),
    "tests": ("reports: reports/junit", JUNIT),
    "coverage": ("reports: reports/lcov, min_total: 1", LCOV),
    "vulnerabilities": ("reports: reports/grype", GRYPE),
    "trivy": ("report: reports/trivy", TRIVY),
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


def run(folder: Path, more: str = "", *gates: str, **environ: str) -> tuple[int, str]:
    """One gate of each kind that is named, or of static analysis; all read the same file unless they say so."""
    listed = "".join(f"    - {{ gate: {gate}, {GATES[gate][0]}{more} }}\n" for gate in gates or ("static-analysis",))
    return run_policy(folder, listed, **environ)


def run_policy(folder: Path, gates: str, **environ: str) -> tuple[int, str]:
    (folder / ".deliverygate.yml").write_text(f"version: 1\nstages:\n  s:\n{gates}")
    ran: Ran = deliverygate("run", "s", "--platform", "git", "--no-publish", folder=folder, environ=environ)
    return ran.status, ran.stdout


def verdicts(folder: Path) -> dict[str, str]:
    report = json.loads((folder / ".deliverygate/out/s/report.json").read_text())
    return {gate["id"]: gate["verdict"] for gate in report["gates"]}


def write(folder: Path, *, at: datetime = NOW) -> None:
    """A clean report for each gate."""
    for settings, content in GATES.values():
        put(folder / settings.partition(": ")[2].partition(",")[0], content, at=at)


def put(path: Path, content: str, *, at: datetime = NOW) -> Path:
    path.write_text(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.mark.parametrize("environ", [{}, GITLAB], ids=["locally", "in a pipeline"])
def test_report_that_the_change_has_committed_is_no_evidence(shop: Path, environ: dict[str, str]) -> None:
    write(shop)
    commit(shop)

    status, said = run(shop, "", *GATES, **environ)

    assert (status, verdicts(shop)) == (3, dict.fromkeys(GATES, "error"))
    assert said.count("is no evidence of this run, since git tracks it") == len(GATES)


def test_policy_may_accept_reports_that_git_tracks(shop: Path) -> None:
    write(shop)
    commit(shop)

    assert run(shop, ", fresh: any", *GATES, **GITLAB)[0] == 0


@pytest.mark.parametrize(
    ("more", "environ", "old", "new"),
    [("", GITLAB, 3, 0), ("", {}, 0, 0), (", fresh: commit", {}, 3, 0), (", fresh: any", GITLAB, 0, 0)],
    ids=["in a pipeline", "locally", "locally where the policy asks for it", "accepted"],
)
def test_report_of_an_earlier_run_is_no_evidence_in_a_pipeline(
    shop: Path, more: str, environ: dict[str, str], old: int, new: int
) -> None:
    found = []
    for at in (NOW - DAY, NOW):
        write(shop, at=at)
        found.append((run(shop, more, *GATES, **environ)[0], set(verdicts(shop).values())))

    words = {0: {"passed"}, 3: {"error"}}
    assert found == [(old, words[old]), (new, words[new])]


SETTINGS = {
    "static-analysis": "scans",
    "tests": "reports",
    "vulnerabilities": "reports",
    "trivy": "report",
    "coverage": "reports",
}
DATED = {
    "sarif": ("static-analysis", SARIF.replace('"results"', '"invocations":[{"endTimeUtc":"WHEN"}],"results"')),
    "begun": ("static-analysis", SARIF.replace('"results"', '"invocations":[{"startTimeUtc":"WHEN"}],"results"')),
    "junit": ("tests", JUNIT.replace(' name="s"', ' name="s" timestamp="WHEN"')),
    "grype": ("vulnerabilities", GRYPE.replace('"version"', '"timestamp":"WHEN","version"')),
    "cyclonedx": ("vulnerabilities", '{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":"WHEN","tools":[{"name":"grype"}]},'
                  '"components":[{"type":"library","name":"a","version":"1"}],"vulnerabilities":[]}'),
    "trivy": ("trivy", TRIVY.replace("{", '{"CreatedAt":"WHEN",', 1)),
    "coverage-py": ("coverage", '{"meta":{"version":"7.6","timestamp":"WHEN"},"files":{"a.py":{"executed_lines":[1],'
                    '"missing_lines":[]}},"totals":{"covered_lines":1,"num_statements":1}}'),
    "cobertura": ("coverage", '<coverage line-rate="1" timestamp="SECONDS"><packages><package><classes><class '
                  'filename="a.py"><lines><line number="1" hits="1"/></lines></class></classes></package></packages></coverage>'),
    "clover": ("coverage", '<coverage generated="SECONDS000"><project><file path="a.py"><line num="1" type="stmt" '
               'count="1"/></file></project></coverage>'),
    "jacoco": ("coverage", '<report name="x"><sessioninfo id="a" start="1" dump="SECONDS000"/><package name="">'
               '<sourcefile name="a.py"><line nr="1" ci="1" mi="0"/></sourcefile></package></report>'),
    "pyright": ("static-analysis", '{"version":"1","time":"SECONDS000","generalDiagnostics":[],'
                '"summary":{"filesAnalyzed":1}}'),
}  # fmt: skip


@pytest.mark.parametrize(("age", "verdict"), [(timedelta(), "passed"), (2 * DAY, "error")], ids=["new", "old"])
def test_new_file_with_an_old_date_in_it_is_no_evidence_in_a_pipeline(shop: Path, age: timedelta, verdict: str) -> None:
    at = NOW - age
    gates = ""
    for name, (gate, content) in DATED.items():
        dated = content.replace("WHEN", f"{at:%Y-%m-%dT%H:%M:%SZ}").replace("SECONDS", f"{at.timestamp():.0f}")
        put(shop / "reports" / name, dated)
        more = ", min_total: 1" if gate == "coverage" else ""
        gates += f"    - {{ gate: {gate}, id: {name}, {SETTINGS[gate]}: reports/{name}{more} }}\n"

    _, said = run_policy(shop, gates, **GITLAB)

    assert verdicts(shop) == dict.fromkeys(DATED, verdict)
    assert said.count("says that it was made on") == (len(DATED) if age else 0)


def test_one_committed_report_among_those_of_a_pattern_blocks(shop: Path) -> None:
    put(shop / "reports/committed", SARIF)
    commit(shop)
    put(shop / "reports/made", SARIF)

    status, said = run_policy(shop, "    - { gate: static-analysis, scans: 'reports/*' }\n")

    assert (status, "report reports/committed  is no evidence" in said) == (3, True)


def test_link_to_a_committed_report_is_no_evidence(shop: Path) -> None:
    put(shop / "kept", SARIF)
    commit(shop)
    (shop / "reports/sarif").symlink_to("../kept")

    status, said = run(shop)

    assert (status, "since git tracks kept" in said) == (3, True)


def test_committed_link_to_another_file_is_no_evidence(shop: Path) -> None:
    (shop / "reports/sarif").symlink_to("../other")
    commit(shop)
    put(shop / "other", SARIF)

    status, said = run(shop)

    assert (status, "since git tracks it" in said) == (3, True)


def test_report_in_a_submodule_is_as_committed_as_any(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    put(other / "sarif", SARIF)
    commit(other)
    (shop / "reports").rmdir()
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "reports")
    commit(shop)

    status, said = run(shop)

    assert (status, "since git tracks it" in said) == (3, True)


def test_report_that_was_only_taken_out_of_the_index_is_still_that_of_the_commit(shop: Path) -> None:
    put(shop / "reports/sarif", SARIF)
    commit(shop)
    git(shop, "rm", "-q", "--cached", "reports/sarif")

    assert run(shop)[0] == 3


def test_repository_without_a_commit_has_its_index(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(tmp_path / "reports/sarif", SARIF)
    git(tmp_path, "init", "-q")
    before = run(tmp_path)[0]
    git(tmp_path, "add", "reports")

    assert (before, run(tmp_path)[0]) == (0, 3)


def test_baseline_of_coverage_need_not_be_of_this_run(shop: Path) -> None:
    put(shop / "base.info", LCOV)
    commit(shop)
    write(shop)

    assert run(shop, ", not_below_baseline: base.info", "coverage", **GITLAB)[0] == 0


def test_bill_of_materials_that_trivy_is_run_on_must_be_of_this_run(shop: Path) -> None:
    put(shop / "bom.json", "{}")
    commit(shop)

    status, said = run_policy(shop, "    - { gate: trivy, sbom: bom.json }\n")

    assert (status, "since git tracks it" in said) == (3, True)


def test_report_without_a_repository_around_it_needs_no_git(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    put(tmp_path / "reports/sarif", SARIF)

    assert run(tmp_path, PATH="/nowhere")[0] == 0
    assert run(tmp_path, ", fresh: commit")[0] == 3


@pytest.mark.parametrize(("age", "verdict"), [(timedelta(), "passed"), (2 * DAY, "failed")], ids=["new", "old"])
def test_age_of_a_report_without_a_date_is_that_of_its_file(shop: Path, age: timedelta, verdict: str) -> None:
    write(shop, at=NOW - age)

    run(shop, ", max_age: 1d", *GATES)

    told = dict.fromkeys(("static-analysis", "tests", "coverage"), verdict)
    assert verdicts(shop) == {**told, "vulnerabilities": "inconclusive", "trivy": "inconclusive"}


@pytest.mark.parametrize(
    ("edited_first", "ci", "status"), [(True, {}, 1), (False, {}, 1), (True, GITLAB, 1)],
    ids=["edit, report", "report, edit", "in a pipeline"],
)  # fmt: skip
def test_uncommitted_lines_at_the_top_do_not_hide_what_stands_below(
    shop: Path, edited_first: bool, ci: dict[str, str], status: int
) -> None:
    """The change adds a call of eval as line 2. Six lines that nobody has committed make it line 8."""
    git(shop, "checkout", "-q", "-b", "feature")
    put(shop / "a.py", "1\neval(input())\n")
    commit(shop)
    line = 8 if edited_first else 2
    result = {
        "ruleId": "S307", "level": "error", "message": {"text": "eval"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": line}}}],
    }  # fmt: skip
    report = SARIF.replace("[]", json.dumps([result]))

    put(shop / "reports/sarif", report, at=NOW + timedelta(seconds=2 if edited_first else 0))
    put(shop / "a.py", "# one\n" * 6 + "1\neval(input())\n", at=NOW + timedelta(seconds=1))

    assert run(shop, ", scope: changed-lines", **ci)[0] == status


def test_new_files_that_nobody_has_committed_must_be_covered_where_they_are_measured(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    put(shop / "new.py", "1\n")
    put(shop / "notes.txt", "1\n")
    put(shop / "reports/lcov", LCOV + "SF:new.py\nDA:1,0\nend_of_record\n", at=NOW + timedelta(seconds=1))

    found = [
        run(shop, f", min_changed: 80, min_new_lines: 1{more}", "coverage")
        for more in ("", ", measured: '*.py'", ", measured: '*.txt'")
    ]

    assert [status for status, _ in found] == [1, 1, 4]
    assert "0.0 %, at least 80 % wanted (0 of 1 lines)" in found[0][1]
    assert "1 changed files are in no report: notes.txt" in found[2][1]


def test_coverage_from_before_an_edit_says_nothing_of_the_new_lines(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    put(shop / "reports/lcov", LCOV, at=NOW)
    put(shop / "a.py", "2\n", at=NOW + timedelta(seconds=1))

    status, said = run(shop, ", min_changed: 80", "coverage")

    assert (status, "a.py was edited on " in said, "run the tests again" in said) == (3, True, True)


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
    put(tmp_path / "reports/sarif", SARIF, at=AT - HOUR)
    asking: Asking = World(**world)  # type: ignore[assignment]

    try:
        Freshness(Workspace(tmp_path), asking, environ).require("reports/sarif", None, fresh=fresh)
        said = "accepted"
    except ReportError as error:
        said = str(error)

    assert expected in said
