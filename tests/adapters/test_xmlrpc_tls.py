"""Workers that are to be reached by TLS, and nobody else in their place."""

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from OpenSSL.crypto import X509, PKey
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import Certificate, KeyPair, PrivateCertificate
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from buildd_manager.domain.errors import WorkerUnreachableError
from buildd_manager.ports import IWorker
from buildd_manager.testing.worker_case import Kept
from tests.adapters.patience import failing, until
from tests.adapters.worker_client import worker_at
from tests.adapters.worker_listening import listen
from tests.adapters.worker_servers import Answers, saying, serve


#: What can be asked of a worker: by XML-RPC, and of its files.
QUESTIONS: tuple[Callable[[IWorker], Deferred[Any]], ...] = (
    lambda worker: worker.status(),
    lambda worker: worker.fetch_file("a" * 40, Kept(), 1),
)


class Rude(Protocol):
    """Says a page in plain words to whatever is said first."""

    factory: "Eavesdropper"

    def connectionMade(self) -> None:
        self.factory.open.append(self)

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.factory.heard.append(data)
        self.transport.write(b"HTTP/1.0 200 OK\r\n\r\n")

    def connectionLost(self, reason: object = None) -> None:
        self.factory.open.remove(self)


class Eavesdropper(Answers):
    """A worker that does not know TLS."""

    protocol = Rude
    open: list[Any]

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.heard: list[bytes] = []


class TLSTests(TestCase):
    """Calls and files, by TLS."""

    timeout = 60

    async def test_unknown_authority(self) -> None:
        """A worker that is known to nobody whom we trust is told nothing."""
        answers = Answers(saying(b"HTTP/1.0 200 OK\r\n\r\nx"))
        factory: Any = TLSMemoryBIOFactory(certificate().options(), False, answers)
        url = (await listen(self, factory)).replace("http:", "https:")
        for ask in QUESTIONS:
            error = await failing(ask(worker_at(url)), WorkerUnreachableError)
            self.assertIn("certificate verify failed", str(error))
        await until(lambda: not answers.open)
        self.assertEqual(answers.requests, [])

    async def test_plain(self) -> None:
        """A worker that does not know TLS is told nothing in plain words."""
        plain = Eavesdropper()
        url = (await serve(self, plain)).replace("http:", "https:")
        for ask in QUESTIONS:
            await failing(ask(worker_at(url)), WorkerUnreachableError)
        self.assertEqual(len(plain.heard), len(QUESTIONS))
        for said in plain.heard:
            self.assertEqual(said[:1], b"\x16")  # TLS's handshake


def certificate() -> PrivateCertificate:
    """Make a certificate for this machine that its owner has signed."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "worker")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial_number=1)
    builder = builder.not_valid_before(datetime(2005, 11, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2105, 11, 1, tzinfo=UTC))
    signed = builder.add_extension(address, critical=False).sign(key, SHA256())
    private = KeyPair(PKey.from_cryptography_key(key))
    made: PrivateCertificate = PrivateCertificate.fromCertificateAndKeyPair(
        Certificate(X509.from_cryptography(signed)), private
    )
    return made
