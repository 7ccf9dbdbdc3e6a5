"""Findings of several reports together: each counts once, however many reports hold it."""

from __future__ import annotations

from datetime import date

import pytest

from deliverygate.model import Finding, Location, Scan, Severity
from deliverygate.testing import finding
from deliverygate_gates.reports import pool


def at(line: int, path: str = "a.py", **more: object) -> Finding:
    return finding(location=Location(path, line), **more)


def pooled(*groups: tuple[Finding, ...]) -> tuple[Finding, ...]:
    scans = [Scan(tool="demo", version=None, format="demo", findings=group) for group in groups]
    return pool(scans, lambda _: None, date(2027, 1, 1)).findings


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        (((at(1), at(9)), (at(1), at(9))), (at(1), at(9))),
        (((at(9),), (at(1), at(9))), (at(9), at(1))),
        (((at(1),), (at(1, "b.py"),)), (at(1), at(1, "b.py"))),
        (((at(1), at(1)), (at(1),)), (at(1), at(1))),
        (((at(1),), (at(1), at(1))), (at(1), at(1))),
        (((at(1), at(1)),), (at(1), at(1))),
        (((finding("CVE", package="pkg:apk/musl@1"),), (finding("CVE", package="musl@1"),)), (finding("CVE", package="pkg:apk/musl@1"),)),
    ],
    ids=["the same report twice", "overlapping", "two files", "twice in the first", "twice in the second", "one report",
         "package in two forms"],
)  # fmt: skip
def test_finding_counts_as_often_as_the_report_that_holds_it_most_often(
    groups: tuple[tuple[Finding, ...], ...], wanted: tuple[Finding, ...]
) -> None:
    assert pooled(*groups) == wanted


def test_finding_of_two_reports_is_as_bad_as_the_worse_of_them_says() -> None:
    mild = finding("CVE-1", Severity.LOW, package="pkg:npm/a@1", is_new=False, in_scope=False)
    bad = finding("CVE-1", Severity.CRITICAL, package="pkg:npm/a@1", fixable=True, fixed_in="2", aliases=("GHSA-1",))

    assert (pooled((mild,), (bad,)), pooled((bad,), (mild,))) == ((bad,), (bad,))
