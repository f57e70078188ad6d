"""The one connection of a fetch, whose headers are bounded and which can be cut."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from buildd_manager.adapters.worker.identity import WorkerIdentity


#: Bytes and lines of headers, which Agent itself does not bound.
LARGEST_HEADERS = 64 * 1024
MOST_HEADERS = 500

#: Bytes of them that it is given at once.
PIECE = 2048


class _Counted(ProtocolWrapper):
    """A connection that is closed when its headers do not end."""

    in_headers = True
    refused = False
    _bytes = _lines = 0

    def dataReceived(self, data: bytes) -> None:
        # In small pieces, each of which may end the headers: then nobody counts.
        while self.in_headers and data and not self.refused:
            piece, data = data[:PIECE], data[PIECE:]
            super().dataReceived(piece)
            self._bytes += len(piece)
            self._lines += piece.count(b"\n")
            if self._bytes > LARGEST_HEADERS or self._lines > MOST_HEADERS:
                self.loseConnection()
        if self.refused:
            self.abortConnection()
        elif data:
            super().dataReceived(data)

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's name
        # Also called by HTTP's own parser, for a line of more than 16 KiB.
        self.refused = self.in_headers
        super().loseConnection()


@implementer(IAgentEndpointFactory)
class Connection:
    """
    Makes the one connection of a fetch, and can end it.

    :param patience: Seconds until it is made, or is not.
    """

    def __init__(self, reactor: Any, patience: float) -> None:
        self._reactor = reactor
        self._patience = patience
        self._counted: _Counted | None = None

    def endpointForURI(self, uri: URI) -> "Connection":  # noqa: N802 - Twisted's name
        host = uri.host.decode("ascii")
        self._endpoint: Any = HostnameEndpoint(
            self._reactor, host, uri.port, self._patience
        )
        if uri.scheme == b"https":
            self._endpoint = wrapClientTLS(WorkerIdentity(host), self._endpoint)
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        """Connect, counting what comes."""
        wrapping = WrappingFactory(factory)
        wrapping.protocol = _Counted
        wrapping.noisy = factory.noisy = False
        connecting: Deferred[_Counted] = self._endpoint.connect(wrapping)
        return connecting.addCallback(self._keep)

    @property
    def refused(self) -> bool:
        """Whether the headers were more than there may be."""
        return self._counted is not None and self._counted.refused

    def headers_ended(self) -> None:
        """Count no more: the body has bounds of its own."""
        if self._counted is not None:
            self._counted.in_headers = False

    def abort(self) -> None:
        """Close the connection without another word."""
        if self._counted is not None:
            self._counted.abortConnection()

    def _keep(self, counted: _Counted) -> Any:
        self._counted = counted
        return counted.wrappedProtocol
