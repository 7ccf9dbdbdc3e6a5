"""The faults of requests, urllib3, http.client and OpenSSL in words of one closed set."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests.exceptions as theirs
import urllib3.exceptions as below

from deliverygate.errors import TransportError

#: OpenSSL's X509_V_ERR_* numbers; every other one is "tls_untrusted"
CERTIFICATE_FAULTS = {9: "tls_not_yet_valid", 10: "tls_expired", 62: "tls_hostname", 64: "tls_hostname"}

#: looked for in this order, each in the whole chain of causes: (types, kind, what it means)
FAULTS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((below.InvalidChunkLength,), "http_protocol", "the answer is not HTTP"),
    ((http.client.IncompleteRead, below.IncompleteRead), "reset_mid_response", "the answer broke off"),
    ((ConnectionError,), "reset", "the connection was closed"),
    ((below.DecodeError,), "body_decode", "the body cannot be decoded"),
    (
        (
            UnicodeError,
            below.LocationValueError,
            theirs.InvalidURL,
            theirs.InvalidHeader,
            theirs.InvalidSchema,
            theirs.MissingSchema,
        ),
        "config",
        "cannot be asked",
    ),
    ((http.client.HTTPException, below.HTTPError), "http_protocol", "the answer is not HTTP"),
)
UNCLASSIFIED = ("http_protocol", "no answer")


def classify(error: BaseException, *, phase: str, overdue: TransportError) -> TransportError:
    """``error`` in our words. ``phase`` is how far the exchange had come, ``overdue`` the fault if it was the time."""
    chain = tuple(_chain(error))
    for fault in chain:
        if isinstance(fault, TransportError):
            return fault
        if isinstance(fault, ssl.SSLError):
            return _tls_fault(fault)
        if isinstance(fault, TimeoutError | below.TimeoutError):
            return overdue
        if isinstance(fault, OSError) and "Tunnel connection failed" in str(fault):
            return _proxy_fault(fault)
        if isinstance(fault, below.ProtocolError) and "prematurely" in str(fault):
            return TransportError("the answer broke off", kind="reset_mid_response")
    for types, kind, meaning in FAULTS:
        if found := next((fault for fault in chain if isinstance(fault, types)), None):
            return _plain_fault(kind, meaning, found, phase)
    return TransportError(f"{UNCLASSIFIED[1]} ({_words(error)})", kind=UNCLASSIFIED[0])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps, the innermost first: what happened is more telling than who noticed."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            context = None if item.__suppress_context__ else item.__context__
            waiting += [item.__cause__, context, getattr(item, "reason", None), *item.args]
    yield from reversed(seen)


def _tls_fault(error: ssl.SSLError) -> TransportError:
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = CERTIFICATE_FAULTS.get(error.verify_code, "tls_untrusted")
        return TransportError(f"the certificate is not accepted: {error.verify_message}", kind=kind)
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "certificate required" in reason:
        return TransportError("the server wants a client certificate", kind="tls_client_cert_required")
    return TransportError(f"no TLS connection ({reason})", kind="tls_protocol")


def _proxy_fault(error: OSError) -> TransportError:
    kind = "proxy_auth" if "407" in str(error) else "proxy_refused"
    return TransportError(f"the proxy refuses the way ({error})", kind=kind)


def _plain_fault(kind: str, meaning: str, error: BaseException, phase: str) -> TransportError:
    if kind == "reset" and phase == "body":
        return TransportError("the connection was closed in the middle of the answer", kind="reset_mid_response")
    if kind == "reset":
        return TransportError("the connection was closed before an answer came", kind="connect_reset")
    return TransportError(f"{meaning} ({_words(error)})", kind=kind)


def _words(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
