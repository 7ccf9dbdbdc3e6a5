"""The example, stage by stage, through the installed command: exit code, what a person reads, the JUnit as a whole."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from plumbum import local

from tests.architecture.markdown import page
from tests.architecture.source import ROOT
from tests.command import Ran, deliverygate
from tests.end_to_end.shop import EXAMPLE, Shop, open_shop, serving

SAMPLES = ROOT / "tests" / "samples"
WORDS = {Failure: "failure", Error: "error", Skipped: "skipped"}


@pytest.fixture
def faulty(tmp_path: Path) -> Shop:
    return open_shop(tmp_path / "shop", "faulty")


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What a person reads when the faulty change wants to be merged, its blanks in a row joined."""
    ran = open_shop(tmp_path_factory.mktemp("blocked") / "shop", "faulty").run("pre-merge")
    return Ran(ran.status, re.sub(r" +", " ", ran.stdout), ran.stderr)


@pytest.fixture
def mended(tmp_path: Path) -> Shop:
    return open_shop(tmp_path / "shop", "mended")


def results(junit: Path) -> dict[str, dict[str, str]]:
    """Suite to case to ``passed``, ``failure``, ``error`` or ``skipped``, as another library reads the file."""
    suites = [suite for suite in JUnitXml.fromfile(str(junit)) if isinstance(suite, TestSuite)]
    return {str(suite.name): {str(case.name): outcome(case) for case in suite} for suite in suites}


def outcome(case: TestCase) -> str:
    return " ".join(WORDS[type(result)] for result in case.result if type(result) in WORDS) or "passed"


def verdicts(ran: Ran) -> list[str]:
    """The line of each gate, without its time, and the last line."""
    first, *_ = ran.stdout.split("\n\n")
    lines = [" ".join(re.sub(r", [\d.]+ s$", "", line).split()) for line in first.splitlines()]
    return [*lines, " ".join(ran.stdout.splitlines()[-1].split())]


def test_faulty_change_is_blocked_by_all_four_gates_before_the_merge(faulty: Shop) -> None:
    ran = faulty.run("pre-merge")

    assert ran.status == 1
    assert verdicts(ran) == [
        "FAILED pr-checklist 4 of 9 checks failed",
        "FAILED eslint 2 of 6 checks failed",
        "FAILED ruff 1 of 4 checks failed",
        "FAILED trivy 1 of 7 checks failed",
        "BLOCKED pre-merge: a rule of the policy is broken: pr-checklist, eslint, ruff, trivy",
    ]
    assert results(faulty.junit) == {
        "pre-merge/pr-checklist": {
            "description": "passed",
            "template": "passed",
            "required items": "failure",
            "items": "failure",
            "nested items": "skipped",
            "section: Summary": "passed",
            "linked issue": "failure",
            "title": "passed",
            "placeholders": "failure",
        },
        "pre-merge/eslint": {
            "report reports/faulty/eslint.json": "passed",
            "critical findings": "passed",
            "high findings": "failure",
            "findings of unknown severity": "passed",
            "other findings": "passed",
            "score": "failure",
        },
        "pre-merge/ruff": {
            "report reports/faulty/ruff.sarif": "passed",
            "critical findings": "passed",
            "high findings": "failure",
            "findings of unknown severity": "passed",
        },
        "pre-merge/trivy": {
            "report reports/faulty/trivy-packages.json": "passed",
            "report reports/faulty/trivy-dockerfile.json": "passed",
            "end of life": "passed",
            "critical findings": "passed",
            "high findings": "failure",
            "findings of unknown severity": "passed",
            "other findings": "passed",
        },
    }


@pytest.mark.parametrize(
    "line",
    [
        '"Tests show the new behaviour": ticked, but none of the 4 changed files fits tests/**',
        '"The linters are content": ticked, but the gate `eslint` failed',
        "score ESLint 66.6 %, at least 90 % wanted (2 of 3 files clean)",
        "routes/basketItems.js:19:11 Generic Object Injection Sink",
        "catalogue.py:25:27 Possible SQL injection vector",
        "high DS-0002 Dockerfile Specify at least 1 USER command",
        "waived: CVE-2017-20165 package-lock.json debug formats our own log lines only",
    ],
)
def test_faulty_change_is_told(line: str, blocked: Ran) -> None:
    assert line in blocked.stdout


def test_mended_change_is_allowed_and_its_waiver_shown(mended: Shop) -> None:
    ran = mended.run("pre-merge")

    assert (ran.status, verdicts(ran)) == (
        0,
        [
            "PASSED pr-checklist 9 checks",
            "PASSED eslint 5 checks",
            "PASSED ruff 4 checks",
            "PASSED trivy 7 checks",
            "ALLOWED pre-merge: every gate that blocks has passed",
        ],
    )
    assert "waived: CVE-2017-20165  package-lock.json" in ran.stdout


def test_mended_build_is_allowed(mended: Shop) -> None:
    ran = mended.run("build")

    assert ran.status == 0
    assert results(mended.junit) == {
        "build/unit-tests": {"unit tests": "passed"},
        "build/trivy-image": {
            "report reports/mended/trivy-image.json": "passed",
            "classes looked at": "passed",
            "end of life": "passed",
            "critical findings": "passed",
            "high findings": "passed",
            "findings of unknown severity": "passed",
        },
    }


def test_image_of_an_old_system_is_blocked(faulty: Shop) -> None:
    ran = faulty.run("build")

    assert ran.status == 1
    assert "end of life  alpine 3.10.2 gets no more security updates" in ran.stdout


def test_half_a_report_is_no_evidence(mended: Shop) -> None:
    report = mended.folder / "reports/mended/trivy-image.json"
    report.write_bytes(report.read_bytes()[:200])

    ran = mended.run("build")

    assert (ran.status, verdicts(ran)[-1]) == (3, "BLOCKED build: a gate could not judge: trivy-image")
    assert results(mended.junit) == {
        "build/unit-tests": {"unit tests": "passed"},
        "build/trivy-image": {"report reports/mended/trivy-image.json": "error"},
    }


@pytest.fixture
def rolled_out(mended: Shop) -> Shop:
    ran = mended.run("deploy", "--output", str(mended.folder.parent / "deploy"))
    assert (ran.status, verdicts(ran)[0]) == (0, "PASSED roll-out 1 check")
    return mended


def test_server_that_was_rolled_out_is_healthy(rolled_out: Shop) -> None:
    with serving(rolled_out) as address:
        ran = rolled_out.run("post-deploy", environ={"SHOP_URL": address})

    assert ran.status == 0
    assert results(rolled_out.junit) == {
        "post-deploy/health": {
            "health": "passed",
            "health: version": "passed",
            "ready": "passed",
            "products": "passed",
            "products: availability": "passed",
            "products: p90": "passed",
            "something is for sale": "passed",
        }
    }


def test_server_of_another_version_is_blocked(rolled_out: Shop) -> None:
    with serving(rolled_out) as address:
        ran = rolled_out.run("post-deploy", environ={"SHOP_URL": address, "VERSION": "1.5.0"})

    assert ran.status == 1
    assert "1.4.0 (1 of 1), wanted 1.5.0 (version_mismatch)" in ran.stdout


SICK = {
    "post-deploy/health": {
        "health": "failure",
        "health: version": "skipped",
        "ready": "failure",
        "products": "skipped",
        "products: availability": "skipped",
        "products: p90": "skipped",
        "something is for sale": "skipped",
    }
}


def test_unhealthy_body_is_blocked_although_the_status_is_200(rolled_out: Shop) -> None:
    with serving(rolled_out) as address:
        (rolled_out.folder / "live" / "catalogue.db").unlink()
        ran = rolled_out.run("post-deploy", environ={"SHOP_URL": address})

    assert ran.status == 1
    assert results(rolled_out.junit) == SICK
    assert [line.strip() for line in ran.stdout.splitlines() if line.strip().startswith(("status", "json status"))] == [
        "status 200, wanted 200",
        'json status "DOWN", wanted "UP"',
        "status 503, wanted 200-299",
    ]


def test_no_server_is_blocked(rolled_out: Shop) -> None:
    with serving(rolled_out) as address:
        pass  # it is gone, and its port with it

    ran = rolled_out.run("post-deploy", environ={"SHOP_URL": address})

    assert ran.status == 1
    assert results(rolled_out.junit) == SICK


@pytest.mark.parametrize(
    ("report", "sample"),
    [
        ("faulty/eslint.json", "eslint/scan.json"),
        ("faulty/trivy-packages.json", "trivy/npm-with-suppressed.json"),
        ("mended/trivy-packages.json", "trivy/npm-with-suppressed.json"),
        ("faulty/trivy-dockerfile.json", "trivy/dockerfile.json"),
        ("faulty/trivy-image.json", "trivy/alpine-310.json"),
        ("mended/trivy-image.json", "trivy/scheme_2_no_vuln.json"),
    ],
)
def test_report_from_elsewhere_is_unaltered(report: str, sample: str) -> None:
    assert (EXAMPLE / "reports" / report).read_bytes() == (SAMPLES / sample).read_bytes()


@pytest.mark.parametrize("state", ["faulty", "mended"])
def test_ruff_still_says_of_the_change_what_its_report_says(state: str, tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "shop", state)
    ruff = local[Path(sys.executable).with_name("ruff")].with_cwd(shop.folder)

    _, said, _ = ruff["check", "--no-cache", "--output-format", "sarif", "."].run(retcode=(0, 1))

    assert places(said) == places((shop.folder / "reports" / state / "ruff.sarif").read_text())


def places(sarif: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of each result."""
    found = json.loads(sarif)["runs"][0]["results"]
    spots = [(result["ruleId"], result["locations"][0]["physicalLocation"]) for result in found]
    return [(rule, Path(spot["artifactLocation"]["uri"]).name, spot["region"]["startLine"]) for rule, spot in spots]


def test_readme_shows_what_its_policy_really_says(tmp_path: Path) -> None:
    readme = page("README.md")
    (policy,) = (block for block in readme.blocks("yaml") if block.startswith("version:"))
    (shown,) = (block for block in readme.blocks("console") if block.startswith("$ deliverygate run pre-merge\n"))
    (tmp_path / ".deliverygate.yml").write_text(policy)
    commit_on(tmp_path, "main", "Add a policy")
    (tmp_path / "search.js").write_text("// to come\n")
    commit_on(tmp_path, "search", "Begin the search")
    (tmp_path / "reports").mkdir()
    shutil.copy(EXAMPLE / "reports/faulty/eslint.json", tmp_path / "reports/eslint.json")
    shutil.copy(EXAMPLE / "reports/faulty/trivy-packages.json", tmp_path / "reports/trivy.json")

    ran = deliverygate("run", "pre-merge", folder=tmp_path)

    told = f"$ deliverygate run pre-merge\n{ran.stdout}$ echo $?\n{ran.status}\n"
    assert without_times(told) == without_times(shown)


def commit_on(folder: Path, branch: str, message: str) -> None:
    git = local["git"].with_cwd(folder)
    if not (folder / ".git").exists():
        git("init", "--quiet", f"--initial-branch={branch}")
    else:
        git("switch", "--quiet", "--create", branch)
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d s$", "0.0 s", text, flags=re.MULTILINE)


def test_policy_of_the_example_has_no_fault(faulty: Shop) -> None:
    ran = deliverygate("config", "check", folder=faulty.folder)

    assert (ran.status, ran.stdout) == (0, ".deliverygate.yml: no fault in 4 stages, 8 gates\n")
