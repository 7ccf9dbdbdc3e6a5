"""Verdicts, severities, durations, and what a report means."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from deliverygate.model import CheckResult, Duration, Enforcement, GateResult, PolicySource, Report, Severity, Verdict

PASSED, FAILED, ERROR, SKIPPED, INCONCLUSIVE = (
    Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.SKIPPED, Verdict.INCONCLUSIVE,
)  # fmt: skip


def report(*gates: tuple[Verdict, bool]) -> Report:
    """A report whose gates are given as (verdict, whether it blocks)."""
    results = tuple(
        GateResult(
            gate="demo", id=f"g{number}", blocks=blocks,
            checks=(CheckResult(name="c", verdict=verdict, summary=""),),
        )
        for number, (verdict, blocks) in enumerate(gates)
    )  # fmt: skip
    return Report(
        stage="build", gates=results, policy=PolicySource("p", ""), started_at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=0, version="0",
    )  # fmt: skip


def test_severities_are_ordered() -> None:
    assert sorted(Severity) == [
        Severity.UNKNOWN, Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL,
    ]  # fmt: skip


def test_a_proven_fault_outranks_a_missing_answer() -> None:
    assert Verdict.worst([PASSED, ERROR, FAILED, SKIPPED, INCONCLUSIVE]) is FAILED
    assert Verdict.worst([PASSED, ERROR, INCONCLUSIVE]) is ERROR
    assert Verdict.worst([]) is SKIPPED


@pytest.mark.parametrize(
    ("gates", "verdict", "exit_code"),
    [
        ([(PASSED, True)], PASSED, 0),
        ([(PASSED, True), (FAILED, True)], FAILED, 1),
        ([(ERROR, True), (FAILED, True)], FAILED, 1),
        ([(PASSED, True), (ERROR, True)], ERROR, 3),
        ([(PASSED, True), (INCONCLUSIVE, True)], INCONCLUSIVE, 4),
        ([(SKIPPED, True)], SKIPPED, 4),
        ([(SKIPPED, False)], SKIPPED, 4),
        ([], SKIPPED, 4),
        ([(PASSED, True), (SKIPPED, True)], PASSED, 0),
        ([(PASSED, True), (FAILED, False)], PASSED, 0),
        ([(FAILED, False)], PASSED, 0),
    ],
    ids=[
        "passed", "one failed", "failed before error", "error", "inconclusive", "all skipped", "skipped and warning",
        "none", "some skipped", "a warning", "only warnings",
    ],
)  # fmt: skip
def test_exit_code_follows_the_gates_that_block(
    gates: list[tuple[Verdict, bool]], verdict: Verdict, exit_code: int
) -> None:
    judged = report(*gates)

    assert (judged.verdict, judged.exit_code, judged.allowed) == (verdict, exit_code, exit_code == 0)


@pytest.mark.parametrize(
    ("enforcement", "blocks"),
    [
        (Enforcement("block"), True),
        (Enforcement("warn"), False),
        (Enforcement("warn", date(2026, 6, 1)), True),
        (Enforcement("warn", date(2026, 6, 2)), False),
    ],
    ids=["block", "warn", "on the day", "the day before"],
)
def test_enforcement_blocks_from_its_day_on(enforcement: Enforcement, blocks: bool) -> None:
    assert enforcement.blocks_on(date(2026, 6, 1)) is blocks


@pytest.mark.parametrize(
    ("written", "seconds", "shown"),
    [(90, 90, "1m30s"), ("1.5", 1.5, "1.5s"), ("300ms", 0.3, "300ms"), ("1h30m", 5400, "1h30m"), ("7d", 604800, "7d"),
     (0, 0, "0s")],
    ids=str,
)  # fmt: skip
def test_durations_are_read_and_shown(written: object, seconds: float, shown: str) -> None:
    duration = Duration.parse(written)

    assert (float(duration), str(duration)) == (seconds, shown)


@pytest.mark.parametrize(
    "written", ["", "soon", "5x", "-3s", -3, True, float("inf"), float("nan"), "1h 30m", None], ids=str
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        Duration.parse(written)


def test_a_span_that_no_clock_can_count_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^'99999999999d' is longer than 36500d; write a span that a run can wait for$"
    ):
        Duration.parse("99999999999d")
