"""Workers that are to be reached by TLS, and nobody else in their place."""

import os
from pathlib import Path
from typing import Any
from xmlrpc.client import dumps

from twisted.internet.protocol import Protocol
from twisted.internet.ssl import PrivateCertificate
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from buildd_manager.domain.errors import WorkerUnreachableError
from buildd_manager.domain.reports import Idle
from tests.adapters.certificates import Authority, self_signed
from tests.adapters.patience import failing, until
from tests.adapters.worker_client import QUESTIONS, worker_at
from tests.adapters.worker_listening import listen
from tests.adapters.worker_servers import Answers, saying, serve
from tests.bad_inputs import Case, cases


#: The file with those whom OpenSSL trusts.
TRUST = "SSL_CERT_FILE"

STATUS = (
    b"HTTP/1.0 200 OK\r\n\r\n"
    + dumps(({"builder_status": "BuilderStatus.IDLE"},), methodresponse=True).encode()
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

    def setUp(self) -> None:
        self.trusted = Authority.called("trusted")
        path = Path(self.mktemp()).absolute()
        path.write_bytes(self.trusted.pem())
        before = os.environ.get(TRUST)
        os.environ[TRUST] = str(path)
        self.addCleanup(restore, before)

    async def serve(self, certificate: PrivateCertificate) -> str:
        """Serve a status with a certificate."""
        self.answers = Answers(saying(STATUS))
        factory: Any = TLSMemoryBIOFactory(certificate.options(), False, self.answers)
        return (await listen(self, factory)).replace("http:", "https:")

    async def test_trusted(self) -> None:
        """A worker for which somebody vouches whom we trust is talked to."""
        url = await self.serve(self.trusted.sign(["127.0.0.1"], 2105))
        self.assertEqual(await worker_at(url).status(), Idle())
        await until(lambda: not self.answers.open)

    async def test_strangers(self) -> None:
        """Any other one is told nothing."""
        for case in cases("worker/tls"):
            url = await self.serve(self.certificate_of(case))
            for ask in QUESTIONS:
                error = await failing(ask(worker_at(url)), WorkerUnreachableError)
                self.assertIn(case["says"], str(error), str(case))
                self.assertTrue(str(error).isprintable(), str(case))
            await until(lambda: not self.answers.open)
            self.assertEqual(self.answers.requests, [], str(case))

    def certificate_of(self, case: Case) -> PrivateCertificate:
        """Make what a case says."""
        if case["by"] == "itself":
            return self_signed(case["names"], case["until"])
        known = self.trusted.name == case["by"]
        signer = self.trusted if known else Authority.called(case["by"])
        return signer.sign(case["names"], case["until"])

    async def test_plain(self) -> None:
        """
        A worker that does not know TLS is told nothing in plain words.

        Bad input W11.
        """
        plain = Eavesdropper()
        url = (await serve(self, plain)).replace("http:", "https:")
        for ask in QUESTIONS:
            await failing(ask(worker_at(url)), WorkerUnreachableError)
        self.assertEqual(len(plain.heard), len(QUESTIONS))
        for said in plain.heard:
            self.assertEqual(said[:1], b"\x16")  # TLS's handshake


def restore(before: str | None) -> None:
    """Trust again whom we have trusted."""
    if before is None:
        del os.environ[TRUST]
    else:
        os.environ[TRUST] = before
