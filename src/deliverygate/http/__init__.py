"""The door to HTTP servers: one request in, one whole answer or one classified fault out, by a total deadline.

``requests`` does the talking, in a thread of its own, because nothing else keeps a total deadline: a name look-up
(``getaddrinfo``) cannot be cancelled, and a socket's timeout starts anew with every byte that a slow server sends. When
the time is over the connection is cut, which ends the thread at once; only one that still looks up a name stays behind,
as a daemon that keeps nothing alive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import TYPE_CHECKING

from deliverygate.gate import Clock, Response, Sample, Schedule

if TYPE_CHECKING:
    from deliverygate.http.exchange import Exchange

__all__ = ["RequestsHttp"]

TICK_SECONDS = 0.05  #: how soon a stop of the run is noticed
FAREWELL_SECONDS = 0.2  #: for a cut exchange to close its connection


class RequestsHttp:
    """Asks servers; each request has a fresh connection, so that it meets the load balancer as a new client does.

    Of the environment it obeys the proxies (``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``) and the CA
    bundle (``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE``, the first that is set); never ``.netrc``.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        max_bytes: int = 1_048_576,
        follow_redirects: int = 0,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
    ) -> Response:
        """Ask once, see ``gate.Http``. ``max_bytes`` counts the body as decompressed.

        A redirect is an ordinary answer unless ``follow_redirects`` allows that many. From https to http is never
        followed, and no header of the caller but the harmless ones reaches another origin.
        """
        from deliverygate.http.exchange import Ask, Exchange

        self._clock.remaining()
        ask = Ask(method.upper(), url, {name.lower(): value for name, value in (headers or {}).items()}, body)
        exchange = Exchange(
            ask,
            timeout_seconds=timeout_seconds,
            max_bytes=max_bytes,
            follow_redirects=follow_redirects,
            verify=verify,
            now=self._clock.monotonic,
        )
        return self._await(exchange, timeout_seconds)

    def sample(
        self,
        method: str,
        url: str,
        *,
        schedule: Schedule,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        max_bytes: int = 1_048_576,
        keep_alive: bool = False,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
        judge: Callable[[Response], bool] | None = None,
    ) -> Sample:
        raise NotImplementedError

    def _await(self, exchange: Exchange, timeout_seconds: float) -> Response:
        until = self._clock.monotonic() + timeout_seconds
        errand = _Errand(exchange.run)
        try:
            while not errand.done.wait(min(TICK_SECONDS, max(until - self._clock.monotonic(), 0))):
                self._clock.remaining()
                if self._clock.monotonic() >= until:
                    raise exchange.overdue()
        finally:
            exchange.cut()
            errand.join(FAREWELL_SECONDS)
        return errand.result()


class _Errand(Thread):
    """A call in a thread of its own; its result or its exception belongs to whoever waits for it."""

    def __init__(self, call: Callable[[], Response]) -> None:
        super().__init__(name="http request", daemon=True)
        self.done = Event()
        self._call = call
        self._response: Response | None = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._response = self._call()
        except BaseException as error:  # noqa: BLE001  handed over, not swallowed: ``result`` raises it
            self._error = error
        finally:
            self.done.set()

    def result(self) -> Response:
        if self._error is not None:
            raise self._error
        assert self._response is not None  # noqa: S101  there is no third way out of ``run``
        return self._response
