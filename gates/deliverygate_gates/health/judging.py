"""An HTTP answer against what is expected of it: each expectation becomes a claim that holds or does not. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from deliverygate.gate import Response
from deliverygate.judging.patterns import GIVEN_UP, SIMPLER, SlowPatternError, search
from deliverygate_gates.health.claims import LOOK_AT_LOG, Claim
from deliverygate_gates.health.dialects import LOOK_AT_SERVICE, SIGNS, Body, judge_body
from deliverygate_gates.health.documents import MISSING, cut, look_up, read_document, same, show_value
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.expectations import Expect, HeaderRule, Scalar, read_statuses
from deliverygate_gates.health.latencies import judge_latency
from deliverygate_gates.health.schemas import Breaches
from deliverygate_gates.health.texts import text_of
from deliverygate_gates.health.urls import bare

BODILESS = frozenset({204, 304})
CREDENTIALS = frozenset({"authentication-info", "authorization", "set-cookie"})  # what a server may hand out
TOO_LONG = "longer than 1 MiB, not read to its end"
SHORTER = "let the service answer in less, or judge the status alone with `dialect: none`"

CATCH_ALL = "a page answers in place of the service, often a catch-all route or a login: correct the path or the route"
OTHER_PROTOCOL = "it speaks no HTTP/1.1, or another protocol: ask an address that does, or use `grpc` or `tcp`"
STATUS_MENDS = {
    401: "the endpoint wants credentials: give them in `headers`, from a variable",
    403: "the credentials in `headers`, or the network that this runs in, are not allowed to ask",
    404: "nothing is served at this path: correct it, or see that the new version is deployed",
    407: "the proxy wants credentials: set them in HTTPS_PROXY, or name the host in NO_PROXY",
    426: OTHER_PROTOCOL,
    429: "it was asked too often: raise `every`, or allow this runner more",
    505: OTHER_PROTOCOL,
}
REDIRECTED = "redirects are not followed: name the address that answers itself, or allow them with `redirects`"
SEE_WHO_ANSWERS = "see which version or proxy answers"


def judge(
    endpoint: Endpoint,
    response: Response,
    *,
    now: datetime | None = None,
    breaches: Breaches | None = None,
    timed: bool = True,
) -> tuple[Claim, ...]:
    """Every claim about a whole answer, the status first.

    ``breaches`` tells those of the JSON Schema that is expected, ``now`` how old the body is. Without ``timed`` nothing
    is said of how long the answer took.
    """
    return (
        _status(endpoint, response),
        *(judge_latency(endpoint, response) if timed else ()),
        *_headers(endpoint, response),
        *_document(endpoint, response, now, breaches),
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
    target = bare(response.headers.get("location", ""))
    return f"it leads to {cut(target)}, and {REDIRECTED}" if target else LOOK_AT_LOG


def _headers(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    if wanted := endpoint.expect.content_type:
        found = media_type(response)
        holds = found == wanted.strip().lower()
        mend = CATCH_ALL if "html" in found else "correct the service or `content_type`"
        yield Claim(name="content type", value=found or None, wanted=wanted, holds=holds, mend=mend)
    for name, wanted_value in endpoint.expect.headers.items():
        yield _header(name, response.headers.get(name.lower()), wanted_value)


def _header(name: str, found: str | None, wanted: str | HeaderRule) -> Claim:
    if isinstance(wanted, HeaderRule):
        return _ruled_header(name, found, wanted)
    # A header may come twice, or hold a list: one value of several is enough, as in blackbox_exporter and hurl.
    values = [found, *(part.strip() for part in found.split(","))] if found is not None else []
    shown = None if found is None else _shown(name, found)
    return Claim(name=f"header {name}", value=shown, wanted=wanted, holds=wanted in values, mend=SEE_WHO_ANSWERS)


def _ruled_header(name: str, found: str | None, rule: HeaderRule) -> Claim:
    if rule.absent:
        holds, value = found is None, "none" if found is None else _shown(name, found)
        return Claim(name=f"header {name}", value=value, wanted="none", holds=holds, mend=SEE_WHO_ANSWERS)
    return _pattern(f"header {name}", rule.matches, found) if found is not None else _missing(name, rule.matches)


def _shown(name: str, value: str) -> str:
    """Of a header that lets its reader in, only that it is there."""
    return "there" if name.lower() in CREDENTIALS else cut(value)


def _missing(name: str, pattern: str) -> Claim:
    return Claim(name=f"header {name}", value=None, wanted=pattern, holds=False, mend=SEE_WHO_ANSWERS)


def _document(
    endpoint: Endpoint, response: Response, now: datetime | None, breaches: Breaches | None
) -> Iterator[Claim]:
    expect = endpoint.expect
    is_expected = bool(expect.json or expect.schema)
    if not is_expected and (endpoint.method == "HEAD" or response.status in BODILESS):
        return
    is_promised = media_type(response).endswith(("/json", "+json"))
    document: Any = None
    text = text_of(response)
    if is_expected or is_promised or text.lstrip()[:1] == "{":
        try:
            document = _read(response, response.body if is_expected or is_promised else text.encode(errors="replace"))
        except ValueError as error:
            if is_expected or is_promised:
                yield _no_document(response, str(error))
                return
    yield from (_field(document, path, wanted) for path, wanted in expect.json.items())
    if breaches:
        found = breaches(document)
        value = "; ".join(found) or "no breach"
        yield Claim(name="schema", value=value, wanted=expect.schema, holds=not found, mend=LOOK_AT_SERVICE)
    body = Body(response, document=document, media_type=media_type(response), text=text)
    yield from judge_body(body, expect, now=now)
    if _is_cut_short(body, expect):
        yield Claim(name="body", value=TOO_LONG, wanted="all that it says of health", holds=False, mend=SHORTER)


def _is_cut_short(body: Body, expect: Expect) -> bool:
    """Whether the body tells of health, and more of that may stand in what was not read."""
    if not body.response.truncated or expect.dialect == "none":
        return False
    is_object = body.text.lstrip()[:1] == "{"
    return expect.dialect != "auto" or is_object or any(is_spoken(body) for is_spoken in SIGNS.values())


def _read(response: Response, body: bytes) -> Any:
    if response.truncated:
        raise ValueError(TOO_LONG)
    return read_document(body)


def _no_document(response: Response, why: str) -> Claim:
    if is_html(response):
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


def _text(endpoint: Endpoint, response: Response) -> Iterator[Claim]:
    if not (endpoint.expect.body_matches or endpoint.expect.not_matching):
        return
    text = text_of(response)
    if pattern := endpoint.expect.body_matches:
        yield _pattern("pattern", pattern, text, is_cut=response.truncated)
    if pattern := endpoint.expect.not_matching:
        yield _unwanted(pattern, text, is_cut=response.truncated)


def _pattern(name: str, pattern: str, text: str, *, is_cut: bool = False) -> Claim:
    try:
        found = search(pattern, text) is not None
    except SlowPatternError:
        return slow(name, pattern)
    value = "found" if found else TOO_LONG if is_cut else "not found"
    return Claim(name=name, value=value, wanted=pattern, holds=found, mend=LOOK_AT_SERVICE)


def _unwanted(pattern: str, text: str, *, is_cut: bool) -> Claim:
    try:
        hit = search(pattern, text)
    except SlowPatternError:
        return slow("unwanted pattern", f"no {pattern}")
    value = show_value(hit[0]) if hit else TOO_LONG if is_cut else "not found"
    holds = hit is None and not is_cut
    return Claim(name="unwanted pattern", value=value, wanted=f"no {pattern}", holds=holds, mend=LOOK_AT_SERVICE)


def slow(name: str, wanted: str) -> Claim:
    """The claim about a pattern that was given up: it does not hold, and says nothing against the service."""
    return Claim(name=name, value=GIVEN_UP, wanted=wanted, holds=False, cannot_tell=True, mend=SIMPLER)


def media_type(response: Response) -> str:
    """The ``Content-Type`` without parameters, in lower case; "" where there is none."""
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_html(response: Response) -> bool:
    """Whether the body is a page, by its type or its beginning."""
    start = text_of(response)[:200].lstrip().lower()
    return "html" in media_type(response) or start.startswith(("<!doctype html", "<html"))
