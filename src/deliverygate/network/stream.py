"""A connection that never blocks, within the time of a ``Line``; enough of a socket for http.client."""

from __future__ import annotations

import io
import select
import socket
import ssl
from typing import Any

from deliverygate.network.line import Line

BUFFER_BYTES = 16_384


class Stream:
    """A connection. A kept one is given the ``line`` of each exchange in turn."""

    def __init__(self, connection: socket.socket, line: Line) -> None:
        self.connection = connection
        self.line = line
        self.address = line.address

    def shake_hands(self, context: ssl.SSLContext, server_name: str) -> None:
        """Go on under TLS."""
        secured = context.wrap_socket(self.connection, server_hostname=server_name, do_handshake_on_connect=False)
        self.connection = secured
        self._until_done(secured.do_handshake)

    def sendall(self, data: Any) -> None:
        """Send ``data`` to its end."""
        view = memoryview(data)
        while view:
            try:
                sent = self._until_done(self.connection.send, view, event=select.POLLOUT)
            except (ssl.SSLEOFError, BrokenPipeError, ConnectionResetError):
                self._hear_why()
                raise
            view = view[sent:]

    def _hear_why(self) -> None:
        """In TLS 1.3 a server says that it missed our certificate only when we already write: it waits to be read."""
        if isinstance(self.connection, ssl.SSLSocket):
            self.recv(1)

    def recv(self, count: int) -> bytes:
        """What has come, as soon as something has; b"" when nothing more will."""
        got: bytes = self._until_done(self.connection.recv, count)
        return got

    def recv_into(self, buffer: Any) -> int:
        """The same, into ``buffer``."""
        count: int = self._until_done(self.connection.recv_into, buffer)
        return count

    def _until_done(self, step: Any, *arguments: Any, event: int = select.POLLIN) -> Any:
        while True:
            try:
                return step(*arguments)
            except ssl.SSLWantReadError:
                self.line.wait(self.connection, select.POLLIN)
            except ssl.SSLWantWriteError:
                self.line.wait(self.connection, select.POLLOUT)
            except BlockingIOError:
                self.line.wait(self.connection, event)

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """Its input as a file."""
        return io.BufferedReader(_Input(self), BUFFER_BYTES)

    def close(self) -> None:
        """Nothing: http.client closes a connection while it still reads from it. ``end`` is what ends it."""

    def end(self) -> None:
        """Close it."""
        self.connection.close()


class _Input(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._stream.recv_into(buffer)
