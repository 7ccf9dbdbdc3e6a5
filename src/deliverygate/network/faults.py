"""The faults of sockets and of OpenSSL in words of one closed set."""

from __future__ import annotations

import errno
import ssl

from deliverygate.errors import TransportError

#: OpenSSL's X509_V_ERR_* numbers; every other one is "tls_untrusted"
CERTIFICATE_FAULTS = {9: "tls_not_yet_valid", 10: "tls_expired", 62: "tls_hostname", 64: "tls_hostname"}
CONNECT_FAULTS = {
    errno.ECONNREFUSED: ("connect_refused", "connection refused"),
    errno.ECONNRESET: ("connect_reset", "connection reset while connecting"),
    errno.ETIMEDOUT: ("connect_timeout", "no connection in time"),
}


def connect_fault(error: OSError) -> TransportError:
    """Why there is no connection."""
    code = error.errno or 0
    kind, what = CONNECT_FAULTS.get(code, ("connect_unreachable", f"cannot be reached ({error.strerror or error})"))
    return TransportError(what, kind=kind)


def tls_fault(error: ssl.SSLError) -> TransportError:
    """Why there is no TLS connection, or none any more."""
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = CERTIFICATE_FAULTS.get(error.verify_code, "tls_untrusted")
        return TransportError(f"the certificate is not accepted: {error.verify_message}", kind=kind)
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if "no application protocol" in reason:  # the alert of RFC 7301 to whoever offers HTTP/1.1
        return http2_fault()
    if "certificate required" in reason:
        return TransportError("the server wants a client certificate", kind="tls_client_cert_required")
    if "alert" in reason and ("certificate" in reason or "unknown ca" in reason):
        what = f"the server does not accept the client certificate ({reason})"
        return TransportError(what, kind="tls_client_cert_required")
    return TransportError(f"no TLS connection ({reason})", kind="tls_protocol")


def http2_fault() -> TransportError:
    """The fault of a server that does not speak HTTP/1.1: that we cannot ask it says nothing of its health."""
    return TransportError(
        "the server speaks HTTP/2 alone, which is not spoken here",
        kind="http_version",
        mend="ask an address that speaks HTTP/1.1 too, or use `grpc` or `tcp` in place of `url`",
    )


def broken_fault(phase: str) -> TransportError:
    """What a connection that ended too soon means, by how far the exchange had come."""
    if phase == "body":
        return TransportError("the connection was closed in the middle of the answer", kind="reset_mid_response")
    return TransportError("the connection was closed before an answer came", kind="connect_reset")
