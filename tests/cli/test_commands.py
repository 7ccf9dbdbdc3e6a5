"""The other commands: scan, report, config, gates, init."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from deliverygate import __version__
from tests.command import deliverygate

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
BUILT_IN = sorted(PROJECT["entry-points"]["deliverygate.gates"])
SAMPLES = Path(__file__).parents[1] / "samples"
POLICY = """\
version: 1
stages:
  build:
    - gate: static-analysis
      scans: [scan.json]
      min_score: ${SCORE:-50}
      max: {critical: 0}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".deliverygate.yml").write_text(POLICY)
    (tmp_path / "scan.json").write_bytes((SAMPLES / "eslint/scan.json").read_bytes())
    return tmp_path


def test_version_is_one_line(folder: Path) -> None:
    assert deliverygate("--version", folder=folder).stdout == f"deliverygate {__version__}\n"


def test_help_lists_commands_and_exit_codes(folder: Path) -> None:
    stdout = deliverygate("--help", folder=folder).stdout

    assert re.search(r"^  run +Run the gates of a stage$", stdout, re.MULTILINE)
    assert "  4  blocked because a gate was inconclusive, or nothing was judged\n" in stdout


def test_scan_prints_one_object_with_the_promised_keys(folder: Path) -> None:
    ran = deliverygate("scan", "--json", "scan.json", folder=folder)

    assert ran.status == 0
    assert json.loads(ran.stdout) == {
        "file": "scan.json", "format": "eslint", "kind": "findings", "tool": "ESLint", "version": None, "findings": 2,
        "suppressed": 0, "analysed": 3, "complete": True, "notes": [],
        "by_severity": {"UNKNOWN": 0, "INFO": 0, "LOW": 0, "MEDIUM": 1, "HIGH": 1, "CRITICAL": 0},
    }  # fmt: skip


def test_scan_reads_a_checklist(folder: Path) -> None:
    (folder / "change.md").write_text("# Shop\n\n- [x] Tests **added**\n- [ ] Docs\n\n```\n- [ ] not an item\n```\n")

    ran = deliverygate("scan", "--json", "--format", "checklist", "change.md", folder=folder)

    assert ran.status == 0
    assert json.loads(ran.stdout)["items"] == [
        {"text": "Tests added", "checked": True, "section": "Shop"},
        {"text": "Docs", "checked": False, "section": "Shop"},
    ]


@pytest.mark.parametrize(
    ("content", "arguments", "status", "said"),
    [
        (b"", [], 3, "x: is empty (0 bytes); "),
        (b"[]", ["--format", "eslint"], 3, "x: "),
        (b"no task", ["--format", "checklist"], 3, "x: holds no task item; write items as `- [ ] what is to be done`"),
        (b"\xff\xfe\x00", [], 3, "x: "),
        (b"{}", ["--format", "sarfi"], 2, "--format: 'sarfi' is not a format that can be read; did you mean 'sarif'?"),
        (None, [], 3, "x: no such file; check the path"),
    ],
    ids=["empty", "nothing linted", "no items", "half a character", "unknown format", "missing"],
)
def test_scan_says_why_a_file_is_no_evidence(
    folder: Path, content: bytes | None, arguments: list[str], status: int, said: str
) -> None:
    if content is not None:
        (folder / "x").write_bytes(content)

    ran = deliverygate("scan", "x", *arguments, folder=folder)

    assert ran.status == status
    assert ran.errors[0].startswith(said)


def test_scan_reads_standard_input(folder: Path) -> None:
    ran = deliverygate("scan", "--json", "-", folder=folder, given=(folder / "scan.json").read_text())

    assert (ran.status, json.loads(ran.stdout)["findings"]) == (0, 2)


def test_report_renders_an_earlier_run_again(folder: Path) -> None:
    deliverygate("run", "build", folder=folder)
    out = folder / ".deliverygate/out/build"

    ran = deliverygate("report", "--from", str(out / "report.json"), "--format", "junit", folder=folder)

    assert (ran.status, ran.stdout) == (0, (out / "junit.xml").read_text())


def test_report_refuses_one_whose_verdict_was_edited(folder: Path) -> None:
    deliverygate("run", "build", "--set", "build.static-analysis.min_score=99", folder=folder)
    path = folder / ".deliverygate/out/build/report.json"
    path.write_text(path.read_text().replace('"allowed":false', '"allowed":true'))

    ran = deliverygate("report", "--from", str(path), folder=folder)

    assert (ran.status, ran.stdout) == (3, "")
    assert ran.errors[0].startswith(f"{path}: ")


def test_config_show_tells_where_each_value_came_from(folder: Path) -> None:
    ran = deliverygate(
        "config", "show", "--set", "build.static-analysis.unknown=warn", folder=folder, environ={"SCORE": "60"}
    )

    lines = ran.stdout.splitlines()
    assert "build.static-analysis.min_score = 60.0   (.deliverygate.yml:6 from $SCORE)" in lines
    assert 'build.static-analysis.unknown = "warn"   (--set build.static-analysis.unknown)' in lines
    assert 'build.static-analysis.count_from = "medium"   (default)' in lines


def test_config_check_runs_nothing_and_finds_every_fault(folder: Path) -> None:
    (folder / ".deliverygate.yml").write_text(POLICY + "      unknwon: warn\n    - gate: trviy\n")

    ran = deliverygate("config", "check", folder=folder)

    assert (ran.status, ran.stdout) == (2, "")
    assert ran.errors == [
        ".deliverygate.yml:8: stages.build[0].unknwon: unknown setting; did you mean 'unknown'?",
        ".deliverygate.yml:9: stages.build[1].gate: no gate 'trviy' is installed; did you mean 'trivy'?",
    ]


def test_config_schema_accepts_the_policy_and_refuses_an_unknown_setting(folder: Path) -> None:
    schema = json.loads(deliverygate("config", "schema", folder=folder).stdout)
    policy = yaml.safe_load(POLICY.replace("${SCORE:-50}", "50"))
    wrong = yaml.safe_load(POLICY.replace("min_score", "min_socre"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(policy, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_gates_lists_those_that_come_along(folder: Path) -> None:
    names = [line.split()[0] for line in deliverygate("gates", folder=folder).stdout.splitlines()]

    assert names == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_gates_explain_names_every_setting(folder: Path, name: str) -> None:
    from deliverygate.registry import load

    ran = deliverygate("gates", "explain", name, folder=folder)

    named = {line.split()[0] for line in ran.stdout.splitlines() if line.startswith("  ") and line.split()}
    assert ran.status == 0, ran.stderr
    assert set(load(name).settings.__struct_encode_fields__) <= named


def test_gates_explain_knows_what_was_meant(folder: Path) -> None:
    ran = deliverygate("gates", "explain", "trviy", folder=folder)

    assert (ran.status, ran.errors) == (2, ["no gate 'trviy' is installed; did you mean 'trivy'?"])


@pytest.mark.parametrize(
    ("there", "template"),
    [
        (".gitlab-ci.yml", ".gitlab/merge_request_templates/Default.md"),
        (".github/workflows/ci.yml", ".github/pull_request_template.md"),
        ("package.json", ".deliverygate/change.md"),
        ("uv.lock", ".deliverygate/change.md"),
        ("Dockerfile", ".deliverygate/change.md"),
    ],
)
def test_init_writes_a_policy_that_has_no_fault(tmp_path: Path, there: str, template: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("")

    ran = deliverygate("init", folder=tmp_path)
    check = deliverygate(
        "config", "check", folder=tmp_path, environ={"SERVICE_URL": "https://shop.example", "IMAGE": "shop:1"}
    )

    assert ran.stdout.splitlines() == [
        "written  .deliverygate.yml",
        "written  .deliverygate/waivers.yml",
        f"written  {template}",
    ]
    assert (check.status, check.stderr) == (0, "")


def test_init_overwrites_nothing(folder: Path) -> None:
    ran = deliverygate("init", folder=folder)

    assert ran.stdout.splitlines()[0] == "kept     .deliverygate.yml"
    assert (folder / ".deliverygate.yml").read_text() == POLICY
