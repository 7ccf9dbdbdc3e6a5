"""Whose certificates are accepted: the same on every Python, and by every probe."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deliverygate.clock import SystemClock
from deliverygate.errors import TransportError
from deliverygate.http import RequestsHttp
from deliverygate.network import SystemNetwork
from deliverygate.network.trust import trust
from tests.servers import answer, answers, serve

NOW = datetime.now(UTC)


class Issued:
    """A certificate and its key. Without ``by`` it signs itself."""

    def __init__(
        self, name: str, by: Issued | None = None, *, is_authority: bool = True, has_ids: bool = True, names: str = ""
    ) -> None:
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        issuer = by or self
        made = (
            x509.CertificateBuilder()
            .subject_name(_called(name))
            .issuer_name(_called(issuer.name))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=9))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(names)]), critical=False)
        if has_ids:
            made = made.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
            )
            made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        self.pem = made.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def server(self, folder: Path, *chain: Issued) -> ssl.SSLContext:
        """The TLS side of a server that shows this certificate, and those of ``chain`` behind it."""
        pem, key = folder / "shown.pem", folder / "shown.key"
        pem.write_bytes(b"".join(each.pem for each in (self, *chain)))
        form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key.write_bytes(self.key.private_bytes(serialization.Encoding.PEM, form, none))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        return context


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def by_http(port: int, bundle: str) -> str:
    http = RequestsHttp(SystemClock(timeout_seconds=20), allow_private=True)
    try:
        return str(http.request("GET", f"https://localhost:{port}/", verify=bundle).status)
    except TransportError as error:
        return error.kind


def by_certificate(port: int, bundle: str) -> str:
    network = SystemNetwork(SystemClock(timeout_seconds=20), allow_private=True)
    return network.certificate("localhost", port, authorities=bundle).verified or "200"


ROOT, OTHER = Issued("Root"), Issued("Root")
MIDDLE = Issued("Middle", ROOT)
PLAIN = Issued("Plain", has_ids=False)


@pytest.mark.parametrize("ask", [by_http, by_certificate])
@pytest.mark.parametrize(
    ("leaf", "chain", "trusted", "verdict"),
    [
        (Issued("a", ROOT, is_authority=False, names="localhost"), (), ROOT, "200"),
        (Issued("a", MIDDLE, is_authority=False, names="localhost"), (MIDDLE,), ROOT, "200"),
        (Issued("a", MIDDLE, is_authority=False, names="localhost"), (MIDDLE,), MIDDLE, "200"),
        (Issued("a", MIDDLE, is_authority=False, names="localhost"), (), MIDDLE, "200"),
        (Issued("a", MIDDLE, is_authority=False, names="localhost"), (), ROOT, "tls_untrusted"),
        (Issued("a", PLAIN, is_authority=False, names="localhost", has_ids=False), (), PLAIN, "200"),
        (Issued("a", ROOT, is_authority=False, names="localhost"), (), OTHER, "tls_untrusted"),
        (Issued("a", MIDDLE, is_authority=False, names="localhost"), (MIDDLE,), OTHER, "tls_untrusted"),
        (Issued("localhost", ROOT, is_authority=False), (), ROOT, "tls_hostname"),
        (Issued("localhost", ROOT, is_authority=False, names="shop.example"), (), ROOT, "tls_hostname"),
    ],
    ids=[
        *("root", "root over another", "the one between", "the one between, not sent", "gap in the chain"),
        *("without key identifiers", "another root of that name", "and one between"),
        *("name in the subject alone", "another name"),
    ],
)
def test_certificate_is_judged_alike_on_every_python(
    tmp_path: Path,
    ask: Callable[[int, str], str],
    leaf: Issued,
    chain: tuple[Issued, ...],
    trusted: Issued,
    verdict: str,
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(trusted.pem)

    with serve(answers(answer("ok")), tls=leaf.server(tmp_path, *chain)) as server:
        assert ask(server.port, str(bundle)) == verdict


@pytest.mark.parametrize("verify", [True, False])
def test_every_context_is_set_up_by_us(verify: bool) -> None:
    context = trust(verify)

    flags = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    assert (context.verify_flags, context.minimum_version) == (flags, ssl.TLSVersion.TLSv1_2)
    assert (context.check_hostname, context.verify_mode) == (verify, ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
    assert not context.hostname_checks_common_name


def test_keys_of_connections_are_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    assert trust(minimum_version="1.3", protocols=("only-here",)).keylog_filename is None
