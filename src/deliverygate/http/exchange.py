"""One request and its answer through requests: redirects counted, body capped when unzipped, faults classified."""

from __future__ import annotations

import http.client
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import requests
import urllib3
from requests.utils import get_environ_proxies

from deliverygate import __version__
from deliverygate.errors import TransportError
from deliverygate.gate import Response
from deliverygate.http.faults import classify
from deliverygate.http.line import Line, LineAdapter
from deliverygate.http.redirects import STATUSES, Ask, redirect

__all__ = ["Ask", "Exchange"]

CHUNK_BYTES = 16_384
DEFAULT_HEADERS = {"user-agent": f"deliverygate/{__version__}", "accept": "*/*", "accept-encoding": "gzip"}
ENCODINGS = ("", "identity", "gzip", "x-gzip")
THEIR_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


class Exchange:
    """A question to a server. ``run`` in one thread, ``cut`` and ``overdue`` from another."""

    def __init__(
        self,
        ask: Ask,
        *,
        timeout_seconds: float,
        max_bytes: int,
        follow_redirects: int,
        verify: bool | str,
        now: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._max_bytes = max_bytes
        self._follow_redirects = follow_redirects
        self._verify = verify
        self._now = now
        self._line = Line(timeout_seconds)

    def run(self) -> Response:
        """The whole answer. Raises TransportError."""
        adapter: LineAdapter | None = None
        try:
            adapter = LineAdapter(self._line, verify=self._verify)
            return self._follow(adapter)
        except TransportError as error:
            raise self._placed(error) from error
        except THEIR_FAULTS as error:
            fault = classify(error, phase=self._line.phase, overdue=self._line.overdue())
            raise self._placed(fault) from error
        finally:
            self._line.cut()
            if adapter:
                adapter.close()

    def cut(self) -> None:
        """End it, wherever it is."""
        self._line.cut()

    def overdue(self) -> TransportError:
        """The fault of not having come to the end in time."""
        return self._placed(self._line.overdue())

    def _placed(self, fault: TransportError) -> TransportError:
        where = fault.where or f"{self._ask.method} {shown(self._ask.url)}"
        return TransportError(fault.what, kind=fault.kind, where=where, mend=fault.mend)

    def _follow(self, adapter: LineAdapter) -> Response:
        started = self._now()
        for hop in range(self._follow_redirects + 1):
            answer = self._send(adapter)
            location = answer.headers.get("location")
            if hop == self._follow_redirects or answer.status_code not in STATUSES or not location:
                break
            answer.close()
            self._ask = redirect(self._ask, answer.status_code, location)
        with answer:
            if self._follow_redirects and answer.status_code in STATUSES and location:
                what = f"is redirected more than {self._follow_redirects} times"
                raise TransportError(what, kind="redirect_loop")
            self._line.phase = "body"
            body, truncated = _read(answer, self._max_bytes)
        return Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=body,
            seconds=self._now() - started,
            url=shown(self._ask.url),
            truncated=truncated,
        )

    def _send(self, adapter: LineAdapter) -> requests.Response:
        # No session: it would take passwords from ~/.netrc, keep cookies, and read the body of a redirect to its end.
        ask = self._ask
        request = requests.Request(ask.method, ask.url, headers={**DEFAULT_HEADERS, **ask.headers}, data=ask.body)
        return adapter.send(
            request.prepare(),
            stream=True,
            timeout=self._line.timeout_seconds + 1,  # of each wait; the deadline of the whole cuts it before
            proxies=dict(get_environ_proxies(ask.url)),
        )


def shown(url: str) -> str:
    """``url`` without user and password."""
    return re.sub(r"^([^/?#]*//)[^/?#]*@", r"\1", url)


def _read(answer: requests.Response, max_bytes: int) -> tuple[bytes, bool]:
    """The body, decompressed, and whether it was longer than ``max_bytes`` and is cut."""
    body = bytearray()
    for piece in _decoded(answer, max_bytes + 1):
        body += piece
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def _decoded(answer: requests.Response, most: int) -> Iterator[bytes]:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    pieces = answer.raw.stream(CHUNK_BYTES, decode_content=False)
    if encoding not in ENCODINGS:
        raise TransportError(f"the body is encoded as {encoding!r}, which was not asked for", kind="body_decode")
    return _unzipped(pieces, most) if "gzip" in encoding else pieces


def _unzipped(pieces: Any, most: int) -> Iterator[bytes]:
    """Decompress at most ``most`` bytes at a time: a few kilobytes may hold gigabytes."""
    unzip = zlib.decompressobj(wbits=31)
    begun = False
    try:
        for piece in pieces:
            begun = True
            while piece:
                yield unzip.decompress(piece, most)
                piece = unzip.unconsumed_tail  # noqa: PLW2901  what did not fit yet
    except zlib.error as error:
        raise TransportError(f"the body is no gzip ({error})", kind="body_decode") from error
    if begun and not unzip.eof:
        raise TransportError("the gzip of the body breaks off", kind="body_decode")
