"""TLS within a TLS connection, as through a proxy that is itself asked over TLS: a socket cannot be wrapped twice."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

RECORD_BYTES = 16_384


class InnerTls:
    """As much of ``ssl.SSLSocket`` as a ``Stream`` needs; it never blocks, as the ``outer`` connection does not."""

    def __init__(self, outer: Any, context: ssl.SSLContext, server_name: str) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._unsent = b""

    def do_handshake(self) -> None:
        self._step(self._tls.do_handshake)

    def recv(self, count: int) -> bytes:
        got: bytes = self._step(lambda: self._tls.read(count))
        return got

    def send(self, data: memoryview) -> int:
        """Once it is encrypted it counts as sent: to encrypt it again would send it twice."""
        self._flush()
        count = self._step(lambda: self._tls.write(data[:RECORD_BYTES]), flush=False)
        try:
            self._flush()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):  # goes out before the next step
            pass
        return int(count)

    def selected_alpn_protocol(self) -> str | None:
        return self._tls.selected_alpn_protocol()

    def fileno(self) -> int:
        return int(self._outer.fileno())

    def close(self) -> None:
        self._outer.close()

    def _step(self, step: Callable[[], Any], *, flush: bool = True) -> Any:
        while True:
            self._flush()
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush()
                self._take()
                continue
            if flush:
                self._flush()
            return done

    def _flush(self) -> None:
        self._unsent += self._outgoing.read()
        while self._unsent:
            self._unsent = self._unsent[self._outer.send(self._unsent) :]

    def _take(self) -> None:
        """Hand in what the outer connection has. Raises SSLWantReadError when there is nothing yet."""
        if data := self._outer.recv(RECORD_BYTES):
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
