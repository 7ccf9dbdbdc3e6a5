"""A connection that never blocks, within the time of a ``Line``."""

from __future__ import annotations

import select
import socket
import ssl
from typing import Any

from deliverygate.network.inner_tls import InnerTls
from deliverygate.network.line import Line

BUFFER_BYTES = 16_384


class Stream:
    """A connection. A kept one is given the ``line`` of each exchange in turn."""

    def __init__(self, connection: socket.socket, line: Line) -> None:
        self.connection: socket.socket | InnerTls = connection
        self.line = line
        self.address = line.address
        self.protocol = ""  #: what ALPN agreed on, e.g. "http/1.1"; "" where it was not spoken of

    def shake_hands(self, context: ssl.SSLContext, server_name: str) -> None:
        """Go on under TLS; a second time within the first, as through a proxy that is itself asked over TLS."""
        if isinstance(self.connection, socket.socket) and not isinstance(self.connection, ssl.SSLSocket):
            # An end that TLS did not announce is told apart: what came before it may be half of an answer.
            secured: Any = context.wrap_socket(
                self.connection,
                server_hostname=server_name,
                do_handshake_on_connect=False,
                suppress_ragged_eofs=False,
            )
        else:
            secured = InnerTls(self.connection, context, server_name)
        self.connection = secured
        self._until_done(secured.do_handshake)
        self.protocol = secured.selected_alpn_protocol() or ""

    def sendall(self, data: bytes) -> None:
        """Send ``data`` to its end.

        After an error whoever sends should still ``recv``: in TLS 1.3 a server says that it missed our certificate only
        when we already write.
        """
        view = memoryview(data)
        while view:
            view = view[self._until_done(self.connection.send, view, event=select.POLLOUT) :]

    def recv(self, count: int) -> bytes:
        """What has come, as soon as something has; b"" when nothing more will."""
        got: bytes = self._until_done(self.connection.recv, count)
        return got

    def peek(self, count: int = 1) -> bytes | None:
        """What has come already; b"" at the end, None when there is nothing yet."""
        try:
            return self.connection.recv(count)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None
        except OSError:
            return b""

    def _until_done(self, step: Any, *arguments: Any, event: int = select.POLLIN) -> Any:
        while True:
            self.line.check()
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                self.line.wait(self.connection, select.POLLIN)
            except ssl.SSLWantWriteError:
                self.line.wait(self.connection, select.POLLOUT)
            except BlockingIOError:
                self.line.wait(self.connection, event)

    def end(self) -> None:
        """Close it."""
        self.connection.close()
