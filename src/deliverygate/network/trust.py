"""TLS contexts: whom to trust, how to show who asks, and which versions to speak."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache

from deliverygate.errors import TransportError

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
VERSIONS = {"": None, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def trust(
    verify: bool | str = True, *, client_certificate: tuple[str, str] | None = None, minimum_version: str = ""
) -> ssl.SSLContext:
    """The context that trusts what ``verify`` says: the usual authorities, those in a file, or anybody (False).

    Raises TransportError of kind ``config`` when a file cannot be used.
    """
    if minimum_version not in VERSIONS:
        raise TransportError(f"{minimum_version!r} is not a version of TLS; write 1.2 or 1.3", kind="config")
    return _context(verify and bundle(verify), client_certificate, minimum_version)


def bundle(verify: bool | str) -> str:
    """The file, or folder, of the authorities to trust: the one given, else the environment's, else the usual ones."""
    if isinstance(verify, str):
        return verify
    import certifi

    return next((path for name in CA_BUNDLES if (path := os.environ.get(name))), "") or certifi.where()


# Reading the usual authorities takes 15 ms, which are no part of anybody's answer.
@lru_cache(maxsize=32)
def _context(path: str | bool, client_certificate: tuple[str, str] | None, minimum_version: str) -> ssl.SSLContext:
    context = _trusting(path) if isinstance(path, str) else _trusting_anybody()
    if version := VERSIONS[minimum_version]:
        context.minimum_version = version
    if client_certificate:
        _show(context, client_certificate)
    return context


def _trusting(path: str) -> ssl.SSLContext:
    try:
        if os.path.isdir(path):  # noqa: PTH112
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # missing, or no certificates in it
        reason = error.strerror or "no certificates in it"
        raise TransportError(
            f"the CA bundle {path} cannot be used ({reason})",
            kind="config",
            mend=f"name a PEM file, in `ca:` or in {', '.join(CA_BUNDLES)}",
        ) from error


def _trusting_anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
