"""The door to HTTP servers: one request in, one whole answer or one classified fault out, by a total deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from deliverygate.gate import Clock, Response, Sample, Schedule, Shots

if TYPE_CHECKING:
    import ssl

    from deliverygate.http.asking import Asking
    from deliverygate.http.redirects import Trust
    from deliverygate.network.look_up import LookUp

__all__ = ["RequestsHttp"]


class RequestsHttp:
    """Asks servers; each request has a fresh connection, so that it meets the load balancer as a new client does.

    Of the environment it obeys the proxies (``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``) and the CA
    bundle (``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE``, the first that is set); never ``.netrc``.
    """

    def __init__(self, clock: Clock, *, allow_private: bool = False, look_up: LookUp | None = None) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._look_up = look_up

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
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
        followed, and no header of the caller but the harmless ones reaches another origin. With an ``address`` no
        proxy is used.
        """
        self._clock.remaining()
        asking = self._asking(
            method,
            url,
            headers,
            body,
            max_bytes=max_bytes,
            follow_redirects=follow_redirects,
            trust=_trust(verify, client_certificate, minimum_tls),
            connect_seconds=connect_seconds,
            address=address,
            allow_private=allow_private,
        )
        return asking.once(timeout_seconds, self._clock.remaining)

    def sample(
        self,
        method: str,
        url: str,
        *,
        schedule: Schedule,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 10.0,
        connect_seconds: float | None = None,
        max_bytes: int = 1_048_576,
        keep_alive: bool = False,
        verify: bool | str = True,
        address: str | None = None,
        allow_private: bool | None = None,
        client_certificate: tuple[str, str] | None = None,
        minimum_tls: str | None = None,
        judge: Callable[[Response], bool] | None = None,
        shots: Shots | None = None,
    ) -> Sample:
        """Ask by a schedule, see ``gate.Http``."""
        from deliverygate.http.lanes import Lanes

        self._clock.remaining()
        trust = _trust(verify, client_certificate, minimum_tls)
        if url.startswith("https:"):
            trust(is_elsewhere=False)  # read now, so that it is no part of the first shot
        asking = self._asking(
            method,
            url,
            headers,
            body,
            max_bytes=max_bytes,
            follow_redirects=0,
            trust=trust,
            connect_seconds=connect_seconds,
            address=address,
            allow_private=allow_private,
            keep_alive=keep_alive,
        )
        lanes = Lanes(asking, schedule, timeout_seconds=timeout_seconds, judge=judge, shots=shots)
        return lanes.run(self._clock.remaining)

    def _asking(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        *,
        max_bytes: int,
        follow_redirects: int,
        trust: Trust,
        connect_seconds: float | None,
        address: str | None,
        allow_private: bool | None,
        keep_alive: bool = False,
    ) -> Asking:
        from deliverygate.http.asking import Asking
        from deliverygate.http.proxies import are_named
        from deliverygate.http.redirects import Ask
        from deliverygate.network.look_up import system_look_up
        from deliverygate.network.opening import Route

        allowed = self._allow_private if allow_private is None else allow_private
        return Asking(
            Ask(method.upper(), url, {name.lower(): value for name, value in (headers or {}).items()}, body),
            Route(allowed, address, self._look_up or system_look_up),
            trust,
            max_bytes=max_bytes,
            follow_redirects=follow_redirects,
            keep_alive=keep_alive,
            connect_seconds=connect_seconds,
            by_proxy=address is None and are_named(),
        )


def _trust(verify: bool | str, client_certificate: tuple[str, str] | None, minimum_tls: str | None) -> Trust:
    from deliverygate.http.redirects import HTTP1
    from deliverygate.network.trust import trust

    def context(*, is_elsewhere: bool, protocols: tuple[str, ...] = HTTP1) -> ssl.SSLContext:
        shown = None if is_elsewhere else client_certificate
        return trust(verify, client_certificate=shown, minimum_version=minimum_tls or "", protocols=protocols)

    return context
