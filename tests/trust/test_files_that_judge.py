"""Files that decide how something is judged are those of the target branch, and an edit of them is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path

import pytest

from deliverygate.errors import ReportError, ToolError
from deliverygate.gate import Completed
from deliverygate.testing import FakeClock, FakeShell, make_context, run_gate
from deliverygate_gates.trivy import gate as trivy
from deliverygate_gates.trivy.trust import KEPT, demand_harmless, on_disk
from tests.trust.test_law import on_main
from tests.trust.world import SYSTEMS, Judged, World, judge

CLEAN = json.dumps(
    {
        "SchemaVersion": 2,
        "ArtifactName": ".",
        "ArtifactType": "filesystem",
        "Results": [{"Target": "package-lock.json", "Class": "lang-pkgs", "Type": "npm"}],
    }
)


@dataclass
class Target:
    """The target branch as a gate sees it; what is put on the disk lies beside the workspace."""

    root: Path
    files: Mapping[str, str]
    used: list[str] = field(default_factory=list)

    def glob(self, pattern: str) -> tuple[str, ...]:
        found = tuple(sorted(path for path in self.files if path == pattern))
        if not found:
            raise ReportError("no file of the target branch fits this pattern", where=pattern)
        return found

    def has(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise ReportError("cannot be read (No such file or directory)", where=path)
        self.used.append(path)
        return self.files[path].encode()

    def path(self, path: str) -> str:
        self.root.mkdir(exist_ok=True)
        copy = self.root / Path(path).name
        copy.write_bytes(self.read(path))
        return str(copy)


def scanner(read: dict[str, str]) -> FakeShell:
    """Trivy, which notes what the files hold that its flags name."""

    def run(command: tuple[str, ...]) -> Completed:
        if "--version" in command:
            return Completed(0, b'{"Version": "0.71.0"}', b"", 0.1)
        flags = [each.partition("=")[::2] if "=" in each else (each, "") for each in command]
        for number, (flag, value) in enumerate(flags):
            named = value or (command[number + 1] if number + 1 < len(command) else "")
            if flag.startswith("--") and named.startswith("/") and named != "/dev/null":
                read[flag] = Path(named).read_text()
        return Completed(0, CLEAN.encode(), b"", 0.1)

    return FakeShell({"trivy": run}, clock=FakeClock())


SETTINGS = {
    "--config": {"trivy_config": "ci/file"},
    "--secret-config": {"secret_config": "ci/file"},
    "--ignore-policy": {"arguments": ["--ignore-policy=ci/file"]},
    "--ignorefile": {"arguments": ["--ignorefile=ci/file"]},
    "--vex": {"arguments": ["--vex=ci/file"]},
    "--config-check": {"arguments": ["--config-check=ci/file"]},
    "--config-data": {"arguments": ["--config-data=ci/file"]},
    "--config-file-schemas": {"arguments": ["--config-file-schemas=ci/file"]},
}


@pytest.mark.parametrize("flag", SETTINGS)
def test_a_file_that_configures_a_scan_is_that_of_the_target_branch(tmp_path: Path, flag: str) -> None:
    workspace = tmp_path / "job"
    (workspace / "ci").mkdir(parents=True)
    (workspace / "ci/file").write_text("of: the change\n")
    target, read = Target(tmp_path / "copies", {"ci/file": "of: the target\n"}), dict[str, str]()
    context = replaced(make_context(workspace, shell=scanner(read)), law_files=target)

    checks = run_gate(trivy, {"fs": ".", **SETTINGS[flag]}, context)

    assert (checks[0].verdict.value, read, target.used) == ("passed", {flag: "of: the target\n"}, ["ci/file"])


@pytest.mark.parametrize("flag", SETTINGS)
def test_a_file_that_configures_a_scan_and_is_only_in_the_change_is_an_error(tmp_path: Path, flag: str) -> None:
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci/file").write_text("of: the change\n")
    read: dict[str, str] = {}
    context = replaced(make_context(tmp_path, shell=scanner(read)), law_files=Target(tmp_path / "copies", {}))

    checks = run_gate(trivy, {"fs": ".", **SETTINGS[flag]}, context)

    assert (checks[0].verdict.value, read) == ("error", {})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ignorefile: .ignore\n", "ignorefile: .ignore"),
        ("ignore-policy: x.rego\n", "ignore-policy: x.rego"),
        ("vulnerability: { vex: [repo, vex.json] }\n", "vex: vex.json"),
        ("secret: { config: s.yaml }\n", "config: s.yaml"),
        ("rego: { check: [checks] }\n", "check: checks"),
        ("rego: { data: [../data] }\n", "data: ../data"),
        ("misconfiguration: { config-file-schemas: [s.json] }\n", "config-file-schemas: s.json"),
    ],
)
def test_a_configuration_that_leads_on_to_files_of_the_checkout_is_refused(
    tmp_path: Path, text: str, named: str
) -> None:
    (tmp_path / "trivy.yaml").write_text(text)

    with pytest.raises(ToolError) as raised:
        demand_harmless(str(tmp_path / "trivy.yaml"), "ci/trivy.yaml")

    assert raised.value.what == f"`{named}` would be read in the checkout, where a change could edit it"


def test_a_configuration_of_settings_and_of_files_elsewhere_is_taken(tmp_path: Path) -> None:
    (tmp_path / "trivy.yaml").write_text("scan: { skip-dirs: [vendor] }\nignorefile: /etc/trivy/ignore\nvex: repo\n")

    demand_harmless(str(tmp_path / "trivy.yaml"), "ci/trivy.yaml")


def test_a_whole_path_counts_by_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "job/.git").mkdir(parents=True)
    (tmp_path / "job/service").mkdir()
    (tmp_path / "outside.yaml").write_text("{}")
    context = make_context(tmp_path / "job/service")

    assert on_disk(f"{tmp_path}/outside.yaml", context) == f"{tmp_path}/outside.yaml"
    for path in (f"{tmp_path}/job/ci/trivy.yaml", f"{tmp_path}/job/service/trivy.yaml"):
        with pytest.raises(ReportError, match="lies in the checkout, where a change could edit it"):
            on_disk(path, context)


def test_no_variable_of_trivy_decides_what_it_finds(tmp_path: Path) -> None:
    deciding = (
        "TRIVY_CONFIG", "TRIVY_IGNOREFILE", "TRIVY_IGNORE_POLICY", "TRIVY_IGNORE_UNFIXED", "TRIVY_PKG_TYPES",
        "TRIVY_SEVERITY", "TRIVY_SKIP_DIRS", "TRIVY_SKIP_FILES", "TRIVY_VEX", "TRIVY_OFFLINE_SCAN", "TRIVY_SERVER",
        "TRIVY_SOMETHING_NEW",
    )  # fmt: skip
    environ = dict.fromkeys((*deciding, *KEPT, "HTTPS_PROXY", "DOCKER_CONFIG"), "x")
    shell = scanner({})

    run_gate(trivy, {"fs": "."}, make_context(tmp_path, shell=shell, environ=environ))

    assert shell.without == [tuple(sorted(deciding))] * 2
    page = (Path(__file__).parents[2] / "docs/gates/trivy.md").read_text()
    assert [name for name in sorted(KEPT) if f"`{name}`" not in page] == []


def told(judged: Judged) -> dict[str, str]:
    assert judged.report is not None, judged.ran.stderr
    return {check["name"]: check["summary"] for gate in judged.report["gates"] for check in gate["checks"]}


COVERAGE = """\
version: 1
stages:
  pre-merge:
    - { gate: coverage, reports: reports/cov.info, not_below_baseline: base.info }
"""


def lcov(covered: int) -> str:
    lines = "".join(f"DA:{line},{int(line <= covered)}\n" for line in range(1, 101))
    return f"TN:\nSF:src/app.js\n{lines}end_of_record\n"


def cover(world: World, base: bytes | None, change: str | None) -> Judged:
    """A run that measures 10 %, with the baseline of the target branch and that of the change."""
    on_main(world, {".deliverygate.yml": COVERAGE, "README.md": "1"})
    if base is not None:
        (world.clone / "base.info").write_bytes(base)
        on_main(world, {"README.md": "2"})
    world.change({"README.md": "3", **({} if change is None else {"base.info": change})})
    job = world.check_out()
    (job / "reports/cov.info").write_text(lcov(10))
    return judge(job, SYSTEMS["gitlab"](job))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_baseline_of_coverage_is_that_of_the_target_branch(world: World, encoding: str) -> None:
    judged = cover(world, lcov(90).encode(encoding), lcov(5))

    assert (judged.ran.status, told(judged)["coverage against the baseline"]) == (
        1,
        "10.0 %, at least 90 % wanted (10 of 100 lines; base.info of the target branch)",
    )
    assert "base.info" in told(judged)["changes of the policy"]


@pytest.mark.parametrize("base", [b"\xff\xfe\x00\xd8", b"", b"no report"], ids=["no text", "empty", "no report"])
def test_a_baseline_of_the_target_branch_that_cannot_be_read_is_an_error(world: World, base: bytes) -> None:
    judged = cover(world, base, lcov(5))

    assert (judged.ran.status, judged.report is not None) == (3, True)
    assert "coverage against the baseline" in told(judged)


def test_a_baseline_that_only_the_change_has_is_an_error(world: World) -> None:
    judged = cover(world, None, lcov(5))

    assert (judged.ran.status, told(judged)["coverage against the baseline"]) == (
        3,
        "base.info: is brought by the change, and the target branch has no such file",
    )


def test_a_baseline_that_a_job_has_fetched_counts(tmp_path: Path) -> None:
    (tmp_path / "kev.json").write_text("fetched")
    (tmp_path / "brought.json").write_text("brought")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/brought.json").write_text("brought")
    (tmp_path / "link").symlink_to("folder")
    target = Target(tmp_path / "copies", {"of-target.json": "target"})
    tracked = ("brought.json", "folder/brought.json", "link")
    context = replaced(make_context(tmp_path, tracked=tracked), law_files=target)

    assert [context.read_trusted(path) for path in ("kev.json", "of-target.json")] == [b"fetched", b"target"]
    for path in ("brought.json", "./brought.json", "folder/../brought.json", "link/brought.json"):
        with pytest.raises(ReportError, match="is brought by the change"):
            context.read_trusted(path)


LISTED = """\
version: 1
stages:
  pre-merge:
    - { gate: health, endpoints_from: endpoints.txt }
"""


def test_a_list_of_endpoints_is_that_of_the_target_branch(world: World) -> None:
    on_main(world, {".deliverygate.yml": LISTED, "endpoints.txt": "http://127.0.0.1:9/of-the-target\n"})
    world.change({"endpoints.txt": "http://127.0.0.1:9/of-the-change\n"})
    job = world.check_out()

    judged = judge(job, SYSTEMS["gitlab"](job))

    assert judged.report is not None
    assert "of-the-change" not in json.dumps(judged.report["gates"][0])
    assert "of-the-target" in json.dumps(judged.report["gates"][0])
    assert "endpoints.txt" in told(judged)["changes of the policy"]
