"""A certificate authority for tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Issues certificates into a folder; each file holds a certificate and its key."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = self._write(name, self._key, ca=True)

    def issue(self, name: str) -> Path:
        """Issue a certificate for 127.0.0.1; return its file."""
        return self._write(name, ec.generate_private_key(ec.SECP256R1()), ca=False)

    def _write(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> Path:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )
        for extension, critical in self._extensions(key, ca=ca):
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(self._key, hashes.SHA256())
        path = self._folder / f"{name}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
        return path

    def _extensions(
        self, key: ec.EllipticCurvePrivateKey, *, ca: bool
    ) -> Iterator[tuple[x509.ExtensionType, bool]]:
        """Yield the extensions that newer versions of Python require."""
        yield x509.BasicConstraints(ca=ca, path_length=None), True
        yield x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        yield x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
        uses = dict.fromkeys(
            (
                "content_commitment",
                "crl_sign",
                "data_encipherment",
                "decipher_only",
                "encipher_only",
                "key_agreement",
                "key_encipherment",
            ),
            False,
        )
        yield x509.KeyUsage(digital_signature=True, key_cert_sign=ca, **uses), True
