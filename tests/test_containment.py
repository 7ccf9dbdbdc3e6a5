"""Whatever fails while a gate runs, the code that handles failures included, the gate never ends well."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import FrameType

import msgspec
import pytest

from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec
from deliverygate.errors import ReportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Enforcement, GateResult, PolicySource, Report, Verdict
from deliverygate.runner import OWN_CHECK, Options, run_gates
from deliverygate.testing import make_context

Check = Callable[[GateContext], Iterator[CheckResult]]
PASS = CheckResult(name="first", verdict=Verdict.PASSED, summary="", seconds=1.0)
NO_VERDICT = CheckResult(
    name=OWN_CHECK,
    verdict=Verdict.ERROR,
    summary="the gate ended without a verdict",
    mend="run it again; deliverygate.log may say what happened",
)


class NoSettings(msgspec.Struct, frozen=True):
    pass


def passes(_context: GateContext) -> Iterator[CheckResult]:
    yield PASS


def crashes(_context: GateContext) -> Iterator[CheckResult]:
    yield PASS
    raise ZeroDivisionError("by naught")


def breaks_off(_context: GateContext) -> Iterator[CheckResult]:
    yield PASS
    raise ReportError("no such file", where="x.json", mend="write it")


def yields_nothing(_context: GateContext) -> Iterator[CheckResult]:
    yield from ()


def spec(check: Check) -> GateSpec:
    gate = Gate(name="g", summary="", settings=NoSettings, check=lambda _settings, context: check(context))
    return GateSpec(
        name="g", id="g", gate=gate, settings=NoSettings(), needs=(), looks_at=(),
        enforcement=Enforcement(), timeout_seconds=60, where="p.yml:1",
    )  # fmt: skip


def run(root: Path, check: Check, **options: object) -> GateResult:
    context = make_context(root)  # made here: its calls are not the runner's
    (result,) = run_gates([spec(check)], lambda *_arguments: context, Options(**{"today": date(2026, 1, 1), **options}))  # type: ignore[arg-type]
    return result


def exit_code_of(*results: GateResult) -> int:
    started_at = SystemClock(timeout_seconds=1).now()
    return Report(
        stage="s", gates=results, policy=PolicySource("p.yml", "0"), started_at=started_at, seconds=0, version="0"
    ).exit_code


class QuietLog(logging.Logger):
    """Keeps nothing. Python's own would never give its lock back once a call that does so is made to fail."""

    def error(self, *_arguments: object, **_options: object) -> None:
        """Take the message."""


class Failing:
    """Raises MemoryError in place of one call that is made in a thread of a gate, the ``number``th one.

    Once a profiler raises, Python takes it away from its thread: the calls after that one work.
    """

    def __init__(self, number: int) -> None:
        self.left = number
        self.hit = ""

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if not threading.current_thread().name.startswith("gate ") or event not in ("call", "c_call"):
            return
        if frame.f_code.co_filename == threading.__file__:
            return  # before and after our own code
        self.left -= 1
        if self.left == 0:
            self.hit = f"{frame.f_code.co_qualname}:{frame.f_lineno} ({event})"
            raise MemoryError("none left")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # which is what is meant here
@pytest.mark.parametrize("check", [crashes, breaks_off, yields_nothing])
def test_a_gate_that_breaks_never_ends_well_whichever_call_of_its_handling_fails(tmp_path: Path, check: Check) -> None:
    seen = []
    for number in range(1, 10_000):
        failing = Failing(number)
        threading.setprofile(failing)
        try:
            result = run(tmp_path, check, log=QuietLog("quiet"))
        finally:
            threading.setprofile(None)
        if not failing.hit:
            break
        seen.append((failing.hit, result.verdict, exit_code_of(result), result.allows))

    assert len(seen) > 15
    assert [row for row in seen if row[1:] != (Verdict.ERROR, 3, False)] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_gate_that_passes_ends_well_only_where_nothing_of_its_run_has_failed(tmp_path: Path) -> None:
    whole = run(tmp_path, passes).verdict
    failed = []
    for number in range(1, 10_000):
        failing = Failing(number)
        threading.setprofile(failing)
        try:
            result = run(tmp_path, passes, log=QuietLog("quiet"))
        finally:
            threading.setprofile(None)
        if not failing.hit:
            break
        failed.append((failing.hit.partition(":")[0], result.verdict))

    assert whole is Verdict.PASSED
    assert sum(verdict is Verdict.ERROR for _, verdict in failed) > 15
    # What comes once the gate has completed is only there to tell the stage so.
    assert {name for name, verdict in failed if verdict is not Verdict.ERROR} <= {
        "_Running.work", "suppress.__init__", "suppress.__enter__", "suppress.__exit__",
    }  # fmt: skip


class BrokenHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise IsADirectoryError(21, "Is a directory", "deliverygate.log")


def broken_log() -> logging.Logger:
    log = logging.Logger("broken")  # noqa: LOG001  of this test alone
    log.addHandler(BrokenHandler())
    return log


def test_a_traceback_that_cannot_be_written_changes_no_verdict_and_is_told(tmp_path: Path) -> None:
    result = run(tmp_path, crashes, log=broken_log())

    assert result.checks == (
        PASS,
        CheckResult(
            name=OWN_CHECK,
            verdict=Verdict.ERROR,
            summary="the gate 'g' crashed (ZeroDivisionError: by naught)",
            mend="this is a fault of the gate; its traceback could not be written to deliverygate.log (IsADirectoryError)",
        ),
    )


def test_an_exception_that_cannot_be_shown_is_an_error(tmp_path: Path) -> None:
    class UnspeakableError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def check(_context: GateContext) -> Iterator[CheckResult]:
        yield PASS
        raise UnspeakableError

    assert run(tmp_path, check).checks == (PASS, NO_VERDICT)


def test_a_gate_for_which_no_thread_can_be_started_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert run(tmp_path, passes).checks == (
        CheckResult(
            name=OWN_CHECK,
            verdict=Verdict.ERROR,
            summary="the gate could not be started (can't start new thread)",
            mend="give the run more memory or threads",
        ),
    )


def test_a_gate_whose_thread_ends_without_a_word_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deliverygate.runner._Running.work", lambda _running: None)

    assert run(tmp_path, passes).checks == (NO_VERDICT,)


@pytest.mark.parametrize(
    ("checks", "error", "verdict"),
    [
        ((), None, Verdict.ERROR),
        ((PASS,), "it broke off", Verdict.ERROR),
        ((PASS,), None, Verdict.PASSED),
        ((msgspec.structs.replace(PASS, verdict=Verdict.FAILED),), "it broke off", Verdict.FAILED),
    ],
    ids=["no check", "broken off unseen", "passed", "failed and broken off"],
)
def test_a_result_without_proof_is_an_error(
    checks: tuple[CheckResult, ...], error: str | None, verdict: Verdict
) -> None:
    result = GateResult(gate="g", id="g", checks=checks, error=error)

    assert (result.verdict, exit_code_of(result)) == (verdict, {Verdict.PASSED: 0, Verdict.FAILED: 1}.get(verdict, 3))
