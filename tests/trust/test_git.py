"""What a change, an earlier step or a machine's settings may plant for git to obey: nothing of it acts."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from deliverygate.cli.checkout import open_checkout
from deliverygate.cli.places import for_git
from deliverygate.clock import SystemClock
from deliverygate.platforms.git_command import Git
from deliverygate.shell import SystemShell
from tests.command import deliverygate
from tests.trust.test_law import on_main
from tests.trust.world import SYSTEMS, World, git, judge

SERVICE = "services/shop"
POLICY = """\
version: 1
stages:
  pre-merge:
    - gate: static-analysis
      scans: reports/r.sarif
      analysed: ["src/**"]
      min_score: 90
    - gate: coverage
      reports: reports/cov.info
      min_changed: 50
      min_new_lines: 1
"""
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "T"}},
            "results": [
                {
                    "ruleId": "R",
                    "level": "error",
                    "message": {"text": "sql injection"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "src/a.py"},
                                "region": {"startLine": 1},
                            }
                        }
                    ],
                }
            ],
        }
    ],
}
LCOV = "TN:\nSF:src/a.py\nDA:1,0\nDA:2,0\nend_of_record\n"


def trap(folder: Path) -> str:
    """A program that leaves a trace when it is started."""
    program = folder / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch {folder}/SPRUNG\ncat >/dev/null 2>&1 </dev/null\nexit 0\n")
    program.chmod(0o755)
    return str(program)


def look_alike(folder: Path, program: str) -> None:
    """Ordinary files that git takes for a bare repository whose index names a hundred clean files."""
    other = folder / "other"
    git(folder, "init", "--quiet", "--initial-branch", "main", str(other))
    for number in range(100):
        (other / f"src{number}").write_text("1")
    (other / "src").mkdir()
    for number in range(100):
        (other / "src" / f"{number}.py").write_text("1")
    git(other, "add", "--all")
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f'\tfsmonitor = "{program}"\n\thooksPath = .\n\tsshCommand = "{program}"\n'
        f'[diff]\n\texternal = "{program}"\n[filter "x"]\n\tclean = "{program}"\n'
    )
    (folder / "index").write_bytes((other / ".git/index").read_bytes())
    for name in ("objects", "refs/heads"):
        (folder / name).mkdir(parents=True)
        (folder / name / ".keep").write_text("")
    for path in sorted(other.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    other.rmdir()


@pytest.fixture
def planted(world: World, tmp_path: Path) -> Path:
    """A pipeline of a fork whose change plants a look-alike of a repository in the folder of the policy."""
    on_main(world, {f"{SERVICE}/.deliverygate.yml": POLICY, f"{SERVICE}/src/a.py": "x = 1\n"})
    look_alike(world.clone / SERVICE, trap(tmp_path))
    world.change({f"{SERVICE}/src/a.py": "x = 1\ny = 2\n"})
    job = world.check_out()
    write(job)
    return job


def write(job: Path) -> None:
    reports = job / SERVICE / "reports"
    reports.mkdir(parents=True)
    (reports / "r.sarif").write_text(json.dumps(SARIF))
    (reports / "cov.info").write_text(LCOV)


AGAINST_MAIN = ("--config-ref", "origin/main", "--base", "origin/main", "--config", f"{SERVICE}/.deliverygate.yml")
COMMANDS: dict[str, tuple[list[list[str]], str, int]] = {
    "run": ([["run", "pre-merge", "--no-publish", "--config", f"{SERVICE}/.deliverygate.yml"]], ".", 1),
    "run in the folder": ([["run", "pre-merge", "--no-publish"]], SERVICE, 1),
    "plan, shard": (
        [["plan", "pre-merge", "--every-policy", "--for", "github", "--shards", "1"], ["shard", "--number", "1"]],
        ".",
        1,
    ),
    "plan of one": (
        [["plan", "pre-merge", "--config", f"{SERVICE}/.deliverygate.yml", "--for", "github"]],
        ".",
        0,
    ),
    "config show": ([["config", "show", "--config-ref", "origin/main"]], SERVICE, 0),
    "config check": ([["config", "check", "--config", f"{SERVICE}/.deliverygate.yml"]], ".", 0),
    "baseline": ([["baseline", "diff", "pre-merge", "--config", f"{SERVICE}/.deliverygate.yml"]], ".", 2),
    "waivers": ([["waivers", "list"]], SERVICE, 0),
    "init": ([["init", "--ci", "github"]], SERVICE, 0),
    "scan": ([["scan", "reports/r.sarif"]], SERVICE, 0),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_files_that_look_like_a_repository_start_nothing(planted: Path, tmp_path: Path, name: str) -> None:
    commands, folder, expected = COMMANDS[name]

    ran = [
        deliverygate(*each, folder=planted / folder, environ=SYSTEMS["gitlab"](planted, fork=True)) for each in commands
    ]

    assert (ran[-1].status, (tmp_path / "SPRUNG").exists()) == (expected, False), ran[-1].stderr


def test_files_that_look_like_a_repository_are_no_ground_of_a_score(planted: Path) -> None:
    judged = judge(planted, {}, *AGAINST_MAIN)

    assert judged.report is not None, judged.ran.stderr
    told = {check["name"]: check["summary"] for gate in judged.report["gates"] for check in gate["checks"]}
    assert (told["score"], told["coverage of changed lines"].partition(",")[0]) == (
        "T 0.0 %, at least 90 % wanted (0 of 1 files clean)",
        "0.0 %",
    )


def test_a_submodule_in_the_place_of_the_policys_folder_is_refused(world: World, tmp_path: Path) -> None:
    on_main(world, {f"{SERVICE}/.deliverygate.yml": POLICY, f"{SERVICE}/src/a.py": "x = 1\n"})
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "evil")
    git(tmp_path / "evil", "commit", "--quiet", "--allow-empty", "--message", "Begin")
    git(world.clone, "rm", "-r", "--quiet", SERVICE)
    git(
        world.clone, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force",
        str(tmp_path / "evil"), SERVICE,
    )  # fmt: skip
    world.change({})
    job = world.check_out()
    git(job, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")

    judged = judge(job, SYSTEMS["gitlab"](job), "--config", f"{SERVICE}/.deliverygate.yml")

    assert (judged.ran.status, judged.report) == (2, None)
    assert f"{SERVICE}: is a repository of its own in the checkout" in judged.ran.stderr


STEERING = {
    "GIT_DIR": "{other}/.git",
    "GIT_WORK_TREE": "{other}",
    "GIT_INDEX_FILE": "{other}/.git/index",
    "GIT_OBJECT_DIRECTORY": "{other}/.git/objects",
    "GIT_COMMON_DIR": "{other}/.git",
    "GIT_NAMESPACE": "x",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_EXTERNAL_DIFF": "{trap}",
    "GIT_EXEC_PATH": "{programs}",
    "GIT_PAGER": "{trap}",
    "GIT_EDITOR": "{trap}",
    "GIT_TEMPLATE_DIR": "{programs}",
    "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='{trap}' 'core.worktree'='{other}'",
    "GIT_CONFIG": "{other}/.git/config",
    "GIT_ATTR_SOURCE": "HEAD",
    "GIT_TRACE": "{trap}",
    "GIT_TRACE2_EVENT": "/dev/stderr",
    "GIT_DIFF_OPTS": "--unified=99",
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_DEFAULT_HASH": "sha256",
}


def test_variables_of_git_that_an_earlier_step_left_decide_nothing(world: World, tmp_path: Path) -> None:
    on_main(world, {f"{SERVICE}/.deliverygate.yml": POLICY, f"{SERVICE}/src/a.py": "x = 1\n"})
    world.change({f"{SERVICE}/src/a.py": "x = 1\ny = 2\n"})
    job = world.check_out()
    write(job)
    git(tmp_path, "init", "--quiet", "other")
    (tmp_path / "programs").mkdir()
    program = trap(tmp_path)
    for name in ("git-diff", "git-ls-files", "git-ls-remote", "git-remote-https"):
        (tmp_path / "programs" / name).symlink_to(program)
    places = {"other": tmp_path / "other", "trap": program, "programs": tmp_path / "programs"}
    left = {name: value.format(**places) for name, value in STEERING.items()}

    judged = judge(job, left, *AGAINST_MAIN)

    assert judged.report is not None, judged.ran.stderr
    told = {check["name"]: check["summary"] for gate in judged.report["gates"] for check in gate["checks"]}
    measured = told["coverage of changed lines"].partition(",")[0]
    assert (told["score"], measured, (tmp_path / "SPRUNG").exists()) == (
        "T 0.0 %, at least 90 % wanted (0 of 1 files clean)",
        "0.0 %",
        False,
    )


@pytest.mark.parametrize("variable", STEERING)
def test_a_variable_that_could_steer_git_does_not_reach_it(tmp_path: Path, variable: str) -> None:
    assert for_git({"PATH": "/bin", variable: "x"}, tmp_path) == {"PATH": "/bin"}


DRIVERS: dict[str, Callable[[str], str]] = {
    "file system monitor": lambda program: f"[core]\n\tfsmonitor = {program}\n",
    "hooks": lambda program: f"[core]\n\thooksPath = {Path(program).parent}/hooks\n",
    "external diff": lambda program: f"[diff]\n\texternal = {program}\n",
    "diff driver": lambda program: f'[diff "x"]\n\tcommand = {program}\n',
    "text conversion": lambda program: f'[diff "x"]\n\ttextconv = {program}\n',
    "clean filter": lambda program: f'[filter "x"]\n\tclean = {program}\n\tsmudge = {program}\n\trequired = true\n',
    "filter process": lambda program: f'[filter "x"]\n\tprocess = {program}\n\trequired = true\n',
    "pager": lambda program: f"[core]\n\tpager = {program}\n[pager]\n\tdiff = true\n",
}


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("question", [["diff", "HEAD", "--"], ["diff", "HEAD~1", "HEAD", "--"], ["log", "--patch"]])
def test_attributes_of_a_change_start_no_driver(tmp_path: Path, driver: str, question: list[str]) -> None:
    top = tmp_path / "shop"
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(top))
    program = trap(tmp_path)
    (tmp_path / "hooks").mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        (tmp_path / "hooks" / name).symlink_to(program)
    for text in ("one\n", "two\n"):
        (top / "a.txt").write_text(text)
        (top / ".gitattributes").write_text("* diff=x filter=x\n")
        git(top, "add", "--all")
        git(top, "commit", "--quiet", "--message", "Write")
    (top / "a.txt").write_text("three\n")
    with (top / ".git/config").open("a") as config:
        config.write(DRIVERS[driver](program))
    environ = for_git(dict(os.environ), top)

    done = Git(SystemShell(SystemClock(timeout_seconds=60), root=top, environ=environ)).run(*question)

    assert (done.status, b"+two\n" in done.stdout or b"+three\n" in done.stdout) == (0, True), done.stderr
    assert not (tmp_path / "SPRUNG").exists()


def test_settings_in_a_home_below_the_checkout_are_the_changes_and_not_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    environ = {
        "HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg"), "GIT_SSH": "bin/ssh",
        "GIT_ASKPASS": "/usr/bin/askpass", "GIT_CONFIG_SYSTEM": str(tmp_path / "system"), "PATH": "/bin",
    }  # fmt: skip

    assert for_git(environ, tmp_path) == {
        "HOME": str(tmp_path / "home"), "GIT_ASKPASS": "/usr/bin/askpass", "GIT_CONFIG_GLOBAL": "/dev/null",
        "PATH": "/bin",
    }  # fmt: skip


def test_settings_of_the_environment_tell_how_to_log_in_and_nothing_else(tmp_path: Path) -> None:
    given = {
        "safe.directory": "*", "core.fsmonitor": "evil", "http.https://x/.extraheader": "Authorization: x",
        "core.worktree": "/", "diff.external": "evil", "credential.helper": "store",
    }  # fmt: skip
    environ = {"GIT_CONFIG_COUNT": str(len(given)), "PATH": "/bin"}
    for number, (key, value) in enumerate(given.items()):
        environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}

    assert for_git(environ, tmp_path) == {
        "PATH": "/bin", "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "http.https://x/.extraheader", "GIT_CONFIG_VALUE_1": "Authorization: x",
        "GIT_CONFIG_KEY_2": "credential.helper", "GIT_CONFIG_VALUE_2": "store",
    }  # fmt: skip


def test_git_is_asked_again_when_the_time_of_the_first_questions_is_over(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    checkout = open_checkout(tmp_path, environ=os.environ, clock=SystemClock(timeout_seconds=0))

    assert (checkout.top, checkout.prefix, checkout.git.look_up("HEAD^{commit}")) == (tmp_path, "", None)


def test_a_trap_springs_when_it_is_started(tmp_path: Path) -> None:
    program = Path(trap(tmp_path))
    assert program.stat().st_mode & stat.S_IXUSR

    SystemShell(SystemClock(timeout_seconds=60), root=tmp_path, environ={"PATH": os.environ["PATH"]}).run(
        [str(program)]
    )

    assert (tmp_path / "SPRUNG").exists()
