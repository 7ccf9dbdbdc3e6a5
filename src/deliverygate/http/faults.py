"""The faults of HTTP and of sockets in words of one closed set."""

from __future__ import annotations

import ssl

from deliverygate.errors import TransportError
from deliverygate.network.faults import broken_fault, tls_fault

THEIR_FAULTS = (OSError, ValueError)


def classify(error: BaseException, phase: str) -> TransportError:
    """``error`` in our words. ``phase`` is how far the exchange had come."""
    if isinstance(error, TransportError):
        return error
    if isinstance(error, ConnectionError | ssl.SSLEOFError):
        return broken_fault(phase)
    if isinstance(error, ssl.SSLError):
        return tls_fault(error)
    if isinstance(error, ValueError):
        return TransportError(f"cannot be asked ({words(error)})", kind="config")
    return TransportError(f"no answer ({words(error)})", kind="http_protocol")


def not_http(why: str) -> TransportError:
    """The fault of an answer that breaks the rules of HTTP."""
    return TransportError(f"the answer is not HTTP ({words(why)})", kind="http_protocol")


def broken_off() -> TransportError:
    """The fault of an answer that ends before its own end."""
    return TransportError("the answer broke off", kind="reset_mid_response")


def words(error: BaseException | str) -> str:
    """An exception, or what was said of one, in one line."""
    said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return " ".join(said.split())[:200]
