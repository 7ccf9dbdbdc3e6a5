"""TLS contexts: whom to trust, how to show who asks, and which versions to speak, the same on every Python.

``ssl.create_default_context`` is not used: what it demands of certificates changes from Python to Python (3.13 turned
on VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN), and it writes the keys of connections to a file that the
environment names (SSLKEYLOGFILE).
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

from deliverygate.errors import TransportError

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
VERSIONS = {"": ssl.TLSVersion.TLSv1_2, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

#: As curl and Go have it. PARTIAL_CHAIN: whoever is named in a bundle is trusted, an intermediate authority as well as
#: a root. No X509_STRICT: many authorities of companies lack the key identifiers of RFC 5280 that it demands.
VERIFY_FLAGS = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN


def trust(
    verify: bool | str = True,
    *,
    client_certificate: tuple[str, str] | None = None,
    minimum_version: str = "",
    protocols: tuple[str, ...] = (),
) -> ssl.SSLContext:
    """The context that trusts what ``verify`` says: the usual authorities, those in a file, or anybody (False).

    ``protocols`` are offered by ALPN. Raises TransportError of kind ``config`` when a file cannot be used.
    """
    if minimum_version not in VERSIONS:
        raise TransportError(f"{minimum_version!r} is not a version of TLS; write 1.2 or 1.3", kind="config")
    return _context(verify and bundle(verify), client_certificate, minimum_version, protocols)


def bundle(verify: bool | str) -> str:
    """The file, or folder, of the authorities to trust: the one given, else the environment's, else the usual ones."""
    if isinstance(verify, str):
        return verify
    import certifi

    return next((path for name in CA_BUNDLES if (path := os.environ.get(name))), "") or certifi.where()


# Reading the usual authorities takes 15 ms, which are no part of anybody's answer.
@lru_cache(maxsize=32)
def _context(
    path: str | bool, client_certificate: tuple[str, str] | None, minimum_version: str, protocols: tuple[str, ...]
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = VERSIONS[minimum_version]
    context.verify_flags = VERIFY_FLAGS
    context.hostname_checks_common_name = False  # RFC 9525: a name stands in subjectAltName or nowhere
    if isinstance(path, str):
        _trust_those_in(path, context)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_certificate:
        _show(context, client_certificate)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def _trust_those_in(path: str, context: ssl.SSLContext) -> None:
    try:
        if os.path.isdir(path):  # noqa: PTH112
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:  # missing, or no certificates in it
        reason = error.strerror or "no certificates in it"
        raise TransportError(
            f"the CA bundle {path} cannot be used ({reason})",
            kind="config",
            mend=f"name a PEM file, in `ca:` or in {', '.join(CA_BUNDLES)}",
        ) from error


def _show(context: ssl.SSLContext, client_certificate: tuple[str, str]) -> None:
    certificate, key = client_certificate
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
        raise TransportError(
            f"the client certificate {certificate} with the key {key} cannot be used ({reason})",
            kind="config",
            mend="name a PEM file with the certificate, and one with its key, without a password",
        ) from error


def _no_password() -> str:
    """Without it OpenSSL would ask the terminal."""
    return ""
