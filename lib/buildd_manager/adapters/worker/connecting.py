"""The one connection of a fetch, whose headers are bounded and which can be cut."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer


#: Bytes of headers, which Agent itself does not bound.
LARGEST_HEADERS = 64 * 1024


class _Counted(ProtocolWrapper):
    """A connection that is closed when its headers do not end."""

    left: int | None = LARGEST_HEADERS

    def dataReceived(self, data: bytes) -> None:
        # The headers may end in these data, and then nobody counts any more.
        super().dataReceived(data)
        if self.left is not None:
            self.left -= len(data)
            if self.left < 0:
                self.abortConnection()


@implementer(IAgentEndpointFactory)
class Connection:
    """Makes the one connection of a fetch, and can end it."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._counted: _Counted | None = None

    def endpointForURI(self, uri: URI) -> "Connection":  # noqa: N802 - Twisted's name
        host = uri.host.decode("ascii")
        self._endpoint: Any = HostnameEndpoint(self._reactor, host, uri.port)
        if uri.scheme == b"https":
            self._endpoint = wrapClientTLS(optionsForClientTLS(host), self._endpoint)
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        """Connect, counting what comes."""
        wrapping = WrappingFactory(factory)
        wrapping.protocol = _Counted
        wrapping.noisy = factory.noisy = False
        connecting: Deferred[_Counted] = self._endpoint.connect(wrapping)
        return connecting.addCallback(self._keep)

    @property
    def flooded(self) -> bool:
        """Whether the headers did not end."""
        left = None if self._counted is None else self._counted.left
        return left is not None and left < 0

    def headers_ended(self) -> None:
        """Count no more: the body has bounds of its own."""
        if self._counted is not None:
            self._counted.left = None

    def abort(self) -> None:
        """Close the connection without another word."""
        if self._counted is not None:
            self._counted.abortConnection()

    def _keep(self, counted: _Counted) -> Any:
        self._counted = counted
        return counted.wrappedProtocol
