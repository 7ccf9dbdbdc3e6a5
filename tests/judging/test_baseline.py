import pytest

from deliverygate.errors import ConfigError
from deliverygate.judging.baseline import Baseline, Known, load, mark
from deliverygate.judging.fingerprint import identify
from deliverygate.model import Location, Scan
from deliverygate.testing import finding


def scan_of(*findings, runs=()):
    return Scan(tool="demo", version=None, format="demo", findings=findings, runs=runs)


def baseline_of(*fingerprints):
    return Baseline(version=1, findings=tuple(Known(fingerprint=each) for each in fingerprints))


def test_baseline_is_read_with_what_it_tells_people():
    data = b'{"version": 1, "findings": [{"fingerprint": "f", "tool": "t", "rule": "r", "path": "p"}]}'

    assert load(data, "b.json") == Baseline(version=1, findings=(Known(fingerprint="f", tool="t", rule="r", path="p"),))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"version": 2, "findings": []}',
        b'{"version": 1}',
        b'{"version": 1, "findings": [{}]}',
        b'{"version": 1, "findings": [{"fingerprint": " "}]}',
        b'{"version": 1, "findings": [], "extra": 1}',
        b'{"version": 1, "findings": [',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=["empty", "null", "list", "no keys", "version 2", "no findings", "no fingerprint", "blank", "unknown key",
         "cut off", "not UTF-8", "deep"],
)  # fmt: skip
def test_baseline_that_cannot_be_read_is_an_error_and_never_an_empty_one(data):
    with pytest.raises(ConfigError, match=r"^b\.json: is no baseline: .*; restore the file"):
        load(data, "b.json")


def test_known_finding_is_not_new_and_another_one_is():
    scan = scan_of(finding("a", fingerprint="1"), finding("b", fingerprint="2"))

    marked = mark(scan, baseline_of("1"))

    assert [(each.rule, each.is_new) for each in marked.findings] == [("a", False), ("b", True)]


def test_entry_covers_one_finding_so_the_second_of_two_is_new():
    scan = scan_of(finding(fingerprint="1"), finding(fingerprint="1"))

    assert [each.is_new for each in mark(scan, baseline_of("1")).findings] == [False, True]


def test_finding_without_fingerprint_is_always_new():
    baseline = Baseline(version=1, findings=(Known(fingerprint=""),))

    assert mark(scan_of(finding()), baseline).findings == (finding(),)


def test_single_runs_know_the_same_as_the_scan_they_make_up():
    first, second = finding(location=Location("a", 1)), finding(location=Location("a", 9))
    scan = identify(scan_of(first, second, runs=(scan_of(first), scan_of(second))))

    marked = mark(scan, baseline_of(scan.findings[0].fingerprint))

    assert [[each.is_new for each in run.findings] for run in (marked, *marked.runs)] == [
        [False, True],
        [False],
        [True],
    ]
