"""Who answers where a worker is to be reached by TLS."""

from collections.abc import Callable
from typing import Any

from attrs import frozen
from OpenSSL.crypto import X509
from OpenSSL.SSL import VERIFY_FAIL_IF_NO_PEER_CERT, VERIFY_PEER, Connection
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer


@implementer(IOpenSSLClientConnectionCreator)
@frozen
class WorkerIdentity:
    """
    Talks to the worker that a host is, and to nobody else.

    Twisted's own check logs that a certificate has no name at all, and lets it pass.
    """

    _host: str

    def clientConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> Connection:  # noqa: N802 - Twisted's name
        """Make a connection that ends where somebody else answers."""
        creator: Any = optionsForClientTLS(self._host)
        connection: Connection = creator.clientConnectionForTLS(protocol)
        check = _check(self._host, protocol)
        connection.set_verify(VERIFY_PEER | VERIFY_FAIL_IF_NO_PEER_CERT, check)
        return connection


def _check(
    host: str, protocol: TLSMemoryBIOProtocol
) -> Callable[[Connection, X509, int, int, int], bool]:
    is_address = isIPAddress(host) or isIPv6Address(host)
    who = IPAddress_ID(host) if is_address else DNS_ID(host)

    def check(_: Connection, certificate: X509, __: int, depth: int, ok: int) -> bool:
        if depth == 0:
            try:
                verify_service_identity(extract_patterns(certificate), [who], [])
            except (CertificateError, VerificationError):
                protocol.failVerification(Failure())
                return False
        return bool(ok)

    return check
