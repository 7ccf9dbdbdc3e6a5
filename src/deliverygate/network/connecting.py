"""A TCP connection, and what a server says over it."""

from __future__ import annotations

from collections.abc import Callable

from deliverygate.errors import TransportError
from deliverygate.gate import Connected
from deliverygate.network.faults import broken_fault
from deliverygate.network.line import Line
from deliverygate.network.opening import Route, open_stream
from deliverygate.network.stream import BUFFER_BYTES, Stream


def converse(
    host: str, port: int, line: Line, route: Route, *, send: bytes, max_bytes: int, enough: Callable[[bytes], bool]
) -> Connected:
    """Connect, send, and read until it is enough. Raises TransportError."""
    stream = open_stream(host, port, line, route)
    seconds = line.seconds
    try:
        line.enter("answer")
        answer = _speak(stream, send, max_bytes, enough)
    except OSError as error:
        raise broken_fault("answer") from error
    finally:
        stream.end()
    return Connected(line.address, seconds, answer)


def _speak(stream: Stream, send: bytes, max_bytes: int, enough: Callable[[bytes], bool]) -> bytes:
    answer = b""
    try:
        if send:
            stream.sendall(send)
        while len(answer) < max_bytes and not (answer and enough(answer)):
            piece = stream.recv(min(BUFFER_BYTES, max_bytes - len(answer)))
            if not piece:
                break
            answer += piece
    except (TransportError, OSError):
        if not answer:  # else it answered, and then waits for more of us, or hung up
            raise
    return answer
