"""The package that docs/writing-a-gate.md describes, made of its own code blocks, installed and used."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from plumbum import local

from tests.architecture.markdown import page
from tests.command import Ran, deliverygate

PAGE = page("docs/writing-a-gate.md")
NAMED_BLOCK = re.compile(r"`(\w+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)

AUDIT = {
    "advisories": {
        "symfony/http-kernel": [
            {"advisoryId": "PKSA-1", "packageName": "symfony/http-kernel", "title": "Host header", "severity": "high"},
            {"advisoryId": "PKSA-2", "packageName": "symfony/http-kernel", "title": "Cache", "severity": "grave"},
        ]
    },
    "abandoned": [],
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The author's modules and what an installer writes beside them."""
    folder = tmp_path / "site"
    info = folder / "changelog_gate-1.0.dist-info"
    info.mkdir(parents=True)
    for name, code in NAMED_BLOCK.findall(PAGE.path.read_text()):
        (folder / name).write_text(code)
    groups = tomllib.loads(PAGE.blocks("toml")[0])["project"]["entry-points"]
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in found.items())
        for group, found in groups.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: changelog-gate\nVersion: 1.0\n")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with the page's policy, on a branch that changes what users notice."""
    folder = tmp_path / "shop"
    (folder / "shop").mkdir(parents=True)
    (folder / ".deliverygate.yml").write_text(PAGE.blocks("yaml")[0])
    git = local["git"].with_cwd(folder)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "Open the shop")
    git("switch", "--quiet", "--create", "change")
    (folder / "shop" / "basket.py").write_text("ITEMS = []\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "Add a basket")
    return folder


def run(*arguments: str, package: Path, folder: Path) -> Ran:
    return deliverygate(*arguments, folder=folder, environ={"PYTHONPATH": str(package)})


def test_every_python_block_has_a_name() -> None:
    assert [code for _, code in NAMED_BLOCK.findall(PAGE.path.read_text())] == list(PAGE.blocks("python"))


def test_the_pages_own_tests_pass(package: Path) -> None:
    pytest_ = local[sys.executable]["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--rootdir", package, package]

    status, output, _ = pytest_.with_env(PYTHONPATH=str(package)).run(retcode=None)

    assert (status, output.strip().splitlines()[-1].split(" in ")[0]) == (0, "3 passed")


def test_types_of_the_page_are_right(package: Path) -> None:
    modules = [str(path) for path in sorted(package.glob("*.py")) if not path.name.startswith("test_")]

    status, output, _ = (
        local[sys.executable]["-m", "mypy", "--strict", "--config-file", "", *modules]
        .with_cwd(package)
        .run(retcode=None)
    )

    assert (status, output) == (0, f"Success: no issues found in {len(modules)} source files\n")


def test_gate_is_listed_and_explained(package: Path, shop: Path) -> None:
    listed = run("gates", "list", package=package, folder=shop)
    explained = run("gates", "explain", "changelog", package=package, folder=shop)

    assert "changelog" in [line.split()[0] for line in listed.stdout.splitlines()]
    assert explained.stdout.startswith("changelog: Demand an entry in the changelog for what users notice\n")


def test_gate_blocks_until_the_changelog_says_what_is_new(package: Path, shop: Path) -> None:
    before = run("run", "pre-merge", package=package, folder=shop)

    (shop / "CHANGELOG.md").write_text("- A basket\n")
    git = local["git"].with_cwd(shop)
    git("add", ".")
    git("commit", "--quiet", "--message", "Tell of the basket")
    after = run("run", "pre-merge", package=package, folder=shop)

    assert (before.status, after.status) == (1, 0)
    assert "1 files that users notice, no entry in CHANGELOG.md" in before.stdout


def test_wrong_setting_is_answered_with_its_line(package: Path, shop: Path) -> None:
    policy = shop / ".deliverygate.yml"
    policy.write_text(policy.read_text().replace('["shop/**"]', "[]"))

    ran = run("config", "check", package=package, folder=shop)

    assert ran.status == 2
    assert ran.errors[0].startswith(".deliverygate.yml:4: ")
    assert "`when` is empty; name the files that users notice" in ran.errors[0]


def test_reader_is_found_by_content(package: Path, shop: Path) -> None:
    (shop / "audit.json").write_text(json.dumps(AUDIT))

    ran = run("scan", "--json", "audit.json", package=package, folder=shop)

    told = json.loads(ran.stdout)
    assert (told["format"], told["findings"], told["by_severity"]["HIGH"], told["by_severity"]["UNKNOWN"]) == (
        "composer-audit", 2, 1, 1,
    )  # fmt: skip


def test_renderer_writes_its_format(package: Path, shop: Path) -> None:
    run("run", "pre-merge", package=package, folder=shop)

    ran = run(
        "report", "--from", ".deliverygate/out/pre-merge/report.json", "--format", "csv", package=package, folder=shop
    )

    assert ran.stdout.splitlines() == [
        "gate,check,verdict,summary",
        'changelog,changelog entry,failed,"1 files that users notice, no entry in CHANGELOG.md"',
    ]


def test_every_door_is_in_the_table() -> None:
    from deliverygate.gate import GateContext

    doors = {name for name in (*dir(GateContext), *GateContext.__dataclass_fields__) if not name.startswith("_")}

    assert sorted(doors - {"read_scan", "law_files"} - PAGE.code) == []
