"""Listen on loopback for as long as a test runs."""

from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import IProtocolFactory
from twisted.trial.unittest import TestCase


async def listen(test: TestCase, factory: IProtocolFactory) -> str:
    """Listen with ``factory`` until ``test`` ends; give the address as a URL."""
    endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    port = await endpoint.listen(factory)
    test.addCleanup(port.stopListening)
    return f"http://127.0.0.1:{port.getHost().port}"
