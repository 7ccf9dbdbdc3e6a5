"""Covered lines against what is wanted: in all, among new lines, and against what was before."""

from __future__ import annotations

from fractions import Fraction

import pytest

from deliverygate.change import ChangedFile
from deliverygate.evidence import Coverage, FileCoverage, Tally
from deliverygate.judging.coverage import (
    UNCOVERED,
    Changed,
    join,
    judge_baseline,
    judge_changed,
    judge_total,
    pick,
)
from deliverygate.model import Location


def lines(path, covered=(), missed=()):
    return FileCoverage(path=path, covered=frozenset(covered), missed=frozenset(missed))


def told(check):
    return check.verdict.value, check.summary, check.mend


def test_a_line_is_covered_when_one_of_the_reports_says_so():
    unit = Coverage(files=(lines("a", [1], [2, 3]), lines("b", [], [1])))
    whole = Coverage(files=(lines("a", [2], [1]), lines("c", [1])))

    assert join([unit, whole]).files == (lines("a", [1, 2], [3]), lines("b", [], [1]), lines("c", [1]))


def test_lines_that_are_only_counted_are_never_counted_twice():
    few, more = (FileCoverage(path="a", counted=Tally(covered, 9)) for covered in (3, 5))
    named = lines("a", [1], [2])

    assert [join([Coverage(files=(one,)), Coverage(files=(other,))]).lines for one, other in ((few, more), (few, named))] == [
        Tally(5, 9),
        Tally(1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("total", "wanted", "expected"),
    [
        (Tally(8, 10), "80", ("passed", "80.0 %, at least 80 % wanted (8 of 10 lines)", "")),
        (
            Tally(8999, 10_000),
            "90",
            ("failed", "89.9 %, at least 90 % wanted (8999 of 10000 lines)", "cover 1 more line by tests"),
        ),
        (
            Tally(0, 4),
            "50.5",
            ("failed", "0.0 %, at least 50.5 % wanted (0 of 4 lines)", "cover 3 more lines by tests"),
        ),
        (Tally(0, 4), "0", ("passed", "0.0 %, at least 0 % wanted (0 of 4 lines)", "")),
    ],
    ids=["exactly", "a hair below", "far below", "nothing wanted"],
)
def test_the_total_is_compared_exactly_and_shown_cut(total, wanted, expected):
    assert told(judge_total(total, Fraction(wanted))) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (Fraction(200, 3), ("passed", "66.6 %, at least 66.67 % wanted (2 of 3 lines; cov.xml)")),
        (Fraction(66667, 1000), ("failed", "66.6 %, at least 66.67 % wanted (2 of 3 lines; cov.xml)")),
        (Fraction(60), ("passed", "66.6 %, at least 60 % wanted (2 of 3 lines; cov.xml)")),
    ],
    ids=["the same", "a hair more", "less"],
)
def test_a_drop_of_a_hair_is_a_drop(before, expected):
    assert told(judge_baseline(Tally(2, 3), before, "cov.xml"))[:2] == expected


@pytest.mark.parametrize("judged", [judge_total(Tally(9, 9), Fraction(50), doubt="1 of 2 reports cannot be relied on")])
def test_while_a_report_is_missing_nothing_passes(judged):
    assert told(judged) == (
        "inconclusive",
        "100.0 %, at least 50 % wanted (9 of 9 lines); 1 of 2 reports cannot be relied on",
        "bring the missing evidence",
    )


def test_new_lines_are_those_of_the_change_that_a_report_knows():
    coverage = Coverage(files=(lines("a", [1, 2], [3, 9]), lines("gone", [1]), lines("moved", [5], [6])))
    changes = (
        ChangedFile(path="a", lines=((2, 4), (20, 22))),
        ChangedFile(path="gone", status="deleted", lines=()),
        ChangedFile(path="moved", status="renamed", lines=()),
        ChangedFile(path="README.md", lines=((1, 9),)),
    )

    assert pick(coverage, changes) == Changed(files=(lines("a", [2], [3]),), new_lines=6, absent=("README.md",))


def test_where_nobody_knows_which_lines_are_new_all_are():
    coverage = Coverage(files=(lines("a", [1], [2, 3]),))

    assert pick(coverage, [ChangedFile(path="a")]) == Changed(files=(lines("a", [1], [2, 3]),), new_lines=3)


def test_files_whose_lines_are_only_counted_are_told():
    coverage = Coverage(files=(FileCoverage(path="a", counted=Tally(1, 2)),))

    assert pick(coverage, [ChangedFile(path="a", lines=((1, 1),))]) == Changed(nameless=("a",))


@pytest.mark.parametrize(
    ("changed", "least", "expected"),
    [
        (
            Changed((lines("a", range(8), [8, 9]),), 25),
            20,
            ("passed", "80.0 %, at least 80 % wanted (8 of 10 lines)", ""),
        ),
        (
            Changed((lines("a", range(7), [7, 8, 9]),), 25, absent=("b", "c", "d", "e")),
            20,
            (
                "failed",
                "70.0 %, at least 80 % wanted (7 of 10 lines; in no report: b, c, d and 1 more)",
                UNCOVERED.remedy,
            ),
        ),
        (
            Changed((lines("a", [1], [2]),), 19),
            20,
            ("skipped", "50.0 % (19 new lines in measured files, fewer than 20: shown, not judged)", ""),
        ),
        (Changed((lines("a", [1], [2]),), 2), 0, ("failed", "50.0 %, at least 80 % wanted (1 of 2 lines)", UNCOVERED.remedy)),
        (Changed((lines("a"),), 30), 20, ("skipped", "nothing to measure (no new line is code)", "")),
        (
            Changed(absent=("docs/a.md",)),
            20,
            (
                "skipped",
                "nothing to measure (0 new lines in measured files, fewer than 20: shown, not judged; "
                "in no report: docs/a.md)",
                "",
            ),
        ),
    ],
    ids=["enough", "too few", "small change", "small changes judged", "comments only", "no code"],
)  # fmt: skip
def test_new_lines_are_judged_where_there_are_enough_of_them(changed, least, expected):
    assert told(judge_changed(changed, Fraction(80), min_new_lines=least)) == expected


def test_a_small_change_passes_no_longer_while_a_report_is_missing():
    check = judge_changed(Changed(), Fraction(80), min_new_lines=20, doubt="1 of 2 reports cannot be relied on")

    assert check.verdict.value == "inconclusive"


def test_stretches_without_a_test_become_findings():
    changed = Changed((lines("a", [5], [1, 2, 4, 6]),), 30)

    check = judge_changed(changed, Fraction(80), min_new_lines=20)

    assert [(each.location, each.message) for each in check.findings] == [
        (Location("a", 1, end_line=4), "lines 1 to 4 are new or changed, and no test runs the code there"),
        (Location("a", 6), "line 6 is new or changed, and no test runs the code there"),
    ]
