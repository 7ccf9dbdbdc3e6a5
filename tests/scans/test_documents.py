"""Bytes as they arrive: encodings, broken JSON, keys named twice."""

from __future__ import annotations

import codecs

import msgspec
import pytest

from deliverygate.errors import ReportError
from deliverygate.scans.documents import EXACT_BYTES, as_utf8, decode, describe, make_outline, require_unique_keys


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        ('{"a": "é"}'.encode(), ()),
        (codecs.BOM_UTF8 + '{"a": "é"}'.encode(), ("The report is UTF-8 with a byte order mark.",)),
        (codecs.BOM_UTF16_LE + '{"a": "é"}'.encode("utf-16-le"), ("The report is UTF-16 with a byte order mark.",)),
        (codecs.BOM_UTF16_BE + '{"a": "é"}'.encode("utf-16-be"), ("The report is UTF-16 with a byte order mark.",)),
    ],
    ids=["plain", "UTF-8 mark", "UTF-16 LE", "UTF-16 BE"],
)
def test_encodings_with_a_mark_are_read_and_told(data, notes):
    assert as_utf8(data) == ('{"a": "é"}'.encode(), notes)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty (0 bytes)"),
        (b" \r\n\t", "is empty (4 bytes)"),
        (codecs.BOM_UTF8, "is empty (3 bytes)"),
        (codecs.BOM_UTF16_LE, "is empty (2 bytes)"),
        (b'{"a": "\xff"}', "is not UTF-8: invalid start byte (byte 7)"),
        (b'{"a": "\xe9"}', "is not UTF-8: invalid continuation byte (byte 7)"),
        (b'{"a": "\xc3', "is not UTF-8: unexpected end of data (byte 7)"),
        (b"x" * 1_048_575 + "é".encode() + b"\xff", "is not UTF-8: invalid start byte (byte 1048577)"),
        (codecs.BOM_UTF16_LE + b"{\0x", "is not UTF-16: truncated data (byte 4)"),
        (
            "{}".encode("utf-16-le"),
            "is no text: byte 1 is NUL, as in a binary file or in UTF-16 without a byte order mark",
        ),
    ],
    ids=["zero", "blank", "mark only", "UTF-16 mark only", "invalid", "Latin-1", "cut", "late", "odd", "no mark"],
)
def test_what_is_no_text_is_an_error_that_names_the_byte(data, what):
    with pytest.raises(ReportError) as caught:
        as_utf8(data)

    assert caught.value.what == what


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b' {"b": 1, "a": {}}', "a JSON object with the keys 'a', 'b'"),
        (b"{}", "a JSON object with the keys (none)"),
        (b"[]", "an empty JSON list, which does not say that anything was looked at"),
        (b'[1, {"a": 1}]', "a JSON list of 2, the first object with the keys 'a'"),
        (b"null", "a single JSON value"),
        (b"-1.5e3\n", "a single JSON value"),
        (b'"text"', "a single JSON value"),
        (b'<?xml version="1.0"?>\n<!-- <no> -->\n<x:root a="1"/>', "XML with the root 'root'"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "XML with the root 'a'"),
        (b"<" + b"<?a?>" * 1000, "XML with the root (none)"),
        (b'\n{"a": 1, "b": {}}\r\n{"c": 1}\n', "JSON lines, the first with the keys 'a', 'b'"),
        (b'{"a": 1}\n\n{"c":', "JSON lines, the first with the keys 'a'"),
        (b'{"a": 1}\n\n', "a JSON object with the keys 'a'"),
        (b'{"a":\n{"b": 1}}', "a JSON object with the keys 'a'"),
        (b'{"a": {}\n, "b": 1}', "a JSON object with the keys 'a', 'b'"),
        (b"- [ ] a task", "plain text"),
    ],
)
def test_an_outline_tells_what_a_document_is(document, words):
    assert describe(make_outline(document)) == words


@pytest.mark.parametrize(
    "document",
    [b'{"a": 1', b'[{"a": 1}', b'{"a": 1} x', b"{'a': 1}", b'{"a": NaN}', b"[" * 100_000, b'{"a":' * 100_000],
    ids=["cut object", "cut list", "trailing", "quotes", "NaN", "deep list", "deep object"],
)
def test_broken_json_is_an_error(document):
    with pytest.raises(ReportError):
        make_outline(document)


def test_a_value_of_another_kind_is_told_with_its_place():
    with pytest.raises(ReportError, match=r"Expected `int`, got `str` - at `\$\.runs\[0\]\[1\]`"):
        decode(b'[1, "2"]', list[int], place="$.runs[0]")


@pytest.mark.parametrize(
    "document",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b'[{"x": [{"a": 1, "b": 2, "a": 1}]}]',
        b'{"a": 1e999}',
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=["twice", "escaped", "deep inside", "too big", "too deep"],
)
def test_documents_with_two_meanings_are_errors(document):
    with pytest.raises(ReportError):
        require_unique_keys(document)


@pytest.mark.parametrize(
    "document",
    [b'{"a": [{"a": 1}, {"a": 1}]}', b'{"a": ' + b"9" * 10_000 + b"}", b'{"a": "a", "b": "\\"a\\": 1"}'],
    ids=["other objects", "long number", "values"],
)
def test_documents_with_one_meaning_are_not(document):
    require_unique_keys(document)


FILLING = b'"filling": "' + b"x" * EXACT_BYTES + b'"'


@pytest.mark.parametrize(
    "repeat",
    [b'"results": [1], "results": []', b'"results": [1], "resul\\u0074s": []', b'"results": [1], "result\\u0073": []'],
    ids=["plain", "escaped", "escaped end"],
)
def test_a_key_repeated_in_a_big_document_is_found_by_counting(repeat):
    document = b"{" + FILLING + b", " + repeat + b"}"
    decoded = {"results": len(msgspec.json.decode(document, type=dict[str, object]).keys() & {"results"})}

    with pytest.raises(ReportError, match="'results' twice"):
        require_unique_keys(document, decoded=decoded)


def test_a_big_document_in_which_the_word_is_also_a_value_is_not_refused():
    document = b"{" + FILLING + b', "results": ["results", "\\u0041"]}'

    require_unique_keys(document, decoded={"results": 1})
