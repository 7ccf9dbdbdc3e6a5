"""``deliverygate baseline``: what is stored, what is said of it, and what a run makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plumbum import local

from tests.command import deliverygate

POLICY = """\
version: 1
stages:
  pre-merge:
    - {gate: static-analysis, scans: ["reports/*.json"], fail_on: medium, only_new: true}
    - {gate: command, run: ["false"]}
  build:
    - {gate: static-analysis, id: other, scans: [build.json], fail_on: medium, only_new: true}
  deploy:
    - {gate: command, run: ["false"]}
"""
LINT = ("--set", "pre-merge.command.enforce=warn")
FILE = ".deliverygate/baseline.json"


def eslint(**lines: list[int]) -> str:
    """An ESLint report: for each file the lines of its findings, all of one rule and one message."""
    return json.dumps(
        [
            {
                "filePath": name.replace("_", "."),
                "messages": [
                    {"ruleId": "r", "severity": 2, "message": "m", "line": line, "column": 1} for line in there
                ],
            }
            for name, there in lines.items()
        ]
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".deliverygate.yml").write_text(POLICY)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/a.json").write_text(eslint(a_js=[3, 30], b_js=[]))
    (tmp_path / "build.json").write_text(eslint(c_js=[1]))
    return tmp_path


def test_what_was_written_does_not_block_and_one_more_does(repository: Path) -> None:
    before = deliverygate("run", "pre-merge", *LINT, folder=repository)
    wrote = deliverygate("baseline", "write", folder=repository)
    after = deliverygate("run", "pre-merge", *LINT, folder=repository)
    (repository / "reports/a.json").write_text(eslint(a_js=[13, 40, 90], b_js=[]))
    more = deliverygate("run", "pre-merge", *LINT, folder=repository)

    assert wrote.stdout == f"{FILE}: 3 findings (3 new)\n"
    assert [each.status for each in (before, wrote, after, more)] == [1, 0, 0, 1], after.stdout + after.stderr
    assert "1 found, 0 allowed (2 known)" in more.stdout


def test_diff_says_what_write_would_change(repository: Path) -> None:
    deliverygate("baseline", "write", folder=repository)
    (repository / "reports/a.json").write_text(eslint(a_js=[5], b_js=[7]))
    stored = (repository / FILE).read_bytes()

    ran = deliverygate("baseline", "diff", "pre-merge", folder=repository)

    assert (ran.status, ran.stdout.splitlines()) == (
        0,
        [
            "pre-merge/static-analysis:",
            "  ~ a.js:3 -> a.js:5  ESLint r",
            "  + b.js:7  ESLint r",
            "  - a.js:30  ESLint r",
            "2 findings (1 new, 1 gone, 1 moved)",
        ],
    )
    assert (repository / FILE).read_bytes() == stored


def test_show_lists_what_is_stored(repository: Path) -> None:
    deliverygate("baseline", "write", folder=repository)

    shown = deliverygate("baseline", "show", folder=repository)

    assert shown.stdout.splitlines() == [
        "build/other: 1 finding",
        "  c.js:1  ESLint r",
        "pre-merge/static-analysis: 2 findings",
        "  a.js:3  ESLint r",
        "  a.js:30  ESLint r",
    ]


def test_write_of_one_stage_leaves_the_others_as_they_are(repository: Path) -> None:
    deliverygate("baseline", "write", folder=repository)
    (repository / "build.json").unlink()
    (repository / "reports/a.json").write_text(eslint(a_js=[3]))

    wrote = deliverygate("baseline", "write", "pre-merge", folder=repository)

    assert wrote.stdout == f"{FILE}: 1 finding (1 gone)\n"
    shown = deliverygate("baseline", "show", "build", folder=repository)
    assert shown.stdout.splitlines() == ["build/other: 1 finding", "  c.js:1  ESLint r"]


def test_writing_again_changes_nothing(repository: Path) -> None:
    deliverygate("baseline", "write", folder=repository)
    stored = (repository / FILE).read_bytes()

    wrote = deliverygate("baseline", "write", folder=repository)

    assert (wrote.stdout, (repository / FILE).read_bytes()) == (f"{FILE}: 3 findings (as before)\n", stored)


@pytest.mark.parametrize("report", [None, b"", b"[]", b"[{", b"{}"], ids=["missing", "empty", "none", "cut", "other"])
def test_without_evidence_nothing_is_stored(repository: Path, report: bytes | None) -> None:
    file = repository / "reports/a.json"
    file.unlink() if report is None else file.write_bytes(report)

    wrote = deliverygate("baseline", "write", folder=repository)

    assert (wrote.status, (repository / FILE).exists()) == (3, False)
    assert wrote.stderr.splitlines()[-1].startswith("pre-merge/static-analysis: report reports/")


def test_what_a_waiver_speaks_of_stays_out_so_that_it_counts_when_the_waiver_ends(repository: Path) -> None:
    (repository / ".deliverygate/waivers.yml").parent.mkdir()
    (repository / ".deliverygate/waivers.yml").write_text(
        "version: 1\nwaivers:\n  - {id: W-1, match: {rule: r, path: a.js}, reason: it is only an example, owner: me, "
        "created: 2020-01-01, expires: 2020-01-02}\n"
    )

    wrote = deliverygate("baseline", "write", folder=repository)

    assert wrote.stdout == f"{FILE}: 1 finding (1 new)\n", wrote.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show",), f"{FILE}: no such file; write it with `deliverygate baseline write`"),
        (("diff", "pre-merge"), f"{FILE}: no such file; write it with `deliverygate baseline write`"),
        (("write", "pre-merg"), ".deliverygate.yml: no stage 'pre-merg'; did you mean 'pre-merge'?"),
        (("write", "deploy"), ".deliverygate.yml: deploy: no gate has findings that a baseline could know; name another stage"),
    ],
    ids=["show without", "diff without", "no such stage", "no findings"],
)  # fmt: skip
def test_wrong_use_is_told(repository: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = deliverygate("baseline", *arguments, folder=repository)

    assert (ran.status, ran.errors) == (2, [said])


def test_file_with_a_conflict_is_a_fault_until_all_of_it_is_written_anew(repository: Path) -> None:
    deliverygate("baseline", "write", folder=repository)
    (repository / FILE).write_bytes(b"<<<<<<< ours\n" + (repository / FILE).read_bytes())

    tried = [
        deliverygate(*command, folder=repository).status
        for command in (
            ("run", "pre-merge", *LINT),
            ("baseline", "show"),
            ("baseline", "write", "pre-merge"),
            ("baseline", "write"),
            ("run", "pre-merge", *LINT),
        )
    ]

    assert tried == [2, 2, 2, 0, 0]


def test_gate_that_the_baseline_does_not_know_finds_everything_new_and_says_so(repository: Path) -> None:
    deliverygate("baseline", "write", "pre-merge", folder=repository)

    ran = deliverygate("run", "build", folder=repository)

    report = json.loads((repository / ".deliverygate/out/build/report.json").read_bytes())
    assert ran.status == 1
    assert report["gates"][0]["checks"][0]["details"] == (
        "The baseline has nothing of 'build/other', so every finding is new; `deliverygate baseline write` adds it."
    )


def test_git_merges_what_two_branches_add_in_different_places(repository: Path) -> None:
    before = {"a_js": [3, 30], "m_js": [1], "z_js": [1]}
    versions = {
        name: baseline_of(repository, **before | more)
        for name, more in {"base": {}, "ours": {"a_js": [3, 30, 50]}, "theirs": {"x_js": [4]}}.items()
    }
    for name, data in versions.items():
        (repository / name).write_bytes(data)

    with local.cwd(repository):
        merged = local["git"]("merge-file", "-p", "ours", "base", "theirs")

    assert merged.encode() == baseline_of(repository, **before | {"a_js": [3, 30, 50], "x_js": [4]})


def baseline_of(repository: Path, **lines: list[int]) -> bytes:
    """The baseline file of a report with these findings."""
    (repository / "reports/a.json").write_text(eslint(**lines))
    ran = deliverygate("baseline", "write", "pre-merge", folder=repository)
    assert ran.status == 0, ran.stderr
    return (repository / FILE).read_bytes()
