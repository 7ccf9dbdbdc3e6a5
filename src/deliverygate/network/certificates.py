"""The certificate of a server: read from its handshake, judged by OpenSSL, told whether or not it is to be trusted."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from deliverygate.errors import TransportError
from deliverygate.gate import Certificate, ChainLink
from deliverygate.network.faults import CERTIFICATE_FAULTS
from deliverygate.network.line import Line
from deliverygate.network.opening import Route, open_stream
from deliverygate.network.trust import trust

if TYPE_CHECKING:
    from cryptography import x509


def fetch(
    host: str, port: int, line: Line, route: Route, *, server_name: str, authorities: str, minimum_version: str
) -> Certificate:
    """The certificate. Raises TransportError when there is no TLS at all."""
    _demand_library()
    strict = trust(authorities or True, minimum_version=minimum_version)
    try:
        return _shake_hands(host, port, line, route, strict, server_name)
    except TransportError as error:
        refused = error.__cause__
        if not isinstance(refused, ssl.SSLCertVerificationError):
            raise
    kind = CERTIFICATE_FAULTS.get(refused.verify_code, "tls_untrusted")
    # OpenSSL keeps nothing of a handshake that it refused: once more, to the same address, believing anything.
    anybody = trust(False, minimum_version=minimum_version)
    shown = _shake_hands(host, port, line, replace(route, address=line.address), anybody, server_name)
    return replace(shown, verified=kind, why=refused.verify_message)


def _demand_library() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise TransportError(
            "certificates cannot be read without the library `cryptography`",
            kind="config",
            mend="pip install 'deliverygate[tls]'",
        ) from error


def _shake_hands(
    host: str, port: int, line: Line, route: Route, context: ssl.SSLContext, server_name: str
) -> Certificate:
    stream = open_stream(host, port, line, route, context=context, server_name=server_name)
    seconds = line.seconds
    try:
        secured = stream.connection
        assert isinstance(secured, ssl.SSLSocket)  # noqa: S101  it was opened with a context
        return _read(secured, line.address, seconds)
    except ValueError as error:
        raise TransportError(f"the certificate cannot be read ({error})", kind="tls_protocol") from error
    finally:
        stream.end()


def _read(secured: ssl.SSLSocket, address: str, seconds: float) -> Certificate:
    from cryptography import x509

    chain = [x509.load_der_x509_certificate(each) for each in _sent(secured)]
    if not chain:
        raise ValueError("the server sent none")
    links = tuple(map(_link, chain))
    return Certificate(
        subject=links[0].subject,
        issuer=links[0].issuer,
        names=_names(chain[0]),
        not_before=links[0].not_before,
        not_after=links[0].not_after,
        serial=f"{chain[0].serial_number:x}",
        protocol=secured.version() or "",
        chain=links,
        address=address,
        seconds=seconds,
    )


def _sent(secured: Any) -> list[bytes]:
    """All certificates as they were sent. Python 3.13 offers them; before, only the object inside does."""
    if hasattr(secured, "get_unverified_chain"):
        return list(secured.get_unverified_chain())
    import _ssl

    inner = secured._sslobj.get_unverified_chain() or ()  # noqa: SLF001
    return [each.public_bytes(_ssl.ENCODING_DER) for each in inner]


def _link(certificate: x509.Certificate) -> ChainLink:
    return ChainLink(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = (str(each) for each in found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)
