"""A stage is run to its end whatever its gates do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from threading import Event, Lock, Timer

import msgspec
import pytest

from deliverygate.clock import SystemClock
from deliverygate.config.shape import GateSpec
from deliverygate.errors import ReportError
from deliverygate.gate import Gate, GateContext
from deliverygate.model import CheckResult, Enforcement, GateResult, Verdict
from deliverygate.runner import OWN_CHECK, Options, run_gates
from deliverygate.testing import finding, make_context

Check = Callable[[GateContext], Iterator[CheckResult]]


class NoSettings(msgspec.Struct, frozen=True):
    pass


def said(name: str = "c", verdict: Verdict = Verdict.PASSED) -> CheckResult:
    return CheckResult(name=name, verdict=verdict, summary="", seconds=1.0)


def passes(_context: GateContext) -> Iterator[CheckResult]:
    yield said()


def fails(_context: GateContext) -> Iterator[CheckResult]:
    yield said(verdict=Verdict.FAILED)


def spec(
    name: str,
    check: Check,
    *,
    needs: tuple[str, ...] = (),
    looks_at: tuple[str, ...] = (),
    timeout_seconds: float = 60,
    enforcement: Enforcement = Enforcement(),  # noqa: B008
) -> GateSpec:
    def check_settings(_settings: NoSettings, context: GateContext) -> Iterator[CheckResult]:
        return check(context)

    gate = Gate(name=name, summary="", settings=NoSettings, check=check_settings)
    return GateSpec(
        name=name, id=name, gate=gate, settings=NoSettings(), needs=needs, looks_at=looks_at,
        enforcement=enforcement, timeout_seconds=timeout_seconds, where="p.yml:1",
    )  # fmt: skip


def run(root: Path, *specs: GateSpec, **options: object) -> dict[str, list[tuple[str, Verdict, str]]]:
    """What each gate's checks say: (name, verdict, summary)."""

    def open_context(
        _spec: GateSpec, clock: SystemClock, results: Mapping[str, GateResult], _say: Callable[[str], None]
    ) -> GateContext:
        return make_context(root, clock=clock, results=results)

    results = run_gates(specs, open_context, Options(**{"today": date(2026, 1, 1), **options}))  # type: ignore[arg-type]
    return {result.id: [(check.name, check.verdict, check.summary) for check in result.checks] for result in results}


def test_results_stand_in_the_order_of_the_policy(tmp_path: Path) -> None:
    def slow(context: GateContext) -> Iterator[CheckResult]:
        context.clock.sleep(0.2)
        yield said()

    assert list(run(tmp_path, spec("slow", slow), spec("quick", passes))) == ["slow", "quick"]


def test_gates_run_side_by_side_up_to_jobs(tmp_path: Path) -> None:
    lock, now, most = Lock(), [0], [0]

    def counted(context: GateContext) -> Iterator[CheckResult]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        context.clock.sleep(0.1)
        with lock:
            now[0] -= 1
        yield said()

    run(tmp_path, *(spec(f"g{number}", counted) for number in range(5)), jobs=2)

    assert most == [2]


def test_needs_order_the_gates(tmp_path: Path) -> None:
    order: list[str] = []

    def noted(name: str) -> Check:
        def check(_context: GateContext) -> Iterator[CheckResult]:
            order.append(name)
            yield said()

        return check

    run(tmp_path, spec("b", noted("b"), needs=("a",)), spec("a", noted("a")), spec("c", noted("c"), looks_at=("b",)))

    assert order == ["a", "b", "c"]


def test_a_gate_that_needs_a_failed_one_is_not_run_nor_is_what_needs_it(tmp_path: Path) -> None:
    found = run(tmp_path, spec("a", fails), spec("b", passes, needs=("a",)), spec("c", passes, needs=("b",)))

    assert found == {
        "a": [("c", Verdict.FAILED, "")],
        "b": [(OWN_CHECK, Verdict.SKIPPED, "not run: it needs 'a', which is failed")],
        "c": [(OWN_CHECK, Verdict.SKIPPED, "not run: it needs 'b', which did not run")],
    }


def test_a_failed_gate_that_only_warns_lets_the_next_one_run(tmp_path: Path) -> None:
    found = run(tmp_path, spec("a", fails, enforcement=Enforcement("warn")), spec("b", passes, needs=("a",)))

    assert found["b"] == [("c", Verdict.PASSED, "")]


def test_a_gate_that_looks_at_a_failed_one_runs_and_sees_its_result(tmp_path: Path) -> None:
    def looks(context: GateContext) -> Iterator[CheckResult]:
        yield CheckResult(name="saw", verdict=Verdict.PASSED, summary=context.results["a"].verdict.value)

    assert run(tmp_path, spec("a", fails), spec("b", looks, looks_at=("a",)))["b"] == [
        ("saw", Verdict.PASSED, "failed")
    ]


def test_a_gate_that_ends_the_process_is_a_crash_and_no_pass(tmp_path: Path) -> None:
    def leaves(_context: GateContext) -> Iterator[CheckResult]:
        yield said("first")
        raise SystemExit(0)

    assert run(tmp_path, spec("bad", leaves)) == {
        "bad": [
            ("first", Verdict.PASSED, ""),
            (OWN_CHECK, Verdict.ERROR, "the gate 'bad' crashed (SystemExit: 0)"),
        ],
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "it gave NoneType None, wanted a CheckResult"),
        (
            msgspec.structs.replace(said(), verdict="passed"),
            "it gave a CheckResult with 'passed', wanted a Verdict",
        ),
        (
            msgspec.structs.replace(said(), name=3),
            "it gave a CheckResult whose fields are not what they should be: ",
        ),
        (
            msgspec.structs.replace(said(verdict=Verdict.FAILED), summary=None),
            "it gave a CheckResult whose fields are not what they should be: ",
        ),
        (
            msgspec.structs.replace(said(), findings=(1, 2)),
            "",
        ),
    ],
    ids=["no check", "a word for a verdict", "a number for a name", "no summary", "numbers for findings"],
)
def test_what_is_no_check_is_a_crash_of_its_gate_alone(tmp_path: Path, given: CheckResult, told: str) -> None:
    def careless(_context: GateContext) -> Iterator[CheckResult]:
        yield given

    found = run(tmp_path, spec("bad", careless), spec("good", passes))

    ((name, verdict, summary),) = found.pop("bad")
    assert (name, verdict, found) == (OWN_CHECK, Verdict.ERROR, {"good": [("c", Verdict.PASSED, "")]})
    assert told in summary


def test_text_that_cannot_be_written_down_is_made_such_as_can(tmp_path: Path) -> None:
    def odd(_context: GateContext) -> Iterator[CheckResult]:
        yield CheckResult(name="\udcff.py", verdict=Verdict.FAILED, summary="half a pair: \ud800")

    assert run(tmp_path, spec("a", odd))["a"] == [("?.py", Verdict.FAILED, "half a pair: ?")]


def test_gate_that_gives_checks_without_end_is_an_error_and_is_broken_off(tmp_path: Path) -> None:
    ended = Event()

    def endless(_context: GateContext) -> Iterator[CheckResult]:
        try:
            while True:
                yield said(verdict=Verdict.PASSED)
        finally:
            ended.set()

    found = run(tmp_path, spec("a", endless), spec("good", passes))

    assert found["good"] == [("c", Verdict.PASSED, "")]
    assert found["a"][-1] == (OWN_CHECK, Verdict.ERROR, "it gave more than 10,000 checks")
    assert len(found["a"]) == 10_001
    assert ended.wait(30)


def test_a_crash_names_the_gate_keeps_its_checks_and_spares_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def crashes(_context: GateContext) -> Iterator[CheckResult]:
        yield said("first")
        raise ZeroDivisionError("by naught")

    with caplog.at_level(logging.ERROR):
        found = run(tmp_path, spec("bad", crashes), spec("good", passes))

    assert found == {
        "bad": [
            ("first", Verdict.PASSED, ""),
            (OWN_CHECK, Verdict.ERROR, "the gate 'bad' crashed (ZeroDivisionError: by naught)"),
        ],
        "good": [("c", Verdict.PASSED, "")],
    }
    assert "Traceback" in caplog.text


def test_an_error_that_a_gate_lets_through_is_a_check_with_its_place(tmp_path: Path) -> None:
    def breaks(_context: GateContext) -> Iterator[CheckResult]:
        raise ReportError("no such file", where="x.json", mend="write it")
        yield said()

    assert run(tmp_path, spec("a", breaks))["a"] == [(OWN_CHECK, Verdict.ERROR, "x.json: no such file")]


def test_a_gate_without_checks_proves_nothing(tmp_path: Path) -> None:
    def silent(_context: GateContext) -> Iterator[CheckResult]:
        yield from ()

    assert run(tmp_path, spec("a", silent))["a"] == [
        (OWN_CHECK, Verdict.ERROR, "the gate gave no check, which proves nothing")
    ]


def test_a_gate_is_broken_off_at_its_deadline(tmp_path: Path) -> None:
    def endless(context: GateContext) -> Iterator[CheckResult]:
        yield said("step 1")
        context.clock.sleep(3600)
        yield said("step 2")

    assert run(tmp_path, spec("a", endless, timeout_seconds=0.2))["a"] == [
        ("step 1", Verdict.PASSED, ""),
        (OWN_CHECK, Verdict.ERROR, "broken off: its time of 200ms is over"),
    ]


def test_a_gate_that_does_not_look_at_the_clock_is_left_behind(tmp_path: Path) -> None:
    release = Event()

    def deaf(_context: GateContext) -> Iterator[CheckResult]:
        yield said("step 1")
        release.wait(30)
        yield said("too late")

    found = run(tmp_path, spec("a", deaf, timeout_seconds=0.1), overrun_seconds=0.1)
    release.set()

    assert found["a"] == [
        ("step 1", Verdict.PASSED, ""),
        (OWN_CHECK, Verdict.ERROR, "left behind: it did not come back when its time of 100ms was over"),
    ]


def test_a_stop_lets_running_gates_clean_up_and_leaves_the_rest_inconclusive(tmp_path: Path) -> None:
    stop, cleaned = Event(), Event()

    def careful(context: GateContext) -> Iterator[CheckResult]:
        yield said("step 1")
        try:
            context.clock.sleep(3600)
        finally:
            context.clock.sleep(0.05)  # time that cleaning up may take
            cleaned.set()

    Timer(0.1, stop.set).start()
    found = run(tmp_path, spec("a", careful), spec("b", passes, needs=("a",)), stop=stop)

    assert cleaned.is_set()
    assert found == {
        "a": [("step 1", Verdict.PASSED, ""), (OWN_CHECK, Verdict.INCONCLUSIVE, "the run was told to stop")],
        "b": [(OWN_CHECK, Verdict.INCONCLUSIVE, "not run: the run was told to stop")],
    }


def test_a_gate_that_does_not_clean_up_in_time_is_left_when_the_grace_is_over(tmp_path: Path) -> None:
    stop, release = Event(), Event()

    def deaf(_context: GateContext) -> Iterator[CheckResult]:
        release.wait(30)
        yield said()

    Timer(0.05, stop.set).start()
    began = time.monotonic()
    found = run(tmp_path, spec("a", deaf), stop=stop, grace_seconds=0.2)
    release.set()

    assert time.monotonic() - began < 5
    assert found["a"] == [(OWN_CHECK, Verdict.INCONCLUSIVE, "stopped: it had not cleaned up within 200ms")]


def test_a_gate_keeps_its_most_important_findings_and_some_of_every_check(tmp_path: Path) -> None:
    many = tuple(finding(f"r{number}") for number in range(26_000))

    def finds(_context: GateContext) -> Iterator[CheckResult]:
        for name in ("first", "second"):
            yield CheckResult(name=name, verdict=Verdict.FAILED, summary="26,000 found", findings=many)

    def open_context(_spec: GateSpec, clock: SystemClock, *_others: object) -> GateContext:
        return make_context(tmp_path, clock=clock)

    (result,) = run_gates([spec("a", finds)], open_context, Options())

    assert [(check.name, len(check.findings), check.summary) for check in result.checks] == [
        ("first", 10_000, "26,000 found"),
        ("second", 1_000, "26,000 found"),
    ]
