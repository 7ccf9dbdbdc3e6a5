from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from deliverygate.errors import ConfigError
from deliverygate.judging.baseline.file import Baseline, describe, describe_all, dump, load
from deliverygate.judging.baseline.ledger import Ledger, unheard_of
from deliverygate.model import Finding, Location, Scan
from deliverygate.testing import finding

FOUND = b'{"version": 1, "gates": {"s.g": [{"tool": "t", "rule": "r", "message": "m"}]}}'


def no_text(_path: str, _line: int) -> str:
    return ""


def scan_of(*findings: Finding, suppressed: tuple[Finding, ...] = (), runs: tuple[Scan, ...] = ()) -> Scan:
    return Scan(tool="demo", version=None, format="demo", findings=findings, suppressed=suppressed, runs=runs)


def ledger(*before: Finding, around: Callable[[str, int], str] = no_text) -> Ledger:
    """What a gate knows that found these before; every file is still there."""
    return Ledger(describe_all(before, around), around=around, is_there=lambda _: True)


def at(line: int, path: str = "a.py", **more: object) -> Finding:
    return finding(location=Location(path, line), **more)


def news(scan: Scan) -> list[bool]:
    return [each.is_new for each in scan.findings]


def test_file_is_one_line_a_finding_sorted_by_place() -> None:
    known = describe_all([at(9, "b.py"), at(30), at(4), finding("CVE-1", package="pkg:deb/debian/openssl@1")], no_text)

    written = dump(Baseline(gates={"pre-merge/lint": known, "build/image": ()}))

    message = known[1].message
    assert written.decode() == (
        '{"version": 1, "gates": {\n'
        '"build/image": [],\n'
        '"pre-merge/lint": [\n'
        '{"tool":"demo","rule":"CVE-1","package":"openssl"},\n'
        f'{{"path":"a.py","line":4,"tool":"demo","rule":"no-unused-vars","message":"{message}"}},\n'
        f'{{"path":"a.py","line":30,"tool":"demo","rule":"no-unused-vars","message":"{message}"}},\n'
        f'{{"path":"b.py","line":9,"tool":"demo","rule":"no-unused-vars","message":"{message}"}}\n'
        "]\n}}\n"
    )


def test_file_is_read_as_it_was_written() -> None:
    baseline = Baseline(
        gates={"a.b": describe_all([at(1, native="n"), finding("CVE", package="x@1")], no_text), "c.d": ()}
    )

    assert load(dump(baseline), "b.json") == baseline


def test_file_tells_neither_message_nor_the_tools_own_fingerprint() -> None:
    secret = replace(at(1, native="key:hunter2"), message="token hunter2 found")

    assert b"hunter2" not in dump(Baseline(gates={"s.g": describe_all([secret], no_text)}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        FOUND.replace(b"1", b"2", 1),
        b'{"gates": {}}',
        b'{"version": 1}',
        b'{"version": 1, "gates": []}',
        b'{"version": 1, "gates": {"s.g": [{}]}}',
        FOUND.replace(b'"message": "m"', b'"text": "m"'),
        FOUND.replace(b'"r"', b'" "'),
        FOUND.replace(b'"t"', b'""'),
        FOUND.replace(b'"tool"', b'"extra": 1, "tool"'),
        FOUND[:-9],
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=["empty", "null", "list", "no keys", "version 2", "no version", "no gates", "gates are a list", "no fields",
         "nothing to match by", "blank rule", "no tool", "unknown key", "cut off", "not UTF-8", "deep"],
)  # fmt: skip
def test_baseline_that_cannot_be_read_is_an_error_and_never_an_empty_one(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"^b\.json: is no baseline: .*; restore the file"):
        load(data, "b.json")


def test_known_finding_is_not_new_and_another_one_is() -> None:
    marked = ledger(at(1, rule="a")).mark(scan_of(at(1, rule="a"), at(2, rule="b")))

    assert news(marked) == [False, True]


def test_entry_covers_one_finding_so_the_second_of_two_is_new() -> None:
    assert news(ledger(at(5)).mark(scan_of(at(5), at(90)))) == [False, True]


def test_the_nearest_of_several_is_the_known_one() -> None:
    assert news(ledger(at(50)).mark(scan_of(at(5), at(48), at(90)))) == [True, False, True]


def test_same_report_twice_uses_an_entry_once() -> None:
    known, scan = ledger(at(5)), scan_of(at(5), at(90))

    assert [news(known.mark(scan)) for _ in range(3)] == [[False, True]] * 3


def test_another_finding_in_a_second_report_is_new() -> None:
    known = ledger(at(5))

    assert (news(known.mark(scan_of(at(5)))), news(known.mark(scan_of(at(90))))) == ([False], [True])


def test_one_more_on_the_same_line_is_new_also_in_a_second_report() -> None:
    known = ledger(at(5))

    assert (news(known.mark(scan_of(at(5)))), news(known.mark(scan_of(at(5), at(5))))) == ([False], [False, True])


def test_what_the_tool_suppressed_is_known_as_well_since_a_policy_may_count_it() -> None:
    marked = ledger(at(5), at(9)).mark(scan_of(at(5), suppressed=(at(9),)))

    assert (news(marked), [each.is_new for each in marked.suppressed]) == ([False], [False])


def test_single_runs_know_the_same_as_the_scan_they_make_up() -> None:
    first, second = at(1), at(9)
    scan = scan_of(first, second, runs=(scan_of(first), scan_of(second)))

    marked = ledger(at(1)).mark(scan)

    assert [news(each) for each in (marked, *marked.runs)] == [[False, True], [False], [True]]


def test_files_of_rules_that_nobody_knew_are_not_looked_at() -> None:
    def around(_path: str, _line: int) -> str:
        raise AssertionError("looked at")

    assert news(ledger(at(1, rule="other")).mark(scan_of())) == []
    assert news(Ledger((), around=around, is_there=lambda _: True).mark(scan_of(at(1)))) == [True]


def test_gate_that_the_baseline_does_not_know_says_so() -> None:
    marked = unheard_of("build/image")(scan_of(at(1)))

    assert news(marked) == [True]
    assert marked.notes == (
        "The baseline has nothing of 'build/image', so every finding is new; `deliverygate baseline write` adds it.",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("line 80 is too long (95 > 88)", "line 12 is too long (101 > 88)"),
        ("x  is\nunused", "x is unused"),
        ("/home/a/shop/src/a.py: broken", "/builds/shop/src/a.py: broken"),
        ("see '/home/a/shop/src/a.py' and /home/a/shop/lib/b.py", "see '/b/src/a.py' and /b/lib/b.py"),
        ("at C:/shop/src/a.py", "at /shop/src/a.py"),
    ],
    ids=["numbers", "white space", "checkout", "checkout of other files too", "Windows"],
)
def test_message_is_known_without_what_changes_by_itself(before: str, after: str) -> None:
    one, other = (describe(replace(at(1, "src/a.py"), message=message), no_text).message for message in (before, after))

    assert one == other


def test_line_of_a_finding_is_what_json_says() -> None:
    (known,) = describe_all([at(3)], lambda path, line: f"{path}:{line}")

    lines = dump(Baseline(gates={"s.g": (known,)})).decode().splitlines()
    assert json.loads(lines[2]) == {
        "path": "a.py", "line": 3, "tool": "demo", "rule": "no-unused-vars", "message": known.message, "text": "a.py:3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "is_new"),
    [
        ({"rule": "DS002"}, {"rule": "DS-0002"}, False),
        ({"rule": "AVD-DS-0002"}, {"rule": "DS-0002", "aliases": ("AVD-DS-0002", "DS002")}, False),
        ({"rule": "old-name"}, {"rule": "new-name", "aliases": ("old-name",)}, False),
        ({"rule": "old-name", "aliases": ("new-name",)}, {"rule": "new-name"}, False),
        ({"rule": "old-name"}, {"rule": "new-name"}, True),
        ({"rule": "DS002"}, {"rule": "DS-0002", "tool": "another"}, True),
        ({"rule": "E1"}, {"rule": "e1"}, True),
    ],
)
def test_check_is_known_again_by_its_other_ids(before, now, is_new):
    then, today = ({"location": Location("Dockerfile", 1), "message": "root", **each} for each in (before, now))

    assert news(ledger(finding(**then)).mark(scan_of(finding(**today)))) == [is_new]


@pytest.mark.parametrize(
    ("before", "now", "is_new"),
    [
        ({"rule": "GHSA-1", "tool": "Grype"}, {"rule": "CVE-1", "tool": "Trivy", "aliases": ("GHSA-1",)}, False),
        ({"rule": "GHSA-1", "tool": "Grype", "aliases": ("CVE-1",)}, {"rule": "CVE-1", "tool": "Trivy"}, False),
        ({"rule": "cve-1", "tool": "trivy"}, {"rule": "CVE-1", "tool": "Trivy"}, False),
        ({"rule": "CVE-1"}, {"rule": "CVE-1", "package": "pkg:npm/b@1"}, True),
        ({"rule": "CVE-1"}, {"rule": "CVE-2"}, True),
        ({"rule": "CVE-1", "tool": "npm audit", "location": None}, {"rule": "CVE-1", "tool": "Trivy"}, False),
        ({"rule": "CVE-1"}, {"rule": "CVE-1", "location": Location("other/package-lock.json")}, True),
    ],
)
def test_vulnerability_is_known_again_by_another_of_its_ids_and_from_another_tool(before, now, is_new):
    place = {"package": "pkg:npm/a@1", "location": Location("package-lock.json")}

    assert news(ledger(finding(**place | before)).mark(scan_of(finding(**place | now)))) == [is_new]


def test_vulnerability_that_is_known_once_is_new_the_second_time():
    known = ledger(finding("GHSA-1", package="pkg:npm/a@1"))
    twice = [finding("CVE-1", aliases=("GHSA-1",), package="pkg:npm/a@1", tool=tool) for tool in ("Grype", "Trivy")]

    assert news(known.mark(scan_of(*twice))) == [False, True]
