"""The body of an answer, decoded, never more of it than is wanted; RFC 9110 section 8.4, RFC 1950 to 1952."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

from deliverygate.errors import TransportError

GZIP, DEFLATE = "gzip", "deflate"
CODINGS = {"gzip": GZIP, "x-gzip": GZIP, "deflate": DEFLATE}
MOST_CODINGS = 5  #: one over the other
GZIP_WINDOW, ZLIB_WINDOW, RAW_WINDOW = 31, 15, -15


def read(
    pieces: Iterable[bytes], encoding: str, max_bytes: int, *, check: Callable[[], object] = bool
) -> tuple[bytes, bool]:
    """The body, decoded, and whether it was longer than ``max_bytes`` and is cut.

    ``check`` is called at every step, since little input may be much work. Raises TransportError for what is not
    encoded as it says, to its end.
    """
    for coding in reversed(_codings(encoding)):  # listed in the order in which they were applied
        pieces = _decoded(pieces, coding, max_bytes + 1, check)
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def _codings(encoding: str) -> list[str]:
    names = [name for each in encoding.split(",") if (name := each.strip().lower()) not in ("", "identity")]
    if len(names) > MOST_CODINGS or any(name not in CODINGS for name in names):
        what = f"the body is encoded as {encoding.strip().lower()[:100]!r}, which was not asked for"
        raise TransportError(what, kind="body_decode")
    return [CODINGS[name] for name in names]


def _decoded(pieces: Iterable[bytes], coding: str, most: int, check: Callable[[], object]) -> Iterator[bytes]:
    """Decode, at most ``most`` bytes at a time: a few kilobytes may hold gigabytes."""
    unzip, count = None, 0
    for piece in _begun(pieces):
        rest, is_full = piece, False
        while rest or is_full:
            check()
            if unzip is None or unzip.eof:
                unzip, count = _open(coding, rest, count), count + 1
            try:
                data = unzip.decompress(rest, most)
            except zlib.error as error:
                raise TransportError(f"the body is no {coding} ({error})", kind="body_decode") from error
            yield data
            is_full = len(data) == most and not unzip.eof  # there may be more in it without more input
            rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    if unzip and not unzip.eof:
        raise TransportError(f"the {coding} of the body breaks off", kind="body_decode")


def _begun(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of two bytes at least, which tell how it is compressed."""
    start = b""
    for piece in pieces:
        if len(start) >= 2:
            yield piece
        elif len(start := start + piece) >= 2:
            yield start
    if len(start) == 1:
        yield start


# typeshed has no public name for what zlib.decompressobj gives back
def _open(coding: str, data: bytes, count: int) -> zlib._Decompress:
    if coding == GZIP:
        if count and not b"\x1f\x8b".startswith(data[:2]):
            raise TransportError("something else follows the gzip of the body", kind="body_decode")
        return zlib.decompressobj(wbits=GZIP_WINDOW)  # of the next member: a gzip is a series of them
    if count:
        raise TransportError("something else follows the deflate of the body", kind="body_decode")
    # Many servers send what RFC 1951 calls so, and not the zlib format that RFC 9110 means; browsers take both.
    is_zlib = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.decompressobj(wbits=ZLIB_WINDOW if is_zlib else RAW_WINDOW)
