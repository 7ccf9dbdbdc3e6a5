"""Foreign text becomes a value or nothing, whatever it is; no conversion raises what nobody expects."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate import conversions
from deliverygate.conversions import (
    NotTextError,
    address,
    any_number,
    ascii_name,
    exact,
    http_date,
    moment,
    moment_of,
    number,
    read_json,
    retry_after,
    to_record,
    url_parts,
    utf8,
    whole,
)

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("12", 12), ("-12", -12), ("+0", 0), ("007", 7), (str(2**64), 2**64)),
        *(
            (DIGITS, None),
            ("", None),
            ("1.0", None),
            ("1_0", None),
            (" 1", None),
            ("٣", None),
            ("²", None),
            ("0x1", None),
        ),
    ],
)
def test_whole_number_is_one_in_plain_digits(text: str, found: int | None) -> None:
    assert whole(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("1", 1.0), (".5", 0.5), ("5.", 5.0), ("-1e3", -1000.0), ("1E-2", 0.01)),
        *(("1.1.1", None), (".", None), ("1e999", None), ("nan", None), ("inf", None), ("1_0.0", None), ("٣.٤", None)),
        *((DIGITS, None), ("", None), ("1e", None), ("--1", None)),
    ],
)
def test_number_is_finite_and_plain(text: str, found: float | None) -> None:
    assert number(text) == found


def test_numbers_of_prometheus_may_be_infinite_or_none() -> None:
    found = [any_number(text) for text in ("+Inf", "-Inf", "1.5", "inf inity", "+-1", "")]

    assert found == [math.inf, -math.inf, 1.5, None, None, None]
    assert math.isnan(any_number("NaN") or 0.0)


def test_exact_number_keeps_its_digits() -> None:
    assert exact("0.10000000000000000001") == Decimal("0.10000000000000000001")
    assert exact("1e9999999999999999999") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+0200", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("2026-02-30T00:00:00Z", None),
        ("yesterday", None),
    ],
    ids=["UTC", "a zone", "no zone", "before the calendar", "behind the calendar", "no day", "no moment"],
)
def test_moment_lies_in_the_calendar(text: str, found: datetime | None) -> None:
    assert moment(text) == found


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e300, -1e300, 1e18])
def test_seconds_beyond_the_calendar_are_no_moment(seconds: float) -> None:
    assert moment_of(seconds) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("120", 120.0), (" 5 ", 5.0), ("-3", 0.0), (DIGITS, None), ("soon", None), ("", None), ("1.5", None)),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Mon, 99 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, found: float | None) -> None:
    assert retry_after(text, now=10.0) == found


def test_address_is_equal_in_any_spelling() -> None:
    assert address("2001:0db8:0:0:0:0:0:1") == address("2001:db8::1") == IPv6Address("2001:db8::1")
    assert address("::ffff:192.0.2.1") == address("::ffff:c000:201")
    assert [address(text) for text in ("192.0.2.1", "192.0.2.01", "fe80::1%eth0", "1", "")] == [
        *(IPv4Address("192.0.2.1"), None, None, None, None)
    ]


@pytest.mark.parametrize("text", ["http://[::1", "http://a:99999", "http://a:x"])
def test_half_an_address_is_none(text: str) -> None:
    assert url_parts(text) is None


def test_names_go_over_the_wire_in_ascii_as_browsers_send_them() -> None:
    assert [ascii_name(text) for text in ("Shop.example", "straße.example", "ＳＨＯＰ.example", "a..ü", "ü" * 70)] == [
        *("Shop.example", "xn--strae-oqa.example", "shop.example", None, None)
    ]


def test_bytes_that_are_no_text_say_where() -> None:
    with pytest.raises(NotTextError) as caught:
        utf8(b"ab\xff")

    assert (str(caught.value), caught.value.byte) == ("not UTF-8 (byte 2)", 2)


class Record(msgspec.Struct):
    """What a server may say."""

    name: str
    labels: tuple[str, ...] = ()
    parent: int | None = None


@pytest.mark.parametrize(
    "read", [read_json, lambda data, kind: to_record(json.loads(data), kind)], ids=["bytes", "data"]
)
def test_key_with_null_is_a_key_that_is_left_out(read: Any) -> None:
    assert read(b'{"name": "a", "labels": null, "parent": null}', Record) == Record("a")
    with pytest.raises(ValueError, match="Expected `str`, got `null`"):
        read(b'{"name": null}', Record)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"[" * 100_000, b'{"a": 1e999}', b'{"a": NaN}', b'{"a":' * 900 + b"1" + b"}" * 900 + b"x"]
)
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    for kind in (Any, Record):
        with pytest.raises(ValueError, match=r"."):
            read_json(data, kind)


CONVERSIONS = (whole, number, any_number, exact, moment, http_date, address, ascii_name, url_parts)


@given(st.text() | st.from_regex(r"[-+]?[\d._eE:/TZ\[\]%, -]*", fullmatch=True))
def test_no_text_breaks_a_conversion(text: str) -> None:
    for convert in CONVERSIONS:
        convert(text)
    conversions.retry_after(text, now=0.0)


@given(st.binary())
def test_no_bytes_break_a_conversion(data: bytes) -> None:
    conversions.readable(data)
    for read in (utf8, read_json):
        try:
            read(data)
        except ValueError:
            continue


@given(st.floats())
def test_no_number_of_seconds_breaks_the_calendar(seconds: float) -> None:
    moment_of(seconds)
