"""Requests through an HTTP proxy of the environment: the whole address to it for http, a tunnel for https. RFC 9110."""

from __future__ import annotations

import socket
from urllib.parse import SplitResult, urlsplit

from deliverygate.errors import TransportError
from deliverygate.http.connection import Connection
from deliverygate.http.direct import DEFAULT_HEADERS, Place, authorization, exchange, headers_of, read_url
from deliverygate.http.exchange import Answer
from deliverygate.http.faults import THEIR_FAULTS, classify
from deliverygate.http.redirects import DEFAULT_PORTS, HTTP1, Ask, Trust, shown
from deliverygate.network.addresses import vet, vet_name
from deliverygate.network.line import Line
from deliverygate.network.look_up import literal, look_up
from deliverygate.network.opening import connect, secure
from deliverygate.network.stream import Stream
from deliverygate.network.trust import trust

SPEAK_HTTP = "name a proxy that is asked by http:// or https://, or name the host in NO_PROXY"


class Proxied:
    """Sends requests through proxies, each over a connection of its own."""

    def __init__(self, trust: Trust, *, allow_private: bool) -> None:
        self._trust = trust
        self._allow_private = allow_private

    def send(self, ask: Ask, line: Line, proxy: str) -> Answer:
        """The head of the answer. Raises TransportError, OSError."""
        place = read_url(ask.url)
        _vet_as_written(place.host, allow_private=self._allow_private)
        parts = _read_proxy(proxy)
        context = self._trust(is_elsewhere=ask.is_elsewhere) if place.secured else None
        stream = self._open(parts, line)
        target, headers = f"http://{place.authority}{place.target}", headers_of(ask)
        if context:
            self._dig(stream, place, parts, line)
            line.enter("tls")
            secure(stream, context, place.host)
            target = place.target
        elif password := authorization(parts):
            headers["proxy-authorization"] = password
        return exchange(Connection(stream), ask, line, target, headers, close=lambda each: each.stream.end())

    def _open(self, parts: SplitResult, line: Line) -> Stream:
        """A connection to the proxy itself. The environment names it, so that any address of it is trusted."""
        host, port = str(parts.hostname), parts.port or DEFAULT_PORTS[parts.scheme]
        try:
            stream = connect(look_up(host, port, line), line)
            if parts.scheme == "https":
                secure(stream, trust(protocols=HTTP1), host)
        except TransportError as error:
            raise _of_the_proxy(error) from error
        stream.address = ""  # of the server, which only the proxy knows
        line.address = ""
        return stream

    def _dig(self, stream: Stream, place: Place, parts: SplitResult, line: Line) -> None:
        """Let the proxy make a tunnel to the server."""
        host = f"[{place.host}]" if ":" in place.host else place.host
        where = f"{host}:{place.port}"
        headers = {"Host": where, "user-agent": DEFAULT_HEADERS["user-agent"]}
        if password := authorization(parts):
            headers["proxy-authorization"] = password
        connection = Connection(stream)
        try:
            connection.send("CONNECT", where, headers)
            status = connection.head().status
            surplus = connection.surplus
        except TransportError as error:
            stream.end()
            raise _of_the_proxy(error) from error
        except THEIR_FAULTS as error:
            stream.end()
            raise _of_the_proxy(classify(error, line.phase)) from error
        except BaseException:
            stream.end()
            raise
        if not 200 <= status < 300 or surplus:
            stream.end()
            what = f"the proxy refuses the way (CONNECT is answered with status {status})"
            raise TransportError(what, kind="proxy_auth" if status == 407 else "proxy_refused")


def _read_proxy(proxy: str) -> SplitResult:
    """The address of a proxy, which may lack its scheme. Raises TransportError."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        is_read = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_read = False
    if not is_read:
        raise TransportError("the proxy's address is none", kind="proxy_refused", mend=SPEAK_HTTP)
    if parts.scheme not in DEFAULT_PORTS:
        what = f"the proxy {shown(proxy)} is asked by {parts.scheme}, which is not spoken here"
        raise TransportError(what, kind="proxy_refused", mend=SPEAK_HTTP)
    return parts


def _of_the_proxy(fault: TransportError) -> TransportError:
    """``fault`` as one of the way to the server, not of the server."""
    return TransportError(f"the proxy: {fault.what}", kind="proxy_refused", mend=fault.mend)


def _vet_as_written(host: str, *, allow_private: bool) -> None:
    """Where the host leads is for the proxy to find out; what can be seen in it is seen."""
    vet_name(host)
    name = host.rstrip(".").lower()
    try:
        written = socket.inet_ntoa(socket.inet_aton(name))  # 0xa9fea9fe, 2852039166 and their like
    except (OSError, ValueError):
        written = name if literal(name, 0) else ""
    if name == "localhost" or name.endswith(".localhost"):
        written = "127.0.0.1"  # the proxy's own machine, RFC 6761
    if written:
        vet(host, [written], allow_private=allow_private)
