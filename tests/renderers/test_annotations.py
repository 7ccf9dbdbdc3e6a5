"""What is shown beside the lines of a change: the most important first, each once, as many as are taken."""

from __future__ import annotations

import pytest

from deliverygate.change import ChangedFile
from deliverygate.model import CheckResult, Enforcement, Finding, GateResult, Location, Report, Severity, Verdict
from deliverygate.renderers.annotations import Annotation, Picked, pick
from tests.renderers.sample_report import ALLOWED, REPORT, with_checks
from tests.renderers.test_markdown import ATTACKS, hostile_report


def found(rule: str, path: str | None, line: int | None = None, severity: Severity = Severity.LOW) -> Finding:
    where = Location(path, line) if path else None
    return Finding(rule=rule, message=f"{rule} is broken", severity=severity, tool="demo", location=where)


def failed(*findings: Finding, name: str = "no finding", mend: str = "") -> CheckResult:
    return CheckResult(name=name, verdict=Verdict.FAILED, summary="found", findings=findings, mend=mend)


def titles(picked: Picked) -> list[str]:
    return [annotation.title for annotation in picked.shown]


def test_a_finding_is_shown_at_its_place() -> None:
    finding = Finding(
        rule="no-eval", message="eval can be harmful", severity=Severity.HIGH, tool="ESLint", fixed_in="2.0",
        location=Location("./src/a.js", 3, 7, 4),
    )  # fmt: skip

    picked = pick(with_checks(failed(finding)), 10, blocks=True)

    gate = with_checks().gates[0].id
    place = Location("src/a.js", 3, 7, 4)
    assert picked == Picked(
        (Annotation(True, f"{gate}: no-eval (high)", "eval can be harmful (fixed in 2.0)", place),), left_out=0
    )


def test_a_check_without_a_place_is_about_the_whole_change() -> None:
    check = failed(found("x", None), name="every item is ticked", mend="tick it")

    picked = pick(with_checks(check), 10, blocks=True)

    gate = with_checks().gates[0].id
    assert picked.shown == (Annotation(True, f"{gate}: every item is ticked", "found; tick it", None),)


def test_changed_lines_come_first_then_checks_then_the_rest_by_severity() -> None:
    report = with_checks(
        failed(
            found("far", "z.py", 1, Severity.MEDIUM),
            found("worse", "z.py", 2, Severity.CRITICAL),
            found("near", "a.py", 4),
        ),
        failed(name="could not judge"),
    )

    picked = pick(report, 10, blocks=True, files=(ChangedFile(path="a.py", lines=((3, 5),)),))

    gate = report.gates[0].id
    assert titles(picked) == [
        f"{gate}: near (low)", f"{gate}: could not judge", f"{gate}: worse (critical)", f"{gate}: far (medium)",
    ]  # fmt: skip


@pytest.mark.parametrize(("limit", "left_out"), [(0, 5), (2, 3), (5, 0), (9, 0)], ids=str)
def test_what_is_left_out_is_counted(limit: int, left_out: int) -> None:
    findings = (found(str(number), "a.py", number) for number in range(1, 5))
    report = with_checks(failed(*findings), failed(name="another"))

    picked = pick(report, limit, blocks=True)

    assert (len(picked.shown), picked.left_out) == (5 - left_out, left_out)


def test_gates_that_only_warn_have_annotations_of_their_own() -> None:
    result = GateResult(
        gate="a", id="warns", checks=(failed(found("x", "a.py", 1)),), enforcement=Enforcement("warn"), blocks=False
    )
    report = with_checks()
    report = Report(
        stage="s", gates=(result,), policy=report.policy, started_at=report.started_at, seconds=1, version="1"
    )

    assert (titles(pick(report, 10, blocks=True)), titles(pick(report, 10, blocks=False))) == (
        [],
        ["warns: x (low)"],
    )


def test_one_finding_of_two_gates_is_shown_once() -> None:
    gates = [gate.id for gate in REPORT.gates]
    shown = pick(REPORT, 1000, blocks=True).shown

    assert len(gates) > 1
    assert len({(each.title.partition(": ")[2], each.place) for each in shown}) == len(shown)


def test_what_passed_and_what_is_noted_is_not_shown() -> None:
    assert pick(ALLOWED, 10, blocks=True).shown == ()


def test_a_report_that_judged_nothing_says_so() -> None:
    report = Report(stage="s", gates=(), policy=REPORT.policy, started_at=REPORT.started_at, seconds=1, version="1")

    assert titles(pick(report, 10, blocks=True)) == ["deliverygate: gates"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.py", "C:\\x.py"], ids=str)
def test_a_place_outside_of_the_repository_is_none(path: str) -> None:
    picked = pick(with_checks(failed(found("x", path, 1))), 10, blocks=True)

    assert [annotation.place for annotation in picked.shown] == [None]


@pytest.mark.parametrize("text", ATTACKS.values(), ids=list(ATTACKS))
def test_each_text_is_one_line_of_bounded_length(text: str) -> None:
    shown = pick(hostile_report(text * 100), 10, blocks=True).shown

    assert all(
        "\n" not in each.title + each.message and len(each.title) <= 200 and len(each.message) <= 1000 for each in shown
    )
    assert shown
