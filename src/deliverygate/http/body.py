"""The body of an answer, unzipped, never more of it than is wanted."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from deliverygate.errors import TransportError

ENCODINGS = ("", "identity", "gzip", "x-gzip")


def read(pieces: Iterable[bytes], encoding: str, max_bytes: int) -> tuple[bytes, bool]:
    """The body, decompressed, and whether it was longer than ``max_bytes`` and is cut."""
    body = bytearray()
    for piece in _decoded(pieces, encoding.strip().lower(), max_bytes + 1):
        body += piece
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def _decoded(pieces: Iterable[bytes], encoding: str, most: int) -> Iterable[bytes]:
    if encoding not in ENCODINGS:
        raise TransportError(f"the body is encoded as {encoding!r}, which was not asked for", kind="body_decode")
    return _unzipped(pieces, most) if "gzip" in encoding else pieces


def _unzipped(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Decompress at most ``most`` bytes at a time: a few kilobytes may hold gigabytes."""
    unzip = zlib.decompressobj(wbits=31)
    begun = False
    try:
        for piece in pieces:
            begun = True
            rest = piece
            while rest:
                yield unzip.decompress(rest, most)
                rest = unzip.unconsumed_tail
    except zlib.error as error:
        raise TransportError(f"the body is no gzip ({error})", kind="body_decode") from error
    if begun and not unzip.eof:
        raise TransportError("the gzip of the body breaks off", kind="body_decode")
