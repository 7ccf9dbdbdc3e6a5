"""The faults of http.client and of sockets in words of one closed set."""

from __future__ import annotations

import http.client
import ssl

from deliverygate.errors import TransportError
from deliverygate.network.faults import broken_fault, tls_fault

THEIR_FAULTS = (http.client.HTTPException, OSError, ValueError)

Row = tuple[tuple[type[BaseException], ...], str, str]
#: the first that fits: (types, kind, what it means)
FAULTS: tuple[Row, ...] = (
    ((UnicodeError, http.client.InvalidURL), "config", "cannot be asked"),
    ((http.client.HTTPException,), "http_protocol", "the answer is not HTTP"),
)


def classify(error: BaseException, phase: str) -> TransportError:
    """``error`` in our words. ``phase`` is how far the exchange had come."""
    if isinstance(error, TransportError):
        return error
    if isinstance(error, ssl.SSLError):
        return tls_fault(error)
    if isinstance(error, ConnectionError):  # RemoteDisconnected, which is a BadStatusLine too, is among them
        return broken_fault(phase)
    if isinstance(error, http.client.IncompleteRead):
        return _incomplete(error)
    for types, kind, meaning in FAULTS:
        if isinstance(error, types):
            return TransportError(f"{meaning} ({words(error)})", kind=kind)
    if isinstance(error, ValueError):
        kind = "http_protocol" if phase in ("answer", "body") else "config"
        return TransportError(f"cannot be asked ({words(error)})", kind=kind)
    return TransportError(f"no answer ({words(error)})", kind="http_protocol")


def _incomplete(error: http.client.IncompleteRead) -> TransportError:
    """http.client raises the same for chunks that end too soon and for a chunk whose length is no number."""
    cause = error.__context__
    if isinstance(cause, ValueError) and not str(cause).endswith("b''"):
        return TransportError(f"the answer is not HTTP (a chunk's length: {words(cause)})", kind="http_protocol")
    return TransportError("the answer broke off", kind="reset_mid_response")


def words(error: BaseException) -> str:
    """An exception in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
