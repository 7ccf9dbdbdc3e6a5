"""Bodies in other encodings, of hostile shapes, and of one word; and what is shown of them."""

from __future__ import annotations

import pytest

from tests.gates.health.asking import JSON, broken, respond

TEXT = {"content-type": "text/plain"}
DOWN = 'body status "DOWN", wanted a healthy word'


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'\xef\xbb\xbf{"status": "DOWN"}', JSON),
        (b'\xef\xbb\xbf{"status": "DOWN"}', TEXT),
        ('{"status": "DOWN"}'.encode("utf-16"), TEXT),
        ('{"status": "DOWN"}'.encode("utf-32"), TEXT),
        ('{"status": "DOWN"}'.encode("utf-16-le"), {"content-type": 'text/plain; charset="UTF-16LE"'}),
        (b'{"Status": "DOWN"}', JSON),
        (b" DOWN\r\n", TEXT),
        ("DOWN".encode("utf-16"), TEXT),
        (b'"DOWN"', JSON),
    ],
    ids=[
        *("JSON with a mark", "text with a mark", "UTF-16", "UTF-32", "declared UTF-16", "capital key"),
        *("one word", "one word in UTF-16", "a word of JSON"),
    ],
)
def test_unhealthy_word_is_found_in_any_encoding(body: bytes, headers: dict[str, str]) -> None:
    assert broken(respond(body, headers=headers)) == [DOWN]


def test_json_in_another_encoding_than_its_own_is_none() -> None:
    response = respond('{"status": "UP"}'.encode("utf-16"), headers=JSON)

    assert broken(response) == ["body no JSON (it is not UTF-8, byte 0), wanted JSON"]


@pytest.mark.parametrize(
    "body",
    [b"", b"OK", b"Healthy", b"all is fine, nothing is down", b"DOWN " * 20, b"\xff\xfe", b"\xfe\xff\xd8"],
    ids=["empty", "OK", "Healthy", "a sentence", "many words", "only a mark", "half a character"],
)
def test_text_is_unhealthy_only_where_it_is_one_unhealthy_word(body: bytes) -> None:
    assert broken(respond(body, headers=TEXT)) == []


def test_word_that_the_policy_has_a_pattern_for_is_judged_by_that_alone() -> None:
    assert broken(respond(b"offline", headers=TEXT), expect={"body_matches": "^offline$"}) == []
    assert broken(respond(b"offline", headers=TEXT), expect={"dialect": "none"}) == []


@pytest.mark.parametrize(
    ("charset", "found"),
    [("iso-8859-1", True), ("windows-1252", True), ("utf-8", False), ("unheard-of", False), ("hex", False)],
)
def test_pattern_is_sought_in_the_encoding_that_is_declared(charset: str, found: bool) -> None:
    response = respond("Störung".encode("latin-1"), headers={"content-type": f"text/plain; charset={charset}"})

    claims = ['unwanted pattern "Störung", wanted no Störung'] if found else []
    assert broken(response, expect={"not_matching": "Störung"}) == claims


def test_health_json_without_a_status_is_no_health() -> None:
    response = respond(b"{}", headers={"content-type": "application/health+json"})

    assert broken(response) == ["body status missing, wanted a healthy word"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "body no JSON (it is nested too deep), wanted JSON"),
        (b'{"a": ' + b"9" * 9999 + b"}", "body no JSON (a number in it has too many digits), wanted JSON"),
        (b'{"a": 1e999}', "json a 1E+999, wanted 1"),
        (b'{"a": "\\ud800"}', 'json a "\ud800", wanted 1'),
        (b'{"a": ' + b"[" * 700 + b"]" * 700 + b"}", f"json a {'[' * 120}..., wanted 1"),
    ],
    ids=["nested without end", "a long number", "beyond all bounds", "half a surrogate pair", "nested deep"],
)
def test_hostile_document_is_judged_like_any_other(body: bytes, said: str) -> None:
    assert broken(respond(body, headers=JSON), expect={"json": {"a": 1}}) == [said]


@pytest.mark.parametrize(
    ("name", "rule", "said"),
    [
        ("Set-Cookie", {"absent": True}, "header Set-Cookie there, wanted none"),
        ("Set-Cookie", "none", "header Set-Cookie there, wanted none"),
        ("Server", {"absent": True}, "header Server shop/1.0, wanted none"),
        ("X-Long", "short", f"header X-Long {'y' * 120}..., wanted short"),
    ],
    ids=["cookie that is unwanted", "cookie of another value", "unwanted", "long"],
)
def test_header_is_shown_but_for_what_lets_its_reader_in(name: str, rule: object, said: str) -> None:
    headers = {"set-cookie": "session=s3cret", "server": "shop/1.0", "x-long": "y" * 9999}

    assert broken(respond(b"ok", headers=headers), expect={"headers": {name: rule}}) == [said]
