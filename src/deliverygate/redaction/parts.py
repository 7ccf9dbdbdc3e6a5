"""A secret's parts that are secrets too: lines of a key, values inside of JSON, the password of a URL or connection."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from typing import Any

from deliverygate.redaction.patterns import Lazy

SHORTEST = 6  #: characters; a shorter value would redact half of every text
SHORTEST_LINE = 16  #: characters of a line of a longer secret, e.g. of a private key
DEPTH = 4  #: secrets inside of secrets: JSON in Base64 that holds a URL

SECRET_KEY = Lazy(
    r"token|secret|passw|passphrase|pwd|credential|api_?key|private_?key|client-?key|^auth(?:orization)?$|cookie|connection",
    re.IGNORECASE,
)
URL_PASSWORD = Lazy(r"://[^\s/?#:@]*:([^\s/?#]+)@")
_WAY = Lazy(r"[A-Za-z][\w+.-]*://[^\s/?#]*(/[^\s#]{15,})(?:#\S*)?")
_SCHEME = Lazy(r"(?:Bearer|Basic|Token|Negotiate|Digest|ApiKey)\s+(\S+)", re.IGNORECASE)
_ASSIGNED = Lazy(r"\s*(?:export\s+|-\s+)?[\"']?([\w.-]+)[\"']?\s*[:=]\s*([^=\s].*)")
_PAIR = Lazy(r"(?:^|;)\s*([\w ]{2,40}?)\s*=\s*([^;]+)")
_BASE64 = Lazy(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ARMOUR = "-----"


def parts(secret: str, depth: int = DEPTH) -> Iterator[str]:
    """The secret and what in it lets somebody in by itself. What is shorter than six characters is left out."""
    whole = secret.strip()
    if len(whole) < SHORTEST:
        return
    yield whole
    if depth:
        for inner in _inner(whole):
            yield from parts(inner, depth - 1)


def _inner(secret: str) -> Iterator[str]:
    yield from URL_PASSWORD.findall(secret)
    if way := _WAY.fullmatch(secret):  # of a webhook: servers log it without their own name
        yield way[1]
    if scheme := _SCHEME.fullmatch(secret):
        yield scheme[1]
    if secret.startswith(("{", "[")):
        yield from _of_json(secret)
        return
    if "\n" in secret:
        yield from _of_lines(secret)
    elif ";" in secret:
        yield from (value for key, value in _PAIR.findall(secret) if SECRET_KEY.search(key.replace(" ", "_")))
    elif (text := _of_base64(secret)) is not None:
        yield text
        yield text.partition(":")[2]


def _of_json(secret: str) -> Iterator[str]:
    import json

    try:
        yield from _strings(json.loads(secret), "")
    except (ValueError, RecursionError):
        yield from _of_lines(secret)


def _strings(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)
    elif isinstance(value, str) and (SECRET_KEY.search(key) or "-----BEGIN" in value):
        yield value


def _of_lines(secret: str) -> Iterator[str]:
    for line in (line.strip() for line in secret.splitlines()):
        assigned = _ASSIGNED.fullmatch(line)
        if assigned and SECRET_KEY.search(assigned[1]):
            yield assigned[2].strip().rstrip(",").strip("\"'")
        elif not assigned and len(line) >= SHORTEST_LINE and not line.startswith(_ARMOUR):
            yield line


def _of_base64(secret: str) -> str | None:
    """What it says, where it is the Base64 of text: a whole key or JSON often travels so."""
    if not _BASE64.fullmatch(secret):
        return None
    bare = secret.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        text = b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (Error, UnicodeDecodeError):
        return None
    return text if all(sign.isprintable() or sign.isspace() for sign in text) else None
