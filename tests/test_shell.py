"""Programs are run to their end, or ended: with real programs, a real clock and a real workspace."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Event, Timer

import pytest

from deliverygate.clock import SystemClock
from deliverygate.errors import DeadlineExceeded, Interrupted, ToolError
from deliverygate.shell import SystemShell

ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture
def shell(tmp_path: Path) -> SystemShell:
    return make_shell(tmp_path)


def make_shell(root: Path, *, timeout: float = 20.0, stop: Event | None = None, max_bytes: int = 1024) -> SystemShell:
    clock = SystemClock(timeout_seconds=timeout, stop=stop)
    return SystemShell(clock, root=root, environ=ENVIRON, kill_after_seconds=0.3, max_bytes=max_bytes)


def alive(pid_file: Path) -> bool:
    """Whether the process named in the file runs; a zombie that nobody reaped has ended."""
    stat = Path("/proc") / pid_file.read_text().strip() / "stat"
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid_file: Path) -> bool:
    until = time.monotonic() + 2
    while alive(pid_file) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid_file)


def test_status_and_both_outputs_are_kept_apart(shell: SystemShell) -> None:
    done = shell.run(["sh", "-c", "echo out; echo err >&2; exit 3"])

    assert (done.status, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert 0 < done.seconds < 5


def test_arguments_reach_the_program_as_they_are(shell: SystemShell) -> None:
    done = shell.run([sys.executable, "-c", "import sys; print(sys.argv[1:])", "a b", "$HOME", "*", "'", "", "; ls"])

    assert done.stdout.decode() == "['a b', '$HOME', '*', \"'\", '', '; ls']\n"


def test_environment_is_the_given_one_with_the_additions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_GIVEN", "leaks")
    shell = SystemShell(SystemClock(timeout_seconds=9), root=tmp_path, environ={**ENVIRON, "LANG": "C", "A": "old"})

    done = shell.run(["env"], environment={"A": "new"})

    names = {line.split("=")[0]: line.split("=")[1] for line in done.stdout.decode().splitlines()}
    assert {name: value for name, value in names.items() if name not in ("PATH", "PWD", "SHLVL", "_")} == {
        "LANG": "C",
        "A": "new",
    }


def test_stdin_is_empty_so_that_nothing_waits_for_a_person(shell: SystemShell) -> None:
    assert shell.run(["cat"]).stdout == b""


def test_folder_is_where_it_runs_and_where_its_path_starts(shell: SystemShell, tmp_path: Path) -> None:
    script = tmp_path / "tools" / "where.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\npwd\n")
    script.chmod(0o755)

    done = shell.run(["./where.sh"], folder="tools")

    assert done.stdout.decode().strip() == str(script.parent)


def test_program_ended_by_a_signal_has_a_negative_status(shell: SystemShell) -> None:
    assert shell.run(["sh", "-c", "kill -9 $$"]).status == -9


def test_large_output_on_both_pipes_does_not_block(tmp_path: Path) -> None:
    shell = make_shell(tmp_path, max_bytes=10_000_000)
    write = "import sys; [(sys.stdout.write('o' * 65536), sys.stderr.write('e' * 65536)) for _ in range(20)]"

    done = shell.run([sys.executable, "-c", write])

    assert (len(done.stdout), len(done.stderr)) == (1_310_720, 1_310_720)


def test_program_that_writes_without_end_is_killed(shell: SystemShell) -> None:
    with pytest.raises(ToolError, match=r"^yes: wrote more than 0\.000977 MiB and was killed; let it write"):
        shell.run(["yes"])


@pytest.mark.parametrize(
    ("command", "folder", "said"),
    [
        (["no-such-program"], ".", "no-such-program: no such program in PATH; install it, or correct PATH"),
        (["./none.sh"], ".", "./none.sh: no such program; write its path as seen from ROOT"),
        (["./plain.sh"], ".", "./plain.sh: is not executable; chmod +x ./plain.sh"),
        (
            ["./binary"],
            ".",
            "./binary: cannot be started (Exec format error); check that it is a program for this machine",
        ),
        (["ls"], "../", "../: folder lies outside the workspace and was not opened; name a folder of the workspace"),
        (["ls"], "none", "none: no such folder; name a folder of the workspace"),
        ([], ".", "the command is empty; name a program and its arguments"),
        (["echo", "a\0b"], ".", "echo: an argument holds a NUL character; remove it"),
    ],
    ids=["not in PATH", "no file", "not executable", "no program", "folder outside", "no folder", "empty", "NUL"],
)
def test_what_cannot_be_started_says_why(tmp_path: Path, command: list[str], folder: str, said: str) -> None:
    (tmp_path / "plain.sh").write_text("#!/bin/sh\n")
    (tmp_path / "binary").write_bytes(b"\x00\x01\x02")
    (tmp_path / "binary").chmod(0o755)

    with pytest.raises(ToolError) as caught:
        make_shell(tmp_path).run(command, folder=folder)

    assert str(caught.value).replace(str(tmp_path), "ROOT") == said


def test_own_time_over_kills_the_program_and_keeps_its_output(shell: SystemShell) -> None:
    with pytest.raises(DeadlineExceeded, match=r"^sh: killed after 0\.\d s; it was given 0\.2 s: give it") as caught:
        shell.run(["sh", "-c", "echo begun; exec sleep 60"], timeout_seconds=0.2)

    assert caught.value.output == b"begun\n"


def test_time_of_the_gate_over_kills_the_program(tmp_path: Path) -> None:
    with pytest.raises(DeadlineExceeded, match=r"^sleep: killed after 0\.\d s; raise `timeout:`"):
        make_shell(tmp_path, timeout=0.2).run(["sleep", "60"], timeout_seconds=30)


def test_deadline_ends_the_grandchildren_too_even_those_that_ignore_it(tmp_path: Path) -> None:
    stubborn = "trap '' TERM; sh -c 'echo $$ > pid; sleep 60; sleep 60' & wait; sleep 60"

    with pytest.raises(DeadlineExceeded):
        make_shell(tmp_path).run(["sh", "-c", stubborn], timeout_seconds=0.3)

    assert gone(tmp_path / "pid")


def test_program_may_clean_up_when_it_is_asked_to_end(tmp_path: Path) -> None:
    script = "trap 'echo cleaned > mark; exit' TERM; while true; do sleep 0.01; done"

    with pytest.raises(DeadlineExceeded):
        make_shell(tmp_path).run(["sh", "-c", script], timeout_seconds=0.2)

    assert (tmp_path / "mark").read_text() == "cleaned\n"


def test_stop_of_the_run_is_noticed_at_once(tmp_path: Path) -> None:
    stop = Event()
    timer = Timer(0.1, stop.set)
    timer.start()
    started = time.monotonic()

    with pytest.raises(Interrupted):
        make_shell(tmp_path, stop=stop).run(["sh", "-c", "echo $$ > pid; exec sleep 60"])

    assert time.monotonic() - started < 0.6
    assert gone(tmp_path / "pid")


def test_child_that_holds_the_pipe_delays_but_does_not_hang(tmp_path: Path) -> None:
    done = make_shell(tmp_path).run(["sh", "-c", "echo done; sh -c 'echo $$ > pid; exec sleep 60' & sleep 0.1"])

    assert (done.status, done.stdout) == (0, b"done\n")
    assert done.seconds < 3
    assert gone(tmp_path / "pid")


def test_last_words_of_a_slow_pipe_are_heard(shell: SystemShell) -> None:
    assert shell.run(["sh", "-c", "(sleep 0.2; echo late) & echo soon"]).stdout == b"soon\nlate\n"


def test_program_that_closes_its_output_is_waited_for(shell: SystemShell) -> None:
    done = shell.run(["sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 4"])

    assert (done.status, done.stdout, done.stderr) == (4, b"", b"")


def test_nothing_stays_open_or_unburied(shell: SystemShell) -> None:
    shell.run(["true"])  # the selector's and plumbum's own files are open from here on
    before = (sorted(Path("/proc/self/fd").iterdir()), children())

    for _ in range(5):
        shell.run(["true"])

    assert (sorted(Path("/proc/self/fd").iterdir()), children()) == before


def children() -> set[str]:
    """The processes that are ours, the dead that nobody has asked for included; other tests' servers are among them."""
    return {number for each in Path("/proc/self/task").glob("*/children") for number in each.read_text().split()}
