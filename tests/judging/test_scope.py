from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from deliverygate.change import ChangedFile
from deliverygate.judging.placing import Tree
from deliverygate.judging.scope import Scope, Within, narrow
from deliverygate.model import Location, Scan
from deliverygate.testing import finding

EDITED = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CHANGE = (
    ChangedFile(path="a.py", lines=((10, 12), (20, 20))),
    ChangedFile(path="logo.svg", lines=None),
    ChangedFile(path="moved.py", status="renamed", previous_path="old.py", lines=()),
    ChangedFile(path="gone.py", status="deleted", lines=()),
    ChangedFile(path="vendor/new", lines=((1, 1),)),
)
TRACKED = Tree(
    frozenset({"a.py", "logo.svg", "moved.py", "legacy.py"}), modules=frozenset({"vendor/lib", "vendor/new"})
)


def counts(location: Location | None, scope: Scope, **more: object) -> bool:
    return Within(CHANGE, scope, TRACKED)(finding(location=location, **more))


@pytest.mark.parametrize(
    ("location", "in_files", "in_lines"),
    [
        (Location("a.py", 10), True, True),
        (Location("a.py", 12), True, True),
        (Location("a.py", 9), True, False),
        (Location("a.py", 13), True, False),
        (Location("a.py", 1, end_line=10), True, True),
        (Location("a.py", 13, end_line=19), True, False),
        (Location("a.py", 20, end_line=3), True, True),
        (Location("a.py"), True, True),
        (Location("logo.svg", 5), True, True),
        (Location("moved.py", 1), True, False),
        (Location("legacy.py", 10), False, False),
        (Location("legacy.py"), False, False),
        (None, True, True),
        (Location("src/unknown.py", 10), True, True),
        (Location("gone.py", 10), True, True),
        (Location("/abs/a.py", 10), True, True),
        (Location("vendor/lib/x.c", 1), False, False),
        (Location("vendor/new/x.c", 1), True, True),
    ],
    ids=["first line", "last line", "above", "below", "reaches into it", "between", "ends before it begins",
         "the whole file", "lines not known", "only renamed", "elsewhere", "elsewhere, whole file", "nowhere",
         "no such file", "deleted", "outside of the workspace", "in a submodule", "in a submodule that was moved on"],
)  # fmt: skip
def test_finding_counts_where_the_change_is_or_where_nobody_can_tell(
    location: Location | None, in_files: bool, in_lines: bool
) -> None:
    assert (counts(location, "changed-files"), counts(location, "changed-lines")) == (in_files, in_lines)


def test_file_that_the_change_adds_counts_as_a_whole_also_behind_its_last_line() -> None:
    within = Within(
        [ChangedFile(path="new.py", status="added", lines=((1, 1),))], "changed-lines", Tree(frozenset({"new.py"}))
    )

    assert within(finding(location=Location("new.py", 50))) is True


def test_deleted_file_that_is_there_all_the_same_counts_as_a_whole() -> None:
    within = Within(CHANGE, "changed-lines", Tree(frozenset({"gone.py"})))

    assert within(finding(location=Location("gone.py", 10)))


@pytest.mark.parametrize(
    ("written_at", "counts"),
    [(EDITED - SECOND, True), (EDITED, True), (EDITED + SECOND, False), (None, False)],
    ids=["before", "at the same time", "after", "made just now"],
)
def test_report_from_before_an_edit_does_not_know_its_lines(written_at: datetime | None, counts: bool) -> None:
    files = (ChangedFile(path="a.py", lines=((10, 12),), edited_at=EDITED), ChangedFile(path="b.py", lines=((1, 1),)))
    within = Within(files, "changed-lines", Tree(frozenset({"a.py", "b.py"}))).as_of(written_at)

    assert [within(finding(location=Location(path, 5))) for path in ("a.py", "b.py")] == [counts, False]


@pytest.mark.parametrize(
    ("others", "related", "expected"),
    [
        (("legacy.py", 3), None, False),
        (("a.py", 11), None, True),
        (("a.py", 13), None, False),
        (("gen/b.py", 1), None, True),
        (None, ("a.py", 11), True),
        (None, ("a.py", 13), False),
        (None, ("/usr/include/x.h", 1), False),
    ],
    ids=["elsewhere", "a further place in the change", "a further place beside it", "a further place that nobody knows",
         "its way leads through the change", "its way passes by", "its way leads through a library"],
)  # fmt: skip
def test_finding_with_several_places_counts_where_one_of_them_is_in_the_change(
    others: tuple[str, int] | None, related: tuple[str, int] | None, expected: bool
) -> None:
    more = {"others": (Location(*others),) if others else (), "related": (Location(*related),) if related else ()}

    assert counts(Location("legacy.py", 1), "changed-lines", **more) == expected


def test_what_is_outside_stays_in_the_scan_and_in_its_single_runs() -> None:
    inside, outside = finding("a"), finding("b")
    run = Scan(tool="demo", version=None, format="demo", findings=(inside, outside), suppressed=(finding("b"),))

    scan = narrow(replace(run, runs=(run,)), lambda each: each.rule == "a")

    assert [[each.in_scope for each in (*one.findings, *one.suppressed)] for one in (scan, *scan.runs)] == [
        [True, False, False]
    ] * 2
