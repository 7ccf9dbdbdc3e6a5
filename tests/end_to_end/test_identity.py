"""Metamorphic tests: what may become of code and reports without making a finding new. Real tools, real reports."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from plumbum import local

from deliverygate.errors import ReportError
from deliverygate.judging.baseline.file import Known, describe_all
from deliverygate.judging.baseline.ledger import Ledger
from deliverygate.judging.surroundings import Surroundings
from deliverygate.model import Finding, Location, Scan
from deliverygate.scans import read
from deliverygate.workspace import Workspace
from tests.scans.samples import SAMPLES, read_json, read_sample

RULES = "ANN,PLR2004,D1,FBT,PLW,ARG,S,RET"  # rules of what code says, not of how it is laid out
FORMATS = {"json": "ruff", "sarif": "sarif"}


def lint(root: Path, form: str) -> Scan:
    """What Ruff finds below ``root``."""
    ruff = local[Path(sys.executable).with_name("ruff")]
    options = ("check", "--isolated", "--no-cache", "--exit-zero", "--select", RULES, "--output-format", form, "src")
    with local.cwd(root):
        written = ruff(*options)
    return read(written.encode(), path="ruff", format=FORMATS[form], root=root.as_posix())


def describe(root: Path, scan: Scan) -> tuple[Known, ...]:
    return describe_all(scan.findings, Surroundings(Workspace(root).peek).around)


def ledger(root: Path, known: tuple[Known, ...]) -> Ledger:
    workspace = Workspace(root)
    return Ledger(known, around=Surroundings(workspace.peek).around, is_there=workspace.has)


def news(ledger: Ledger, scan: Scan) -> list[Finding]:
    return [finding for finding in ledger.mark(scan).findings if finding.is_new]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small checkout with code that was not written for this test."""
    root = tmp_path / "checkout"
    (root / "src" / "text").mkdir(parents=True)
    for module in (fnmatch, shlex, textwrap):
        shutil.copy(str(module.__file__), root / "src" / "text")
    return root


def each_file(change: Callable[[str], str]) -> Callable[[Path], Path]:
    def apply(root: Path) -> Path:
        for path in root.rglob("*.py"):
            path.write_text(change(path.read_text()))
        return root

    return apply


def rename_file(root: Path) -> Path:
    (root / "src/text/shlex.py").rename(root / "src/text/words.py")
    return root


def rename_folder(root: Path) -> Path:
    (root / "src/text").rename(root / "src/strings")
    return root


def move_checkout(root: Path) -> Path:
    return root.rename(root.with_name("elsewhere"))


def reversed_halves(text: str) -> str:
    """The code's top-level blocks in another order."""
    head, *blocks = re.split(r"(?m)^(?=def |class |@)", text)
    return "".join((head.rstrip() + "\n\n\n", *reversed([block.rstrip() + "\n\n\n" for block in blocks])))


CHANGES = {
    "shifted": each_file(lambda text: "# a licence that is long\n" * 40 + text),
    "two spaces": each_file(lambda text: re.sub(r"(?m)^ +", lambda found: " " * (len(found[0]) // 2), text)),
    "more blank lines": each_file(lambda text: text.replace("\n\n", "\n\n\n\n")),
    "Windows line ends": each_file(lambda text: text.replace("\n", "\r\n")),
    "file renamed": rename_file,
    "folder renamed": rename_folder,
    "checkout moved": move_checkout,
    "blocks in another order": each_file(reversed_halves),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_code_that_only_moves_has_no_new_finding(tree: Path, change: Callable[[Path], Path], form: str) -> None:
    known = describe(tree, lint(tree, form))

    root = change(tree)
    scan = lint(root, form)

    assert len(scan.findings) == len(known) > 50
    assert news(ledger(root, known), scan) == []


def test_one_more_occurrence_is_exactly_that_one(tree: Path) -> None:
    known = describe(tree, lint(tree, "json"))
    file = tree / "src/text/fnmatch.py"
    before = file.read_text()
    line = before[: before.index("\ndef ")].count("\n") + 2

    file.write_text(before.replace("\ndef ", "\ndef added():\n    return\n\n\ndef ", 1))
    scan = lint(tree, "json")
    found = news(ledger(tree, known), scan)

    assert [(each.location.path, each.location.line) for each in found if each.location] == [
        ("src/text/fnmatch.py", line)
    ] * (len(scan.findings) - len(known))


SAMPLE_FILES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file())


def samples_with_findings() -> list[str]:
    def has_findings(name: str) -> bool:
        try:
            return bool(read_sample(name).findings)
        except ReportError:
            return False

    return [name for name in SAMPLE_FILES if has_findings(name)]


WITH_FINDINGS = samples_with_findings()


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A workspace without the files that the reports name."""
    return tmp_path


@pytest.mark.parametrize("name", WITH_FINDINGS)
def test_real_report_has_nothing_new_against_itself_however_often_it_is_read(nothing: Path, name: str) -> None:
    scan = read_sample(name)
    known = ledger(nothing, describe(nothing, scan))

    assert [news(known, scan) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize("name", WITH_FINDINGS)
def test_shifted_and_shuffled_real_report_has_nothing_new(nothing: Path, name: str) -> None:
    scan = read_sample(name)
    shuffled = Random(1).sample(scan.findings, len(scan.findings))

    moved = replace(scan, findings=tuple(shift(each, 7) for each in shuffled), runs=())

    assert news(ledger(nothing, describe(nothing, scan)), moved) == []


@pytest.mark.parametrize("name", WITH_FINDINGS)
def test_one_more_occurrence_in_a_real_report_is_one_new_finding(nothing: Path, name: str) -> None:
    scan = read_sample(name)
    more = replace(scan, findings=(*scan.findings, shift(replace(scan.findings[0], native=None), 1000)), runs=())

    assert len(news(ledger(nothing, describe(nothing, scan)), more)) == 1


def shift(finding: Finding, lines: int) -> Finding:
    where = finding.location
    if where is None or where.line is None:
        return finding
    return replace(finding, location=Location(where.path, where.line + lines, where.column))


@pytest.mark.parametrize(
    "name", ["codeQL-output.sarif", "appendix_k1_double.sarif", "cxf-3.4.6.sarif", "mobsfscan.json"]
)
def test_order_of_runs_and_results_makes_nothing_new(nothing: Path, name: str) -> None:
    log: dict[str, Any] = json.loads((SAMPLES / "sarif" / name).read_bytes())
    known = describe(nothing, read_json(log))

    for run in log["runs"]:
        Random(2).shuffle(run["results"])
    log["runs"].reverse()

    assert news(ledger(nothing, known), read_json(log)) == []


def test_semgrep_finding_that_moves_and_then_gets_another_id_is_not_new(nothing: Path) -> None:
    first, moved, renamed = (
        read_sample(f"semgrep/close_old_findings_report_{which}.json")
        for which in ("line31", "second_run_line24", "third_run_different_unique_id")
    )
    known = describe(nothing, first)

    assert [news(ledger(nothing, known), each) for each in (first, moved, renamed)] == [[], [], []]
    assert describe(nothing, first)[0].native != describe(nothing, renamed)[0].native
