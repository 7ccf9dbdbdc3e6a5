"""The command gate: what an exit status means, and what is shown of the output."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import ValidationError

from deliverygate.clock import SystemClock
from deliverygate.gate import Completed
from deliverygate.model import CheckResult, Measurement, Verdict
from deliverygate.redaction.redactor import Redactor
from deliverygate.shell import SystemShell
from deliverygate.testing import FakeClock, FakeShell, make_context, run_gate
from deliverygate_gates.command import gate, split

Program = Callable[[tuple[str, ...]], Completed]


def program(status: int = 0, stdout: bytes = b"", stderr: bytes = b"", seconds: float = 1.2) -> Program:
    return lambda _: Completed(status, stdout, stderr, seconds)


def judged(tmp_path: Path, given: Program, *, time: float = 60, **settings: object) -> CheckResult:
    """The one check of the gate that runs ``make``."""
    clock = FakeClock(timeout_seconds=time)
    context = make_context(tmp_path, clock=clock, shell=FakeShell({"make": given}, clock=clock))
    (check,) = run_gate(gate, {"run": ["make", "test"], **settings}, context)
    return check


def test_exit_status_zero_passes(tmp_path: Path) -> None:
    check = judged(tmp_path, program(0, b"42 passed\n"))

    assert check == CheckResult(
        name="make",
        verdict=Verdict.PASSED,
        summary="exit status 0 (1.2 s)",
        measurements=(Measurement(name="exit status", value=0, wanted="0"),),
        details="stdout:\n42 passed",
        seconds=1.2,
    )


def test_other_status_fails_and_shows_both_outputs(tmp_path: Path) -> None:
    check = judged(tmp_path, program(3, b"one\ntwo\n", b"\xff broken\n"), name="unit tests", passes=[0, 5])

    assert check == CheckResult(
        name="unit tests",
        verdict=Verdict.FAILED,
        summary="exit status 3, wanted 0 or 5 (1.2 s)",
        measurements=(Measurement(name="exit status", value=3, wanted="0 or 5"),),
        details="stdout:\none\ntwo\nstderr:\n\ufffd broken",
        mend="its output says why",
        seconds=1.2,
    )


@pytest.mark.parametrize(
    ("status", "verdict", "summary", "mend"),
    [
        (5, Verdict.PASSED, "exit status 5 (1.2 s)", ""),
        (127, Verdict.FAILED, "exit status 127, wanted 5 (1.2 s)", "a program inside it was not found"),
        (-15, Verdict.ERROR, "killed by signal 15, wanted 5 (1.2 s)", "something inside it was told to end (SIGTERM)"),
        (-2, Verdict.ERROR, "killed by signal 2, wanted 5 (1.2 s)", "something ended it before it could judge"),
    ],
    ids=["allowed", "not found inside", "told to end", "interrupted"],
)
def test_status_is_told_with_its_meaning(
    tmp_path: Path, status: int, verdict: Verdict, summary: str, mend: str
) -> None:
    check = judged(tmp_path, program(status), passes=[5])

    assert (check.verdict, check.summary, check.mend) == (verdict, summary, mend)


def test_missing_program_is_an_error_with_its_cure(tmp_path: Path) -> None:
    (check,) = run_gate(gate, {"run": ["nope", "--now"]}, make_context(tmp_path))

    assert check == CheckResult(
        name="nope",
        verdict=Verdict.ERROR,
        summary="nope: no such program",
        mend="install it, or correct PATH",
    )


def test_program_killed_at_the_deadline_is_an_error(tmp_path: Path) -> None:
    check = judged(tmp_path, program(0, seconds=90), time=60.5)

    assert (check.verdict, check.summary) == (Verdict.ERROR, "its time of 60.5 s is over")


def test_long_output_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    lines = "".join(f"line {number}\n" for number in range(100)).encode()

    check = judged(tmp_path, program(1, lines), keep_lines=8)

    assert check.details.splitlines() == [
        "stdout:",
        "line 0",
        "line 1",
        "... 92 lines left out ...",
        *(f"line {number}" for number in range(94, 100)),
    ]


@pytest.mark.parametrize(("lines", "shown"), [(4, 5), (5, 6)], ids=["as many as kept", "one more"])
def test_marks_only_what_is_left_out(tmp_path: Path, lines: int, shown: int) -> None:
    check = judged(tmp_path, program(1, b"x\n" * lines), keep_lines=4)

    assert len(check.details.splitlines()) == shown


def test_long_line_is_cut(tmp_path: Path) -> None:
    check = judged(tmp_path, program(1, b"a" * 1200))

    assert check.details == "stdout:\n" + "a" * 1000 + " ... 200 more characters"


def test_secrets_are_blotted_out_even_where_a_line_is_cut(tmp_path: Path) -> None:
    clock = FakeClock()
    output = b"a" * 996 + b"hunter22" + b"\ntoken hunter22\n"
    context = make_context(tmp_path, clock=clock, shell=FakeShell({"make": program(1, output)}, clock=clock))

    (check,) = run_gate(gate, {"run": "make"}, replace(context, redact=Redactor(["hunter22"])))

    assert check.details == "stdout:\n" + "a" * 996 + "***\ntoken ***"


def test_the_name_of_the_check_does_not_show_the_end_of_a_secret(tmp_path: Path) -> None:
    clock = FakeClock()
    context = make_context(tmp_path, clock=clock, shell=FakeShell({}, clock=clock))

    (check,) = run_gate(gate, {"run": ["bin/s3cret/tail"]}, replace(context, redact=Redactor(["s3cret/tail"])))

    assert check.name == "***"


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("pytest -q", ("pytest", "-q")),
        ("  ./check.sh 'a | b' \"c & d\" e\\;f ", ("./check.sh", "a | b", "c & d", "e;f")),
        ("grep '$HOME' file", ("grep", "$HOME", "file")),
        (("sh", "-c", "a | b"), ("sh", "-c", "a | b")),
    ],
    ids=["words", "quoted operators", "quoted variable", "list"],
)
def test_command_is_split_as_a_shell_would(written: str | tuple[str, ...], command: tuple[str, ...]) -> None:
    assert split(written) == command


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"run": "a | b"}, "`run` holds '|', which only a shell understands, and none reads it; write a list"),
        ({"run": "a && b"}, "`run` holds '&'"),
        ({"run": "a > b"}, "`run` holds '>'"),
        ({"run": "a\nb"}, r"`run` holds '\n'"),
        ({"run": "rm *.log"}, "`run` holds '*'"),
        ({"run": "echo $(date)"}, "`run` holds '('"),
        ({"run": 'echo "$HOME"'}, "`run` holds '$'"),
        ({"run": "echo `date`"}, "`run` holds '`'"),
        ({"run": "echo 'half"}, "`run` cannot be split (No closing quotation)"),
        ({"run": "A=1 make"}, "`run` begins with 'A=1'; set variables in `environment`"),
        ({"run": " "}, "`run` is empty; write the program and its arguments"),
        ({"run": []}, "`run` is empty"),
        ({"run": "make", "passes": []}, "`passes` is a list of exit statuses from 0 to 255"),
        ({"run": "make", "passes": [256]}, "`passes` is a list of exit statuses from 0 to 255"),
        ({"run": "make", "keep_lines": 0}, "`keep_lines` is a number from 1 to 10000"),
        ({"run": "make", "shell": True}, "Object contains unknown field `shell`"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_wrong_settings_are_refused_in_words(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        run_gate(gate, settings, make_context(tmp_path))

    assert str(caught.value).startswith(said)


def test_real_program_is_run_in_its_folder_with_its_environment(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    shell = SystemShell(SystemClock(timeout_seconds=9), root=tmp_path, environ={"PATH": os.environ["PATH"]})
    settings = {"run": ["sh", "-c", "pwd; echo $LEVEL >&2; exit 4"], "folder": "api", "environment": {"LEVEL": "7"}}

    (check,) = run_gate(gate, settings, make_context(tmp_path, shell=shell))

    assert check.details == f"stdout:\n{tmp_path}/api\nstderr:\n7"
    assert check.verdict is Verdict.FAILED


def test_real_program_that_overruns_is_killed_and_its_output_kept(tmp_path: Path) -> None:
    clock = SystemClock(timeout_seconds=0.3)
    shell = SystemShell(clock, root=tmp_path, environ={"PATH": os.environ["PATH"]}, kill_after_seconds=0.2)

    (check,) = run_gate(
        gate, {"run": ["sh", "-c", "echo begun; sleep 60"]}, make_context(tmp_path, clock=clock, shell=shell)
    )

    assert (check.verdict, check.details) == (Verdict.ERROR, "output:\nbegun")
    assert check.mend == "raise `timeout:`, or find what hangs"
