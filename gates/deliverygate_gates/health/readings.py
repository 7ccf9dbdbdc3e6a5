"""Where an answer says which version it is, and whether it is an answer of the service at all or a cache's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from deliverygate.gate import Response
from deliverygate.judging.patterns import SlowPatternError, search
from deliverygate_gates.health.documents import look_up, read_document
from deliverygate_gates.health.proofs import Version
from deliverygate_gates.health.texts import text_of

COMMIT = re.compile(r"[0-9a-f]{7,64}")
DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
RELEASE = re.compile(r"v(?=[0-9])", re.IGNORECASE)
WHOLE = frozenset({40, 64})  #: digits of a commit that is not shortened, by SHA-1 and SHA-256
LABEL = r'(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:\\.|[^"\\\n])*",?\s*)*'


def read_version(rule: Version, response: Response) -> str | None:
    """The version that an answer tells; None: it tells none."""
    if response.truncated and not rule.header:
        return None
    for given, read in READERS.items():
        if getattr(rule, given):
            found = read(rule, response)
            return found.strip() or None if found else None
    return None


def _from_header(rule: Version, response: Response) -> str | None:
    return response.headers.get(rule.header.lower())


def _from_json(rule: Version, response: Response) -> str | None:
    try:
        document = read_document(response.body)
    except ValueError:
        return None
    found = (look_up(document, path) for path in rule.paths)
    told = (each for each in found if isinstance(each, str | int | Decimal) and not isinstance(each, bool))
    return next(map(str, told), None)


def _from_pattern(rule: Version, response: Response) -> str | None:
    try:
        found = search(rule.pattern, text_of(response))
    except SlowPatternError:
        return None
    return (found[1] if found.re.groups else found[0]) if found else None


def _from_metric(rule: Version, response: Response) -> str | None:
    """One label of one series; several that disagree tell nothing."""
    text = text_of(response)
    name, label = re.escape(rule.metric), re.escape(rule.label)
    line = rf'^{name}\{{{LABEL}{label}="(?P<value>(?:\\.|[^"\\\n])*)"'
    found = {match["value"] for match in re.finditer(line, text, re.MULTILINE)}
    return found.pop() if len(found) == 1 else None


READERS: Mapping[str, Callable[[Version, Response], str | None]] = {
    "header": _from_header,
    "json": _from_json,
    "pattern": _from_pattern,
    "metric": _from_metric,
}


def is_same(found: str, wanted: str) -> bool:
    """Whether two versions are one; of two commits the shorter one, of seven digits or more, may begin the other.

    Two that hold no letter are numbers, such as 20260101 and 2026010102, unless the longer one is a whole commit. The
    tag v1.2.3 is the version 1.2.3. Digests are hexadecimal numbers. All else counts, build metadata too.
    """
    found, wanted = found.strip(), wanted.strip()
    if _number_of(found) == _number_of(wanted):
        return True
    one, other = found.lower(), wanted.lower()
    if one == other and DIGEST.fullmatch(one):
        return True
    if not (COMMIT.fullmatch(one) and COMMIT.fullmatch(other)):
        return False
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (not long.isdecimal() or len(long) in WHOLE)


def _number_of(version: str) -> str:
    begin = RELEASE.match(version)
    return version[begin.end() :] if begin else version


def which_cache(response: Response) -> str:
    """How an answer gives itself away as kept by a cache, e.g. "age: 120"; "" for one that came from the service."""
    return next(_signs(response.headers), "")


def _signs(headers: Mapping[str, str]) -> Iterator[str]:
    for name, pattern in CACHE_SIGNS.items():
        if (value := headers.get(name)) and re.search(pattern, value, re.IGNORECASE):
            yield f"{name}: {value[:60]}"


#: header to what in it tells of a cache's own answer (RFC 9111, RFC 9211, and what CDNs and proxies send)
CACHE_SIGNS: Mapping[str, str] = {
    "age": r"(?:^|,)\s*+0*+[1-9]",
    "cache-status": r";\s*hit\b",
    "x-cache": r"\bhit\b",
    "x-cache-status": r"\b(hit|stale|updating)\b",
    "cf-cache-status": r"^\s*(hit|stale|updating)\b",
    "x-proxy-cache": r"\bhit\b",
    "x-vercel-cache": r"^\s*(hit|stale|prerender)\b",
    "x-varnish": r"^\s*\d+\s+\d+",
}
