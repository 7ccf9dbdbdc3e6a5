"""Any program as a gate: its exit status judges. It is started directly, and no shell reads the command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from deliverygate.conversions import readable
from deliverygate.errors import DeadlineExceeded, ToolError
from deliverygate.gate import Completed, Gate, GateContext
from deliverygate.model import CheckResult, Measurement, Verdict

LONGEST_LINE = 1000  #: characters; the rest of a line is left out
REDACTED_LINE = 10_000  #: characters of a line that are searched for secrets before it is cut to LONGEST_LINE
OPERATORS = re.compile(r"[|&;<>()*\n]")
EXPANSIONS = re.compile(r"\$|`")
MEANINGS = {
    126: "a program inside it could not be started",
    127: "a program inside it was not found",
    137: "something inside it was killed (SIGKILL), often for want of memory",
    139: "something inside it crashed (SIGSEGV)",
    143: "something inside it was told to end (SIGTERM)",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to run, where, and what counts as passed."""

    run: str | tuple[str, ...]  #: e.g. [pytest, -q]; a string is split at blanks and quotes, and may hold no operator
    name: str = ""  #: of the check; else the program's name
    folder: str = "."  #: where it runs, relative to the workspace
    environment: dict[str, str] = {}  #: added to the environment of deliverygate
    passes: tuple[int, ...] = (0,)  #: the exit statuses that pass
    keep_lines: int = 40  #: of each of its two outputs: a quarter from the beginning, the rest from the end

    def __post_init__(self) -> None:
        split(self.run)
        if not self.passes or not all(0 <= status <= 255 for status in self.passes):
            raise ValueError("`passes` is a list of exit statuses from 0 to 255, and not empty")
        if not 1 <= self.keep_lines <= 10_000:
            raise ValueError("`keep_lines` is a number from 1 to 10000")


def check(settings: Settings, context: GateContext) -> Iterator[CheckResult]:
    """One check: the program's exit status."""
    command = split(settings.run)
    name = settings.name or PurePath(context.redact(command[0])).name
    context.progress(shlex.join(command))
    try:
        done = context.shell.run(command, environment=settings.environment, folder=settings.folder)
    except ToolError as error:
        yield CheckResult(name=name, verdict=Verdict.ERROR, summary=f"{error.where}: {error.what}", mend=error.mend)
    except DeadlineExceeded as error:
        details = show("output", error.output, settings.keep_lines, context)
        yield CheckResult(name=name, verdict=Verdict.ERROR, summary=error.what, details=details, mend=error.mend)
    else:
        outputs = (("stdout", done.stdout), ("stderr", done.stderr))
        details = "\n".join(filter(None, (show(title, data, settings.keep_lines, context) for title, data in outputs)))
        yield judge(done, name=name, passes=settings.passes, details=details)


def judge(done: Completed, *, name: str, passes: tuple[int, ...], details: str = "") -> CheckResult:
    """PASSED for a status among ``passes``, FAILED for another one, ERROR for a program that a signal ended."""
    wanted = " or ".join(str(status) for status in passes)
    if done.status < 0:
        verdict, value = Verdict.ERROR, f"killed by signal {-done.status}"
        mend = MEANINGS.get(128 - done.status, "something ended it before it could judge")
    elif done.status in passes:
        verdict, value, mend = Verdict.PASSED, f"exit status {done.status}", ""
    else:
        verdict, value = Verdict.FAILED, f"exit status {done.status}"
        mend = MEANINGS.get(done.status, "its output says why")
    against = "" if verdict is Verdict.PASSED else f", wanted {wanted}"
    return CheckResult(
        name=name,
        verdict=verdict,
        summary=f"{value}{against} ({done.seconds:.1f} s)",
        measurements=(Measurement(name="exit status", value=done.status, wanted=wanted),),
        details=details,
        mend=mend,
        seconds=done.seconds,
    )


def split(run: str | tuple[str, ...]) -> tuple[str, ...]:
    """The program and its arguments. Raises ValueError for a string that only a shell would understand."""
    if not isinstance(run, str):
        if not run or not run[0]:
            raise ValueError("`run` is empty; write the program and its arguments, e.g. [pytest, -q]")
        return run
    unquoted = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", "", run.strip())
    expanded = re.sub(r"'[^']*'|\\.", "", run)
    if found := OPERATORS.search(unquoted) or EXPANSIONS.search(expanded):
        raise ValueError(
            f"`run` holds {found[0]!r}, which only a shell understands, and none reads it; "
            "write a list, e.g. [sh, -c, 'first | second'], or name a script"
        )
    try:
        command = tuple(shlex.split(run))
    except ValueError as error:
        raise ValueError(f"`run` cannot be split ({error}); write a list, e.g. [pytest, -q]") from error
    if command and re.match(r"[A-Za-z_]\w*=", command[0]):
        raise ValueError(f"`run` begins with {command[0]!r}; set variables in `environment`")
    return split(command)


def show(title: str, data: bytes, keep_lines: int, context: GateContext) -> str:
    """The beginning and the end of an output, without secrets; "" when there was none."""
    lines = readable(data).rstrip().splitlines()
    if not lines:
        return ""
    first = keep_lines // 4 if len(lines) > keep_lines else len(lines)
    last = len(lines) - (keep_lines - first) if len(lines) > keep_lines else len(lines)
    left_out = [f"... {last - first} lines left out ..."] if last > first else []
    kept = context.redact("\n".join(line[:REDACTED_LINE] for line in (*lines[:first], *left_out, *lines[last:])))
    return "\n".join((f"{title}:", *(_cut(line) for line in kept.split("\n"))))


def _cut(line: str) -> str:
    return (
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ... {len(line) - LONGEST_LINE} more characters"
    )


gate = Gate(name="command", summary="Run a program whose exit status judges", settings=Settings, check=check, runs=True)
