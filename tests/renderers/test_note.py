"""The note of a merge or pull request: what decides first, what is near to the change first, within its limit."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.model import CheckResult, Enforcement, Finding, GateResult, Location, Report, Severity, Verdict
from deliverygate.renderers.note import Nearness, render
from tests.renderers.sample_report import ALLOWED, REPORT, with_checks, with_findings
from tests.renderers.test_markdown import ATTACKS, hostile_report, leaves, outside

LIMIT = 60_000


def found(rule: str, path: str | None, line: int | None = None, severity: Severity = Severity.LOW) -> Finding:
    where = Location(path, line) if path else None
    return Finding(rule=rule, message=rule, severity=severity, tool="demo", location=where, fingerprint=rule)


def rules(text: str) -> list[str]:
    """The findings of a note in its order."""
    return [line.split("`")[1] for line in text.splitlines() if line.startswith("- **") and "mend" not in line]


def test_the_verdict_and_the_gates_stand_first() -> None:
    assert render(REPORT, limit=LIMIT).splitlines()[:7] == [
        "## deliverygate: `pre-merge` blocked",
        "",
        "**Blocked**: a rule of the policy is broken: `static-analysis`; also blocking: `health`, `canary`, `smoke`",
        "",
        "| gate | verdict | checks |",
        "| --- | --- | --- |",
        "| `pr-checklist` | passed | 1 check |",
    ]


def test_what_stands_on_changed_lines_comes_first_then_what_is_in_changed_files() -> None:
    files = (ChangedFile(path="a.py", lines=((3, 5),)), ChangedFile(path="logo.png"))
    report = with_findings(
        found("far", "z.py", 1, Severity.CRITICAL),
        found("nowhere", None, None, Severity.HIGH),
        found("in the file", "a.py", 9, Severity.CRITICAL),
        found("whole file", "a.py"),
        found("on the line", "a.py", 4),
        found("worse on the line", "a.py", 5, Severity.HIGH),
        found("lines unknown", "logo.png", 1),
    )

    assert rules(render(report, limit=LIMIT, files=files)) == [
        "worse on the line", "on the line", "in the file", "whole file", "lines unknown", "far", "nowhere",
    ]  # fmt: skip


def test_what_reaches_into_a_changed_line_is_on_it() -> None:
    near = Nearness((ChangedFile(path="a.py", lines=((3, 5),)),))

    places = [Location("a.py", 1, None, 3), Location("a.py", 1, None, 2), Location("a.py", 6), Location("b.py", 4)]

    assert [near(replace(found("x", "a.py"), location=place)) for place in places] == [0, 1, 1, 2]


def test_new_findings_come_before_known_ones() -> None:
    known = replace(found("known", "a.py", 1, Severity.CRITICAL), is_new=False)

    assert rules(render(with_findings(known, found("new", "b.py", 1)), limit=LIMIT)) == ["new", "known"]


def test_only_the_first_findings_are_listed_and_the_rest_is_counted() -> None:
    text = render(with_findings(*(found(f"rule-{number:02}", "a.py", number) for number in range(1, 33))), limit=LIMIT)

    assert rules(text) == [f"rule-{number:02}" for number in range(1, 11)]
    assert "- 22 more in report.json\n" in text


def test_what_blocks_stands_before_what_only_warns() -> None:
    def gate(name: str, verdict: Verdict, mode: str) -> GateResult:
        check = CheckResult(name="check", verdict=verdict, summary="why")
        return GateResult(
            gate=name, id=name, checks=(check,), enforcement=Enforcement(mode=mode), blocks=mode == "block"
        )  # fmt: skip

    gates = (
        gate("warns", Verdict.FAILED, "warn"), gate("unsure", Verdict.INCONCLUSIVE, "block"),
        gate("broken", Verdict.ERROR, "block"), gate("passes", Verdict.PASSED, "block"),
        gate("fails", Verdict.FAILED, "block"),
    )  # fmt: skip

    text = render(replace(REPORT, gates=gates), limit=LIMIT)

    assert [line for line in text.splitlines() if line.startswith("###")] == [
        "### Failed: `fails` `check`",
        "### Error: `broken` `check`",
        "### Inconclusive: `unsure` `check`",
        "### Warned: `warns` `check`",
    ]


@pytest.mark.parametrize("limit", [1_500, 4_000, 20_000])
def test_a_note_that_is_too_long_is_cut_between_two_sections_and_says_so(limit: int) -> None:
    checks = tuple(CheckResult(name=f"check {index}", verdict=Verdict.FAILED, summary="x" * 400) for index in range(99))

    text = render(with_checks(*checks), limit=limit)

    left_out = 99 - text.count("### Failed")
    assert len(text) <= limit
    assert f"\n*{left_out} further sections are left out here; `report.json` holds the whole.*\n" in text
    assert text.splitlines()[-1].startswith("The full report: `report.json`. Policy ")


def test_many_gates_leave_room_for_what_failed() -> None:
    passed = tuple(
        GateResult(gate="a", id=f"gate-{index}", checks=(CheckResult(name="a", verdict=Verdict.PASSED, summary=""),))
        for index in range(3_000)
    )
    failed = GateResult(gate="b", id="fails", checks=(CheckResult(name="b", verdict=Verdict.FAILED, summary="why"),))

    text = render(replace(REPORT, gates=(*passed, failed), notes=()), limit=20_000)

    assert len(text) <= 20_000
    assert "| `fails` | failed | 1 of 1 check failed |" in text
    assert "| 2,951 more | | |" in text
    assert "### Failed: `fails` `b`" in text


def test_many_notes_are_counted() -> None:
    text = render(replace(ALLOWED, notes=tuple(f"note {number}" for number in range(30))), limit=LIMIT)

    items = [line for line in text.splitlines() if line.startswith("- ")]
    assert items[-11:] == [*(f"- `note {number}`" for number in range(10)), "- 20 more in report.json"]


def test_the_full_report_is_pointed_at() -> None:
    text = render(ALLOWED, limit=LIMIT, whole="[the files of the job](https://x/browse)")

    start = "The full report: [the files of the job](https://x/browse), `report.json`. Policy "
    assert text.splitlines()[-1].startswith(start)


@pytest.mark.parametrize("text", ATTACKS.values(), ids=list(ATTACKS))
def test_a_strangers_text_does_nothing_in_a_note(text: str) -> None:
    def noted(word: str) -> Report:
        return replace(hostile_report(word), notes=(word,))

    harmless = render(noted("harmless"), limit=LIMIT)

    shown = render(noted(text), limit=LIMIT)

    assert [leaf.type for leaf in leaves(shown) if leaf.type != "softbreak"] == [
        leaf.type for leaf in leaves(harmless) if leaf.type != "softbreak"
    ]
    assert outside(shown) == outside(harmless)
    assert "<!--" not in shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("/")]
