"""Who vouches for whom, in TLS."""

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL.crypto import X509, PKey
from twisted.internet.ssl import Certificate, KeyPair, PrivateCertificate


@frozen
class Authority:
    """Somebody who signs certificates, perhaps only their own."""

    name: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def called(cls, name: str) -> "Authority":
        """Make one."""
        key = _key()
        builder = _builder(name, key, name, 2105)
        signs = x509.BasicConstraints(ca=True, path_length=None)
        builder = builder.add_extension(signs, critical=True)
        return cls(name, key, builder.sign(key, SHA256()))

    def pem(self) -> bytes:
        """Give what others have to know to trust it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(self, addresses: Sequence[str], until: int) -> PrivateCertificate:
        """Make a certificate for a worker at these addresses."""
        return _signed(_key(), self.name, self.key, addresses, until)


def self_signed(addresses: Sequence[str], until: int) -> PrivateCertificate:
    """Make a certificate for a worker that its owner has signed."""
    key = _key()
    return _signed(key, "worker", key, addresses, until)


def _signed(
    key: rsa.RSAPrivateKey,
    issuer: str,
    signer: rsa.RSAPrivateKey,
    addresses: Sequence[str],
    until: int,
) -> PrivateCertificate:
    builder = _builder("worker", key, issuer, until)
    if addresses:
        names = [x509.IPAddress(ip_address(address)) for address in addresses]
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
    private = KeyPair(PKey.from_cryptography_key(key))
    signed = X509.from_cryptography(builder.sign(signer, SHA256()))
    made: PrivateCertificate = PrivateCertificate.fromCertificateAndKeyPair(
        Certificate(signed), private
    )
    return made


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _builder(
    subject: str, key: rsa.RSAPrivateKey, issuer: str, until: int
) -> x509.CertificateBuilder:
    by, of = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        for name in (issuer, subject)
    )
    serial = x509.random_serial_number()
    builder = x509.CertificateBuilder(by, of, key.public_key(), serial_number=serial)
    builder = builder.not_valid_before(datetime(2005, 11, 1, tzinfo=UTC))
    return builder.not_valid_after(datetime(until, 11, 1, tzinfo=UTC))
