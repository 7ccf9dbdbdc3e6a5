"""What the policy says of each endpoint: how it is asked, and what its answer must look like."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from deliverygate.model import Duration
from deliverygate_gates.health.documents import read_path

Scalar = str | int | float | bool | None
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110 section 9.2.2: idempotent
STATUS_RANGE = re.compile(r"(\d{3})(?:-(\d{3}))?")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


def read_statuses(written: int | str | tuple[int | str, ...]) -> tuple[tuple[int, int], ...]:
    """Ranges, both ends included. Raises ValueError for what is no status."""
    several = written if isinstance(written, tuple) else (written,)
    found = tuple(STATUS_RANGE.fullmatch(str(each).replace(" ", "")) for each in several)
    ranges = tuple((int(match[1]), int(match[2] or match[1])) for match in found if match)
    if not ranges or len(ranges) < len(several) or not all(100 <= low <= high <= 599 for low, high in ranges):
        raise ValueError(f"`status` is {written!r}; write a status, a range such as 200-299, or a list of them")
    return ranges


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an answer must look like; all of it must hold."""

    status: int | str | tuple[int | str, ...] = "200-299"  #: a status, a range, or a list of them
    json: dict[
        str, Scalar | tuple[Scalar, ...]
    ] = {}  #: path of a field to its value, or to a list of values it may have
    body_matches: str = ""  #: a regular expression that is found in the body
    not_matching: str = ""  #: a regular expression that is not found in the body
    headers: dict[str, str] = {}  #: header to its exact value
    content_type: str = ""  #: media type without parameters, e.g. "application/json"

    def __post_init__(self) -> None:
        read_statuses(self.status)
        for path, wanted in self.json.items():
            read_path(path)
            if wanted == ():
                raise ValueError(f"`json` names no value that {path!r} may have")
        for name in ("body_matches", "not_matching"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"`{name}` is not a regular expression ({error})") from error


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address that must answer in health."""

    url: str  #: http(s) address
    name: str = ""  #: of its check; else host and path
    method: Method = "GET"
    headers: dict[str, str] = {}
    body: str | None = None
    expect: Expect = Expect()
    within: Duration | None = None  #: the longest that the deciding answer may take
    timeout: Duration = Duration.default(10)  #: of one try, from name look-up to the last byte
    wait: Duration = Duration.default(0)  #: how long it may take to become healthy, from the start of the gate
    every: Duration = Duration.default(2)  #: between two tries
    attempts: int = 1  #: tries when no answer comes; an answer that is wrong is not asked for again
    redirects: int = 0  #: how many are followed
    ca: str = ""  #: a PEM file in the workspace: the only authorities that are trusted

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_headers(self.headers)
        if 0.0 in (self.timeout, self.every, self.within):
            raise ValueError("`timeout`, `every` and `within` are longer than 0s")
        if not 1 <= self.attempts <= 100 or not 0 <= self.redirects <= 20:
            raise ValueError("`attempts` is a number from 1 to 100, `redirects` one from 0 to 20")
        if 0 < self.wait < self.every:
            raise ValueError("`wait` is shorter than `every`, so there would be one try; lower `every`")
        if self.attempts > 1 and self.wait:
            raise ValueError("`wait` and `attempts` exclude each other: `wait` tries again until its time is over")
        if self.attempts > 1 and self.method not in REPEATABLE:
            raise ValueError(f"`attempts` would repeat a {self.method}, which may not have the same effect twice")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The endpoints, each judged by a check of its own."""

    endpoints: tuple[Endpoint, ...]

    def __post_init__(self) -> None:
        if not self.endpoints:
            raise ValueError("`endpoints` is empty, which would prove nothing")
        given = Counter(endpoint.name for endpoint in self.endpoints if endpoint.name)
        if twice := [name for name, count in given.items() if count > 1]:
            raise ValueError(f"two endpoints are called {twice[0]!r}")


def name_checks(endpoints: tuple[Endpoint, ...]) -> tuple[str, ...]:
    """A name for each, without query and password; the second of two equal ones is "... (2)"."""
    taken = Counter(endpoint.name for endpoint in endpoints if endpoint.name)
    names = []
    for endpoint in endpoints:
        name = endpoint.name or _default_name(endpoint)
        if not endpoint.name:
            taken[name] += 1
            name = name if taken[name] == 1 else f"{name} ({taken[name]})"
        names.append(name)
    return tuple(names)


def _default_name(endpoint: Endpoint) -> str:
    parts = urlsplit(endpoint.url)
    method = "" if endpoint.method == "GET" else f"{endpoint.method} "
    return f"{method}{parts.netloc.rpartition('@')[2]}{parts.path or '/'}"


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, a port out of range
        is_good = False
    if not is_good or UNSAFE.search(url) or " " in url:
        raise ValueError("`url` is not an http(s) address, e.g. https://shop.example/health")


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if UNSAFE.search(value) or not value.isascii():
            raise ValueError(f"the header {name!r} holds a control character or one beyond ASCII")
