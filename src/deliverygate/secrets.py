"""Secrets: which variables hold them, and how every text that leaves the run is cleared of them."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
from msgspec.structs import replace

from deliverygate.conversions import readable
from deliverygate.model import CheckResult

MARK = "***"
SHORTEST = 6  #: characters; a shorter value would blot out half of every text
SHORTEST_LINE = 16  #: characters of a line of a longer secret, e.g. of a private key

_SECRET_WORDS = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY"
    r"|(?:PRIVATE|ACCESS|SIGNING|ENCRYPTION|DEPLOY|SSH|MASTER|LICENSE)_KEY"
    r"|(?:^|_)(?:AUTH|AUTHORIZATION|BEARER|COOKIE|DSN|JWT|PASS|PAT|PIN|PWD)(?:_|$)"
)
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
_PLAIN_WORDS = frozenset({"bearer", "disabled", "enabled", "optional", "required"})
_USERINFO = re.compile(r"://[^\s/?#@]*(?:@[^\s/?#@]*)*@")
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_XML = tuple(
    str.maketrans({**_IN_TEXT, **quotes})
    for quotes in ({}, {'"': "&quot;"}, {'"': "&quot;", "'": "&apos;"}, {'"': "&quot;", "'": "&#x27;"})
)
_URL_PASSWORD = re.compile(r"://[^\s/?#:@]*:([^\s/?#]+)@")


def find_secrets(environ: Mapping[str, str]) -> frozenset[str]:
    """The values of variables whose names promise a secret, and the passwords in any URL.

    A value that names an existing file is no secret (GitLab's file variables, ``SSH_AUTH_SOCK``); what that file
    holds is not known here. Values below six characters are left alone.
    """
    found = {value for name, value in environ.items() if _is_secret(name, value)}
    for value in environ.values():
        found.update(_URL_PASSWORD.findall(value))
    return _long_enough(found)


def secret_values(environ: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """The values of variables that are known to hold secrets, whatever their names are."""
    return _long_enough(environ[name] for name in names if name in environ)


def _long_enough(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if len(value.strip()) >= SHORTEST)


def _is_secret(name: str, value: str) -> bool:
    if name in _NO_SECRETS or not _SECRET_WORDS.search(re.sub(r"\W", "_", name.upper())):
        return False
    return value.lower() not in _PLAIN_WORDS and not _is_file(value)


def _is_file(value: str) -> bool:
    try:
        return value.startswith(("/", "./", "../", "~")) and Path(value).expanduser().exists()
    except (OSError, RuntimeError, ValueError):  # too long for a path, no home, a NUL
        return False


class Redactor:
    """Blots out secrets in each form in which they travel, and the userinfo of every URL."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {form for value in values for part in _parts(value) for form in _forms(part)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None
        # As msgspec writes them in JSON, so that a check is searched at once instead of string by string.
        self._needles = tuple(map(_in_json, longest_first))

    def __call__(self, text: str) -> str:
        """``text`` without secrets; the same object when it holds none."""
        if "://" in text and "@" in text:
            text = _USERINFO.sub(f"://{MARK}@", text)
        return self._pattern.sub(MARK, text) if self._pattern else text

    def redact_check(self, check: CheckResult) -> CheckResult:
        """``check`` with every text in it cleared; the same object when there is nothing to clear."""
        if not self._may_hold(check):
            return check
        cleared: CheckResult = self._clear(check)
        return cleared

    def _may_hold(self, check: CheckResult) -> bool:
        try:
            whole = msgspec.json.encode(check)
        except (UnicodeEncodeError, ValueError):  # half a surrogate pair, a number beyond all bounds
            return True
        return (b"://" in whole and b"@" in whole) or any(needle in whole for needle in self._needles)

    def _clear(self, value: Any) -> Any:
        if isinstance(value, str):
            return self(value)
        if isinstance(value, tuple):
            parts = tuple(self._clear(part) for part in value)
            return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
        if isinstance(value, msgspec.Struct):
            fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
            changed = {name: new for name, old in fields if (new := self._clear(old)) is not old}
            return replace(value, **changed) if changed else value
        return value


def _in_json(form: str) -> bytes:
    # Text with half a surrogate pair is no JSON; where one is found, the check is searched string by string.
    return msgspec.json.encode(form.encode(errors="replace").decode())[1:-1]


def _parts(value: str) -> Iterator[str]:
    """The secret, and each long line of it: logs break a private key into lines."""
    yield value.strip()
    lines = [line.strip() for line in value.strip().splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= SHORTEST_LINE and not line.startswith("-----"))


def _forms(secret: str) -> Iterator[str]:
    if len(secret) < SHORTEST:
        return
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    octets = secret.encode(errors="surrogateescape")  # a variable may hold any bytes
    yield readable(octets)
    yield from (quote(octets, safe=""), quote(octets), quote_plus(octets))
    yield from (octets.hex(), octets.hex().upper())
    yield from (secret.translate(written) for written in _IN_XML)
    for text in _in_base64(octets):
        yield text
        yield text.translate(str.maketrans("+/", "-_"))


def _in_base64(secret: bytes) -> Iterator[str]:
    """How it looks in the Base64 of a longer text, at each of the three alignments, e.g. in ``Basic`` of user:secret.

    Characters that also hold bits of a neighbour are left out.
    """
    for offset in range(3):
        whole = b64encode(b"\0" * offset + secret).decode().rstrip("=")
        first = -(-offset * 8 // 6)
        last = (offset + len(secret)) * 8 // 6
        yield whole[first:last]
