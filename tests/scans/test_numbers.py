"""Numbers and times of strangers: what is one is one, and what is none is None, whatever Python makes of it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverygate.errors import ReportError
from deliverygate.scans import read
from deliverygate.scans.numbers import decimal, is_hit, nearest, whole
from deliverygate.scans.times import read_time
from tests.scans.samples import SAMPLES
from tests.scans.test_hostile import NAMES, outcome
from tests.scans.test_hostile import survives as survives_by_both

EXAMPLES = settings(
    max_examples=120, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

ODD_NUMBERS = [
    "", " ", "-", "+", ".", "e5", "1e", "1_000", "0x10", "１２", "٣", "²", "1,5", "nan", "NaN", "inf", "-inf", "Infinity",
    "1e999", "-1e999", "1e-999", "1e99999999999", "9" * 4_301, "9" * 100_000, "1" + "0" * 400, "--1", "1 2", "\u22121",
    "1.8446744073709552e+19", "-1", "007", "+7", "1.", ".5",
]  # fmt: skip
ODD_TIMES = [
    "", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+99:99",
    "２０２６-01-01", "2026-01-01T00:00:00.1234567890123Z", "today", "1767225600", "2026-W01-1", "9" * 5_000, "\x00", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), (" 12 ", 12), ("007", 7), ("9" * 20, int("9" * 20)), ("9" * 21, None), (None, None), ("+7", None),
     ("-1", None), ("1.0", None), ("1_0", None), ("１２", None), ("²", None), ("9" * 5_000, None)],
)  # fmt: skip
def test_a_whole_number_is_plain_digits(written, number):
    assert whole(written) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [("7.5", 7.5), (" 1e3 ", 1000.0), (".5", 0.5), ("1.", 1.0), ("-2", -2.0), (9, 9.0), (7.5, 7.5), ("1e999", None),
     (10**400, None), (math.inf, None), (math.nan, None), (True, None), (None, None), ("nan", None), ("inf", None),
     ("1_0.5", None), ("９.５", None), ("0x1p3", None), ("9" * 401, None), ([], None), ({}, None)],
)  # fmt: skip
def test_a_number_is_finite_and_plain(written, number):
    assert decimal(written) == number


@pytest.mark.parametrize(
    ("written", "hit"),
    [("0", False), ("1", True), ("-1", False), ("0.0", False), ("0e9", False), ("1e-400", True), ("0.5", True),
     ("1.8446744073709552e+19", True), ("9" * 300, True), ("+3", True), ("-0", False), ("-1.5e9", False), ("", None),
     (None, None), ("=====", None), ("#####", None), ("nan", None), ("inf", None), ("1_0", None), ("９", None)],
)  # fmt: skip
def test_whatever_is_above_zero_is_a_hit(written, hit):
    assert is_hit(written) is hit


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("10000-01-01T00:00:00Z", None),
        (7, None),
        (None, None),
    ],
)
def test_a_time_is_one_in_utc_too(written, time):
    assert read_time(written) == time


@pytest.mark.parametrize("written", ODD_TIMES, ids=lambda text: repr(text[:30]))
def test_a_time_can_be_compared_and_moved_to_utc(written):
    time = read_time(written)

    assert time is None or time.astimezone(UTC) < datetime(9999, 12, 31, tzinfo=UTC)


@EXAMPLES
@given(written=st.one_of(st.text(max_size=30), st.sampled_from(ODD_NUMBERS), st.sampled_from(ODD_TIMES), st.integers(),
                         st.floats(), st.none(), st.booleans()))  # fmt: skip
def test_any_value_is_converted_or_none(written):
    text = written if isinstance(written, str) else repr(written)
    number, time = decimal(written), read_time(written)

    assert number is None or math.isfinite(number)
    assert (whole(text) or 0) >= 0
    assert is_hit(text) in (True, False, None)
    assert time is None or time.astimezone(UTC).year > 1


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4))
@EXAMPLES
def test_the_sum_of_any_counts_has_a_nearest_number(numbers):
    assert isinstance(nearest(sum(numbers)), int)


# A tracefile, a report and a profile with one line each, and a place for how often it ran.
COVERAGE = {
    "lcov": "TN:\nSF:a.js\nDA:1,{}\nDA:2,0\nend_of_record\n",
    "cobertura": '<coverage line-rate="1"><packages><package><classes><class filename="a.js"><lines>'
    '<line number="1" hits="{}"/><line number="2" hits="0"/></lines></class></classes></package></packages></coverage>',
    "clover": '<coverage generated="1"><project><file name="a.js"><line num="1" type="stmt" count="{}"/>'
    '<line num="2" type="stmt" count="0"/></file></project></coverage>',
    "jacoco": '<report name="r"><sessioninfo/><package name=""><sourcefile name="a.js"><line nr="1" ci="{}"/>'
    '<line nr="2" ci="0"/></sourcefile></package></report>',
    "go-cover": "mode: count\na.js:1.1,1.9 1 {}\na.js:2.1,2.9 1 0\n",
}


def covered(format, count):  # noqa: A002
    try:
        coverage = read(COVERAGE[format].format(count).encode(), path="r", format=format).coverage
    except ReportError:
        return "refused"
    return coverage and [(file.path, sorted(file.covered), sorted(file.missed)) for file in coverage.files]


HITS = [("a.js", [1], [2])]
MISSES = [("a.js", [], [1, 2])]


@pytest.mark.parametrize(
    ("count", "found"),
    [
        ("5", HITS),
        ("1.8446744073709552e+19", HITS),
        ("1e3", HITS),
        ("18446744073709551617", HITS),
        ("9" * 60, HITS),
        ("0.5", HITS),
        ("+1", HITS),
        ("0", MISSES),
        ("0.0", MISSES),
        ("0e5", MISSES),
        ("-1", MISSES),
        ("-9223372036854775808", MISSES),
        ("nan", "refused"),
        ("inf", "refused"),
        ("1_0", "refused"),
        ("٣", "refused"),
        ("=====", "refused"),
        ("1e", "refused"),
    ],
)
def test_a_count_means_the_same_in_every_format(count, found):
    assert {format: covered(format, count) for format in COVERAGE} == dict.fromkeys(COVERAGE, found)  # noqa: A001


@pytest.mark.parametrize(("format", "name"), NAMES, ids=[name for _, name in NAMES])
@EXAMPLES
@given(data=st.data())
def test_odd_numbers_and_times_anywhere_raise_nothing_but_report_errors(format, name, data):  # noqa: A002
    """Each run of digits of a real report becomes something that Python's conversions stumble over."""
    text = (SAMPLES / name).read_text()
    odd = data.draw(st.sampled_from([*ODD_NUMBERS[:-1], *ODD_TIMES[:-1]]))
    digits = [at for at, letter in enumerate(text) if letter.isdigit() and not text[at - 1 : at].isdigit()]
    at = data.draw(st.sampled_from(digits))
    end = at + len(text[at:]) - len(text[at:].lstrip("0123456789"))
    written = odd if name.endswith((".xml", ".lcov", ".out")) or text[at - 1 : at] != '"' else json.dumps(odd)[1:-1]

    changed = (text[:at] + written + text[end:]).encode(errors="surrogatepass")

    assert outcome(changed, format) in {"read", "refused: file True, reason True, cure True"}


def test_totals_too_big_for_a_double_are_no_crash():
    metrics = {"_totals": {"SEVERITY.HIGH": 1e308, "SEVERITY.LOW": 1e308, "SEVERITY.MEDIUM": 1e308}, "a.py": {}}

    survives_by_both(json.dumps({"results": [], "metrics": metrics, "errors": []}).encode(), "bandit")
