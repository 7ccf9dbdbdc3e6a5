"""DNS records in the text of zone files to what they mean, so that two spellings of one record are equal.

Names are equal in any case (RFC 4343), with the dot at their end or without, in Unicode or in ASCII. Addresses and
numbers are equal by value. Texts are data: their letters count, the pieces that they are cut into do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from deliverygate.conversions import address, ascii_name, readable, whole

Meaning = tuple[object, ...]

_TOKEN = re.compile(r'"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bare>(?:\\.|[^"\\\s])+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9]{3})|(.))", re.DOTALL)
_SPAN = re.compile(r"(?:[0-9]{1,9}[wdhms])+", re.IGNORECASE)
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}


def meaning(kind: str, record: str) -> Meaning | None:
    """What a record of this kind says; None for what is none."""
    tokens = _tokens(record)
    read = READERS.get(kind)
    return read(tokens) if tokens and read else None


def _tokens(record: str) -> tuple[tuple[bytes, bool], ...] | None:
    """The pieces, each with whether it was quoted."""
    found, at, text = [], 0, record.strip()
    for token in _TOKEN.finditer(text):
        if text[at : token.start()].strip():
            return None
        at = token.end()
        quoted = token["quoted"] is not None
        found.append((token["quoted"] if quoted else token["bare"], quoted))
    if text[at:].strip():
        return None
    pieces = tuple((_unescape(piece), quoted) for piece, quoted in found)
    known = tuple((piece, quoted) for piece, quoted in pieces if piece is not None)
    return known if len(known) == len(pieces) else None


def _unescape(text: str) -> bytes | None:
    octets, at = bytearray(), 0
    for found in _ESCAPE.finditer(text):
        octets += text[at : found.start()].encode(errors="surrogatepass")
        at = found.end()
        if found[1]:
            if (octet := whole(found[1], most=255)) is None:
                return None
            octets.append(octet)
        else:
            octets += found[2].encode(errors="surrogatepass")
    return bytes(octets + text[at:].encode(errors="surrogatepass"))


def _name(octets: bytes) -> str | None:
    written = readable(octets)
    found = written if written.isascii() else ascii_name(written)
    return None if found is None else found.lower().removesuffix(".") or "."


def _number(text: str, most: int) -> int | None:
    found = whole(text, most=most)
    return found if found is not None and found >= 0 else None


def _seconds(text: str) -> int | None:
    """A number, or a span such as 1h30m."""
    if not _SPAN.fullmatch(text):
        return _number(text, 0xFFFFFFFF)
    parts = re.findall(r"([0-9]+)([wdhms])", text.lower())
    return sum((whole(count) or 0) * _SECONDS[unit] for count, unit in parts)


def _fields(*readers: Callable[[bytes], object]) -> Callable[[tuple[tuple[bytes, bool], ...]], Meaning | None]:
    def read(tokens: tuple[tuple[bytes, bool], ...]) -> Meaning | None:
        if len(tokens) != len(readers):
            return None
        found = tuple(each(piece) for each, (piece, _) in zip(readers, tokens, strict=True))
        return None if None in found else found

    return read


def _address(version: int) -> Callable[[bytes], object]:
    def read(octets: bytes) -> object:
        found = address(readable(octets))
        return found if found is not None and found.version == version else None

    return read


def _text(tokens: tuple[tuple[bytes, bool], ...]) -> Meaning | None:
    """Without quotes each word is a string of its own, and the blanks between them are lost: that is never meant."""
    if len(tokens) > 1 and not all(quoted for _, quoted in tokens):
        return None
    return (b"".join(piece for piece, _ in tokens),)


def _up_to(most: int) -> Callable[[bytes], object]:
    return lambda octets: _number(readable(octets, "latin-1"), most)


def _tag(octets: bytes) -> object:
    return octets.lower()  # RFC 8659, section 4.1: tags are equal in any case


def _data(octets: bytes) -> object:
    return octets


def _span(octets: bytes) -> object:
    return _seconds(readable(octets, "latin-1"))


READERS: Mapping[str, Callable[[tuple[tuple[bytes, bool], ...]], Meaning | None]] = {
    "A": _fields(_address(4)),
    "AAAA": _fields(_address(6)),
    "CAA": _fields(_up_to(255), _tag, _data),
    "CNAME": _fields(_name),
    "MX": _fields(_up_to(0xFFFF), _name),
    "NS": _fields(_name),
    "PTR": _fields(_name),
    "SOA": _fields(_name, _name, _up_to(0xFFFFFFFF), _span, _span, _span, _span),
    "SRV": _fields(_up_to(0xFFFF), _up_to(0xFFFF), _up_to(0xFFFF), _name),
    "TXT": _text,
}
#: a record of each kind, as a zone file has it
EXAMPLES: Mapping[str, str] = {
    "A": "192.0.2.1",
    "AAAA": "2001:db8::1",
    "CAA": '0 issue "ca.example"',
    "CNAME": "shop.example.",
    "MX": "10 mail.example.",
    "NS": "ns1.example.",
    "PTR": "host.example.",
    "SOA": "ns1.example. admin.example. 2026010101 7200 3600 1209600 3600",
    "SRV": "10 5 443 shop.example.",
    "TXT": '"v=spf1 -all"',
}
