"""An answer against what is expected of it: each expectation becomes a claim that holds or does not. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from deliverygate.gate import Response
from deliverygate.model import Measurement
from deliverygate_gates.health.documents import MISSING, look_up, read_document, same, show_value
from deliverygate_gates.health.settings import Endpoint, Scalar, read_statuses

UNHEALTHY = frozenset(
    {"critical", "dead", "down", "error", "errored", "fail", "failed", "failing", "failure", "not_ready"}
    | {"not_serving", "offline", "out_of_service", "stopped", "unavailable", "unhealthy", "unknown"}
)
WARNING = frozenset({"degraded", "partial", "warn", "warning"})
BODILESS = frozenset({204, 304})
TOO_LONG = "longer than 1 MiB, not read to its end"

CATCH_ALL = "a page answers in place of the service, often a catch-all route or a login: correct the path or the route"
LOOK_AT_SERVICE = "look at the service's log: it answers, and says that it is not well"
STATUS_MENDS = {
    401: "the endpoint wants credentials: give them in `headers`, from a variable",
    403: "the credentials in `headers`, or the network that this runs in, are not allowed to ask",
    404: "nothing is served at this path: correct it, or see that the new version is deployed",
    407: "the proxy wants credentials: set them in HTTPS_PROXY, or name the host in NO_PROXY",
    429: "it was asked too often: raise `every`, or allow this runner more",
}
REDIRECTED = "redirects are not followed: name the address that answers itself, or allow them with `redirects`"
LOOK_AT_LOG = "look at the service's log"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One expectation beside what was found."""

    name: str  #: e.g. "status"
    value: str | int | float | None  #: None: there was none
    wanted: str
    holds: bool
    unit: str = ""
    mend: str = ""
    note: str = ""  #: worth saying although it holds

    @property
    def measurement(self) -> Measurement:
        return Measurement(name=self.name, value=self.value, wanted=self.wanted, unit=self.unit)

    def __str__(self) -> str:
        value = "missing" if self.value is None else f"{self.value} {self.unit}".strip()
        return f"{self.name} {value}, wanted {self.wanted} {self.unit}".strip()


def judge(endpoint: Endpoint, response: Response) -> tuple[Claim, ...]:
    """Every claim about a whole answer, the status first."""
    return (
        _status(endpoint, response),
        *_latency(endpoint, response),
        *_headers(endpoint, response),
        *_document(endpoint, response),
        *_text(endpoint, response),
    )


def _status(endpoint: Endpoint, response: Response) -> Claim:
    status = response.status
    holds = any(low <= status <= high for low, high in read_statuses(endpoint.expect.status))
    mend = _redirected(response) if 300 <= status < 400 else STATUS_MENDS.get(status, LOOK_AT_LOG)
    return Claim(name="status", value=status, wanted=wanted_status(endpoint), holds=holds, mend=mend)


def wanted_status(endpoint: Endpoint) -> str:
    """The statuses that are healthy, e.g. "200-299 or 404"."""
    ranges = read_statuses(endpoint.expect.status)
    return " or ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


def _redirected(response: Response) -> str:
    target = response.headers.get("location", "").partition("?")[0]
    return f"it leads to {target}, and {REDIRECTED}" if target else LOOK_AT_LOG


def _latency(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    if endpoint.within is None:
        return
    milliseconds, limit = round(response.seconds * 1000, 1), round(endpoint.within * 1000, 1)
    yield Claim(
        name="latency",
        value=None if response.truncated else milliseconds,
        wanted=f"at most {limit:g}",
        holds=not response.truncated and response.seconds <= endpoint.within,
        unit="ms",
        mend=f"the body is {TOO_LONG}" if response.truncated else "find what is slow, or raise `within`",
    )


def _headers(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    if wanted := endpoint.expect.content_type:
        found = _media_type(response)
        holds = found == wanted.strip().lower()
        mend = CATCH_ALL if "html" in found else "correct the service or `content_type`"
        yield Claim(name="content type", value=found or None, wanted=wanted, holds=holds, mend=mend)
    for name, value in endpoint.expect.headers.items():
        present = response.headers.get(name.lower())
        mend = "see which version or proxy answers"
        yield Claim(name=f"header {name}", value=present, wanted=value, holds=present == value, mend=mend)


def _document(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    expected = endpoint.expect.json
    if not expected and (endpoint.method == "HEAD" or response.status in BODILESS):
        return
    is_promised = _media_type(response).endswith(("/json", "+json"))
    if not (expected or is_promised or response.body.lstrip()[:1] == b"{"):
        return
    try:
        document = _read(response)
    except ValueError as error:
        if expected or is_promised:
            yield _no_document(response, str(error))
        return
    yield from (_field(document, path, wanted) for path, wanted in expected.items())
    if not expected.keys() & {"status", "/status"}:
        yield from _word(document)


def _read(response: Response) -> Any:
    if response.truncated:
        raise ValueError(TOO_LONG)
    return read_document(response.body)


def _no_document(response: Response, why: str) -> Claim:
    start = response.body[:200].lstrip().lower()
    if "html" in _media_type(response) or start.startswith((b"<!doctype html", b"<html")):
        return Claim(name="body", value="HTML", wanted="JSON", holds=False, mend=CATCH_ALL)
    value = f"no JSON ({why})" if response.body else "empty"
    return Claim(name="body", value=value, wanted="JSON", holds=False, mend="correct the service's answer")


def _field(document: Any, path: str, wanted: Scalar | tuple[Scalar, ...]) -> Claim:
    found = look_up(document, path)
    allowed = wanted if isinstance(wanted, tuple) else (wanted,)
    return Claim(
        name=f"json {path}",
        value=None if found is MISSING else show_value(found),
        wanted=" or ".join(show_value(value) for value in allowed),
        holds=any(same(found, value) for value in allowed),
        mend=LOOK_AT_SERVICE,
    )


def _word(document: Any) -> Iterator[Claim]:
    """The body's own verdict: a top-level ``status``, in words of Spring Boot, MicroProfile, health+json, gRPC."""
    status = document.get("status") if isinstance(document, dict) else None
    if not isinstance(status, str | bool):
        return
    word = re.sub(r"[\s-]+", "_", str(status).strip().casefold())
    holds = status is not False and word not in UNHEALTHY
    note = f"the body says {show_value(status)}" if word in WARNING else ""
    yield Claim(
        name="body status",
        value=show_value(status),
        wanted="a healthy word",
        holds=holds,
        mend=LOOK_AT_SERVICE,
        note=note,
    )


def _text(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    if not (endpoint.expect.body_matches or endpoint.expect.not_matching):
        return
    text = response.body.decode(errors="replace")
    if pattern := endpoint.expect.body_matches:
        found = re.search(pattern, text) is not None
        value = "found" if found else TOO_LONG if response.truncated else "not found"
        yield Claim(name="pattern", value=value, wanted=pattern, holds=found, mend=LOOK_AT_SERVICE)
    if pattern := endpoint.expect.not_matching:
        hit = re.search(pattern, text)
        value = show_value(hit[0]) if hit else TOO_LONG if response.truncated else "not found"
        holds = hit is None and not response.truncated
        yield Claim(name="unwanted pattern", value=value, wanted=f"no {pattern}", holds=holds, mend=LOOK_AT_SERVICE)


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()
