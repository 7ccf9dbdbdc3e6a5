"""The trivy gate with a real Trivy, through the command as a user runs it. No network is needed, nor used."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from tests.command import deliverygate

pytestmark = pytest.mark.real

# Put together here, so that no scanner finds it in this file.
SECRET = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
NEIGHBOUR = "hunter2-in-the-line-above"
OFFLINE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}


@pytest.fixture(scope="session")
def trivy():
    folder = os.environ.get("DELIVERYGATE_TOOLS")
    if not folder:
        pytest.skip("DELIVERYGATE_TOOLS does not name the folder of the tools; scripts/test --real does")
    program = Path(folder) / "trivy"
    assert program.is_file(), f"{program} is missing; scripts/build-tools trivy builds it"
    return program


@pytest.fixture
def run(tmp_path, trivy):
    """Judge a stage of one trivy gate: what ran, and the gate's checks by name."""

    def run_stage(settings):
        gate = {"gate": "trivy", "program": str(trivy)} | settings
        policy = {"version": 1, "stages": {"build": [gate]}}
        (tmp_path / ".deliverygate.yml").write_text(json.dumps(policy))
        ran = deliverygate("run", "build", folder=tmp_path, environ={**OFFLINE, "TRIVY_CACHE_DIR": str(tmp_path / "c")})
        report = msgspec.json.decode((tmp_path / ".deliverygate/out/build/report.json").read_bytes())
        return ran, {check["name"]: check for check in report["gates"][0]["checks"]}

    return run_stage


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_bad_dockerfile_blocks_with_file_line_and_remedy(tmp_path, run):
    write(tmp_path, "app/Dockerfile", "FROM alpine\nRUN apk add curl\n")

    ran, checks = run({"config": "app", "fail_on": "high"})

    broken = {(each["rule"], each["location"]["path"]) for each in checks["high findings"]["findings"]}
    assert ran.status == 1
    assert broken == {("DS-0002", "app/Dockerfile"), ("DS-0025", "app/Dockerfile")}
    assert "USER" in checks["high findings"]["mend"]


def test_good_dockerfile_passes_because_trivy_says_that_it_looked_at_it(tmp_path, run):
    write(tmp_path, "Dockerfile", "FROM alpine:3.20\nRUN apk add --no-cache curl\nUSER nobody\nHEALTHCHECK CMD true\n")

    ran, checks = run({"config": ".", "classes": ["config"], "fail_on": "low"})

    assert ran.status == 0, ran.stdout
    assert checks["classes looked at"]["verdict"] == "passed"


def test_folder_without_configuration_is_no_evidence(tmp_path, run):
    write(tmp_path, "app/README", "hello")

    ran, checks = run({"config": "app"})

    assert (ran.status, checks["report trivy config app"]["summary"]) == (3, "holds no Results: nothing was scanned")


def test_lock_file_is_no_evidence_that_a_configuration_was_looked_at(tmp_path, run):
    lock = {"name": "x", "lockfileVersion": 2, "packages": {"node_modules/lodash": {"version": "4.17.4"}}}
    write(tmp_path, "app/package-lock.json", json.dumps(lock))

    ran, checks = run({"config": "app"})

    said = "holds results of lang-pkgs only, which say nothing of misconfig: nothing was looked at"
    assert (ran.status, checks["report trivy config app"]["summary"]) == (3, said)


def test_planted_secret_blocks_and_appears_in_no_output(tmp_path, run):
    write(tmp_path, "src/deploy.sh", f"# {NEIGHBOUR}\nGITHUB_PAT={SECRET}\n")

    ran, checks = run({"fs": "src", "scanners": ["secret"]})

    outputs = [path.read_text() for path in (tmp_path / ".deliverygate").rglob("*") if path.is_file()]
    assert ran.status == 1
    (place,) = (each["location"] for each in checks["critical findings"]["findings"])
    assert (place["path"], place["line"]) == ("src/deploy.sh", 2)
    assert len(outputs) >= 5
    for text in (ran.stdout, ran.stderr, *outputs):
        assert SECRET not in text
        assert SECRET[:12] not in text
        assert NEIGHBOUR not in text


def test_files_of_the_change_cannot_loosen_the_scan(tmp_path, run):
    write(tmp_path, "src/deploy.sh", f"GITHUB_PAT={SECRET}\n")
    write(tmp_path, "trivy.yaml", "severity: [LOW]\nscan:\n  skip-files: ['**']\n")
    write(tmp_path, "trivy-secret.yaml", "disable-rules: [github-pat]\n")

    ran, _ = run({"fs": "src", "scanners": ["secret"]})

    assert ran.status == 1


@pytest.mark.parametrize(("honored", "status"), [("all", 0), ("none", 1)])
def test_ignore_file_is_shown_and_believed_only_where_the_policy_says_so(tmp_path, run, honored, status):
    write(tmp_path, "Dockerfile", "FROM alpine:3.20\nRUN apk add --no-cache curl\nHEALTHCHECK CMD true\n")
    write(tmp_path, ".trivyignore", "DS-0002\n")

    ran, checks = run({"config": ".", "honor_suppressions": honored})

    shown = checks["high findings"].get("noted", []) + checks["high findings"].get("findings", [])
    assert (ran.status, [each["rule"] for each in shown]) == (status, ["DS-0002"])


def test_scan_for_vulnerabilities_without_a_database_is_an_error_in_trivys_own_words(tmp_path, run):
    lock = {"name": "x", "lockfileVersion": 2, "packages": {"node_modules/lodash": {"version": "4.17.4"}}}
    write(tmp_path, "app/package-lock.json", json.dumps(lock))

    ran, checks = run({"fs": "app"})

    (check,) = checks.values()
    assert (ran.status, check["name"], check["verdict"]) == (3, "report trivy fs app", "error")
    assert "ended with status 1" in check["summary"]
    assert "failed to download vulnerability DB" in check["summary"]
    assert "FATAL" in check["details"]
    assert "ended with status 1" in ran.stdout


def test_target_that_is_not_there_is_an_error(run):
    ran, checks = run({"config": "gone"})

    assert (ran.status, checks["report trivy config gone"]["mend"]) == (3, "check the target")
