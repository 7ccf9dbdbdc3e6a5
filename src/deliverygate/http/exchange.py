"""One question and its whole answer: redirects counted, the body capped when unzipped, faults told with their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from deliverygate.errors import TransportError
from deliverygate.gate import Hop, Response
from deliverygate.http.body import read
from deliverygate.http.connection import Head
from deliverygate.http.faults import THEIR_FAULTS, classify
from deliverygate.http.redirects import STATUSES, Ask, redirect, shown
from deliverygate.network.line import Line


class Answer(msgspec.Struct, frozen=True):
    """An answer whose body is still to be read."""

    head: Head
    pieces: Iterable[bytes]  #: of the body, as they come
    address: str  #: the IP address that it comes from; "" behind a proxy
    close: Callable[[], None]


#: how a request gets to a server: over a connection of our own, or through a proxy
Send = Callable[[Ask, Line], Answer]


class Exchange:
    """A question to a server, and to those that it is redirected to."""

    def __init__(self, ask: Ask, line: Line, send: Send, *, max_bytes: int, follow_redirects: int = 0) -> None:
        self._ask = ask
        self._line = line
        self._send = send
        self._max_bytes = max_bytes
        self._follow_redirects = follow_redirects
        self._hops: list[Hop] = []

    def run(self) -> Response:
        """The whole answer. Raises TransportError."""
        try:
            return self._follow()
        except TransportError as error:
            raise self._placed(error) from error
        except THEIR_FAULTS as error:
            raise self._placed(classify(error, self._line.phase)) from error

    def _placed(self, fault: TransportError) -> TransportError:
        """``fault`` with the request that it befell."""
        where = fault.where or f"{self._ask.method} {shown(self._ask.url)}"
        # The policy may name a private address and allow it; where a redirect leads is not the policy's doing.
        kind = "redirect_blocked" if self._hops and fault.kind == "config" else fault.kind
        return TransportError(fault.what, kind=kind, where=where, mend=fault.mend)

    def _follow(self) -> Response:
        while True:
            answer = self._send(self._ask, self._line)
            try:
                locations = tuple(filter(None, answer.head.locations))
                if not (self._follow_redirects and answer.head.status in STATUSES and locations):
                    return self._read(answer)
            finally:
                answer.close()
            if len(self._hops) == self._follow_redirects:
                what = f"is redirected more than {self._follow_redirects} times"
                raise TransportError(what, kind="redirect_loop")
            if len(locations) > 1:
                raise TransportError("is redirected to several addresses at once", kind="redirect_blocked")
            moved = redirect(self._ask, answer.head.status, locations[0])
            self._hops.append(Hop(answer.head.status, shown(self._ask.url), shown(locations[0])))
            self._ask = moved

    def _read(self, answer: Answer) -> Response:
        self._line.enter("body")
        head = answer.head
        encoding = head.headers.get("content-encoding", "") if head.has_body else ""
        body, truncated = read(answer.pieces, encoding, self._max_bytes, check=self._line.check)
        self._line.leave()
        return Response(
            status=head.status,
            headers=head.headers,
            body=body,
            seconds=self._line.seconds,
            url=shown(self._ask.url),
            truncated=truncated,
            phases=self._line.phases,
            address=answer.address,
            hops=tuple(self._hops),
            http_version=head.version,
        )
