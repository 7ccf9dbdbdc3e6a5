"""Bodies that are compressed: all of one is read, or it is said that it was not; RFC 9110 section 8.4."""

from __future__ import annotations

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverygate.errors import TransportError
from deliverygate.http import RequestsHttp
from deliverygate.http.body import read
from tests.servers import answer, answers, serve

WORDS = b"healthy, " * 999 + b"DOWN"
HALF = len(WORDS) // 2


def raw(data: bytes) -> bytes:
    packed = zlib.compressobj(wbits=-15)
    return packed.compress(data) + packed.flush()


DECODED = {
    "gzip": ("gzip", gzip.compress(WORDS)),
    "by its old name": ("X-GZip", gzip.compress(WORDS)),
    "two members": ("gzip", gzip.compress(WORDS[:HALF]) + gzip.compress(WORDS[HALF:])),
    "empty members between": ("gzip", gzip.compress(WORDS[:9]) + gzip.compress(b"") * 99 + gzip.compress(WORDS[9:])),
    "zlib": ("deflate", zlib.compress(WORDS)),
    "raw deflate": ("deflate", raw(WORDS)),
    "twice": ("gzip, gzip", gzip.compress(gzip.compress(WORDS))),
    "one over another": ("deflate, identity,gzip", gzip.compress(raw(WORDS))),
    "not at all": ("identity", WORDS),
    "nothing said": ("", WORDS),
}


@pytest.mark.parametrize(("encoding", "sent"), DECODED.values(), ids=DECODED)
def test_all_of_a_body_is_decoded(http: RequestsHttp, encoding: str, sent: bytes) -> None:
    with serve(answers(answer(sent, content_encoding=encoding))) as server:
        got = http.request("GET", server.url)

    assert (got.body, got.truncated) == (WORDS, False)


def test_encodings_in_two_headers_were_applied_one_after_the_other(http: RequestsHttp) -> None:
    body = gzip.compress(zlib.compress(WORDS))
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\nContent-Encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with serve(answers(head.encode() + body)) as server:
        assert http.request("GET", server.url).body == WORDS


FAULTS = {
    "no gzip": ("gzip", WORDS, "the body is no gzip ("),
    "half a gzip": ("gzip", gzip.compress(WORDS)[:-9], "the gzip of the body breaks off"),
    "second member breaks off": ("gzip", gzip.compress(b"ok") + gzip.compress(WORDS)[:-9], "the gzip of the body breaks off"),
    "second member hardly begins": ("gzip", gzip.compress(b"ok") + b"\x1f", "the gzip of the body breaks off"),
    "garbage behind": ("gzip", gzip.compress(b"ok") + b"DOWN", "something else follows the gzip of the body"),
    "zeros behind": ("gzip", gzip.compress(b"ok") + b"\0" * 9, "something else follows the gzip of the body"),
    "wrong checksum": ("gzip", gzip.compress(WORDS)[:-8] + b"\0" * 8, "the body is no gzip ("),
    "gzip once and said twice": ("gzip, gzip", gzip.compress(WORDS), "the body is no gzip ("),
    "half a zlib": ("deflate", zlib.compress(WORDS)[:-2], "the deflate of the body breaks off"),
    "half a deflate": ("deflate", raw(WORDS)[:-2], "the deflate of the body breaks off"),
    "no deflate": ("deflate", b"<html>", "the body is no deflate ("),
    "garbage behind deflate": ("deflate", zlib.compress(b"ok") + b"DOWN", "something else follows the deflate of the body"),
    "unknown": ("br", WORDS, "the body is encoded as 'br', which was not asked for"),
    "unknown among known": ("gzip, zstd", WORDS, "the body is encoded as 'gzip, zstd', which was not asked for"),
    "too many": ("gzip, " * 6, WORDS, "the body is encoded as 'gzip, gzip, gzip, gzip, gzip, gzip,', which was not asked for"),
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "sent", "what"), FAULTS.values(), ids=FAULTS)
def test_body_that_is_not_encoded_as_it_says_is_a_fault(
    http: RequestsHttp, encoding: str, sent: bytes, what: str
) -> None:
    with serve(answers(answer(sent, content_encoding=encoding))) as server, pytest.raises(TransportError) as caught:
        http.request("GET", server.url)

    assert (caught.value.kind, caught.value.what[: len(what)]) == ("body_decode", what)


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("gzip", gzip.compress(b"\0" * 60_000_000)),
        ("gzip", gzip.compress(b"\0" * 9) + gzip.compress(b"\0" * 60_000_000)),
        ("deflate", raw(b"\0" * 60_000_000)),
        ("gzip, gzip", gzip.compress(gzip.compress(b"\0" * 60_000_000))),
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(b"\0" * 60_000_000)))),
    ],
    ids=["gzip", "second member", "deflate", "twice", "three times"],
)
def test_bomb_is_cut_before_it_fills_the_memory(http: RequestsHttp, encoding: str, sent: bytes) -> None:
    with serve(answers(answer(sent, content_encoding=encoding))) as server:
        got = http.request("GET", server.url, max_bytes=1000)

    assert (got.body, got.truncated) == (b"\0" * 1000, True)


def test_time_is_kept_however_much_work_little_input_is() -> None:
    steps = iter(range(3))

    def check() -> None:
        if next(steps, None) is None:
            raise TimeoutError

    inner = (b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0" + b"\0" * 8) * 50_000  # many gzips that hold nothing
    with pytest.raises(TimeoutError):
        read([gzip.compress(inner)], "gzip, gzip", 1000, check=check)


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "raw deflate": raw}


@given(
    bodies=st.lists(st.binary(max_size=2_000), min_size=1, max_size=4),
    packs=st.lists(st.sampled_from(sorted(PACK)), max_size=3),
    size=st.integers(1, 700),
    limit=st.integers(1, 4_000),
)
def test_body_comes_out_as_it_went_in_or_is_cut(bodies: list[bytes], packs: list[str], size: int, limit: int) -> None:
    whole = b"".join(bodies)
    sent = b"".join(map(gzip.compress, bodies))
    for pack in packs:
        sent = PACK[pack](sent)
    encoding = ", ".join(["gzip", *(pack.rpartition(" ")[2] for pack in packs)])

    assert read(pieces_of(sent, size), encoding, limit) == (whole[:limit], len(whole) > limit)


@given(body=st.binary(min_size=1, max_size=500), size=st.integers(1, 99), kept=st.floats(0, 1, exclude_max=True))
def test_no_part_of_a_compressed_body_is_taken_for_all_of_it(body: bytes, size: int, kept: float) -> None:
    for encoding, pack in itertools.product(["gzip"], [gzip.compress, lambda data: gzip.compress(data) * 2]):
        sent = pack(body)
        part = sent[: int(len(sent) * kept)]
        if part in (b"", gzip.compress(body)):
            continue
        with pytest.raises(TransportError) as caught:
            read(pieces_of(part, size), encoding, 10_000)
        assert caught.value.kind == "body_decode"
