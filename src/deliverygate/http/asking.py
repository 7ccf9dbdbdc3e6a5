"""A question that may be asked often: everything about it but the moment."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from deliverygate.gate import Response
from deliverygate.http import proxies
from deliverygate.http.direct import Direct
from deliverygate.http.exchange import Answer, Exchange
from deliverygate.http.redirects import Ask, Trust
from deliverygate.network.line import Line
from deliverygate.network.opening import Route


class Asking(msgspec.Struct, frozen=True):
    """What is asked, of whom, and how."""

    ask: Ask
    route: Route
    trust: Trust
    max_bytes: int
    follow_redirects: int = 0
    keep_alive: bool = False
    connect_seconds: float | None = None
    by_proxy: bool = False  #: the environment names one, perhaps for others

    def direct(self) -> Direct:
        """A way to the server itself; one that keeps its connection is for one thread."""
        return Direct(self.route, self.trust, keep_alive=self.keep_alive)

    def once(self, timeout_seconds: float, alive: Callable[[], object]) -> Response:
        """The whole answer. Raises TransportError, and what ``alive`` raises."""
        return self.over(self.line(timeout_seconds, alive), self.direct())

    def line(self, timeout_seconds: float, alive: Callable[[], object]) -> Line:
        """The time of one exchange."""
        return Line(timeout_seconds, alive, connect_seconds=self.connect_seconds)

    def over(self, line: Line, direct: Direct) -> Response:
        """The same, by the time of ``line`` and the connection of ``direct``, where no proxy stands between."""
        if self.by_proxy:
            return self._by_proxy(line, direct)
        return self._exchange(line, direct.send).run()

    def _by_proxy(self, line: Line, direct: Direct) -> Response:
        """Each redirect may lead to a host that has another proxy, or none."""
        from deliverygate.http.proxied import Proxied

        proxied = Proxied(self.trust, allow_private=self.route.allow_private)

        def send(ask: Ask, line: Line) -> Answer:
            proxy = proxies.proxy_for(ask.url)
            return proxied.send(ask, line, proxy) if proxy else direct.send(ask, line)

        return self._exchange(line, send).run()

    def _exchange(self, line: Line, send: Callable[[Ask, Line], Answer]) -> Exchange:
        return Exchange(self.ask, line, send, max_bytes=self.max_bytes, follow_redirects=self.follow_redirects)
