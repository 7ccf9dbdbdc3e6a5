"""The negative control: a path that is none must not answer as the health path does.

A catch-all route, a login page or the start page of a single-page application answers 200 to anything. Where nothing
but the status would decide, one more request tells whether that status means anything.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from msgspec.structs import replace

from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.model import Verdict
from deliverygate_gates.health.claims import CANNOT_TELL_STATUSES, Claim, verdict_of_fault
from deliverygate_gates.health.documents import read_document
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.judging import CATCH_ALL, is_html, media_type
from deliverygate_gates.health.probes.http import HttpProbe

ASK_AGAIN = "run it again; or look into the body with `expect`, or set `control: false`"


def wants_control(endpoint: Endpoint) -> bool:
    """Whether a path that is none is asked too.

    Where the policy leaves it open: for a GET whose answer is judged by its status alone, and not for the start page,
    which many applications show on every path.
    """
    if endpoint.control is not None:
        return endpoint.control
    is_start = urlsplit(endpoint.url).path in ("", "/")
    return endpoint.method == "GET" and not is_start and not endpoint.expect.looks_into_the_body


def judge_control(probe: HttpProbe, healthy: Response) -> Claim:
    """Ask a path beside the endpoint's that nobody serves; no answer, or another one, is as it should be.

    No answer by a fault of ours proves nothing. Raises DeadlineExceeded and Interrupted.
    """
    folder = urlsplit(probe.endpoint.url).path.rpartition("/")[0]
    path = f"{folder}/no-such-page-{uuid4().hex}"
    try:
        other = probe.request_beside(path)
    except TransportError as error:
        probe.context.clock.remaining()  # raises where it was our time that was over
        if verdict_of_fault(error.kind) is Verdict.FAILED:
            return _claim("no answer", holds=True)
        return replace(_claim(f"no answer ({error.kind})", holds=False), cannot_tell=True, mend=error.mend or ASK_AGAIN)
    if other.status in CANNOT_TELL_STATUSES:
        return replace(_claim(f"{other.status}", holds=False), cannot_tell=True, mend=ASK_AGAIN)
    holds = _likeness(other) != _likeness(healthy)
    return _claim(f"{other.status}" if holds else f"{other.status} and the same body", holds=holds)


def _claim(value: str, *, holds: bool) -> Claim:
    return Claim(
        name="answer to a path that is none",
        value=value,
        wanted="another than to this one",
        holds=holds,
        mend=f"{CATCH_ALL}; or look into the body with `expect`, or set `control: false`",
    )


def _likeness(response: Response) -> tuple[object, ...]:
    """What two answers of one catch-all have in common: their time, a nonce or the path may differ."""
    if is_html(response):
        return response.status, "html"
    try:
        return response.status, media_type(response), _shape(read_document(response.body))
    except ValueError:
        return response.status, media_type(response), response.body.strip()


def _shape(document: Any) -> object:
    """The keys of an object; of any other document all of it."""
    return tuple(sorted(document)) if isinstance(document, dict) else repr(document)
