"""A network between us and PostgreSQL that fails when it is told to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure


class Wire(Protocol):
    """One end of a connection through the network."""

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.other: Wire | None = None
        self.waiting = b""

    def dataReceived(self, data: bytes) -> None:
        """Tell the other end, when there is one."""
        self.waiting += data
        if self.other is not None:
            heard, self.waiting = self.waiting, b""
            self.deliver(self.other, heard)

    def deliver(self, other: "Wire", data: bytes) -> None:
        """Bring it there."""
        other.say(data)

    def say(self, data: bytes) -> None:
        """Say it to whoever is connected here."""
        assert self.transport is not None
        self.transport.write(data)

    def cut(self) -> None:
        """Break the connection, without another word."""
        self.deliver = lambda *_: None  # type: ignore[method-assign]
        if self.transport is not None:
            self.transport.loseConnection()

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        """Break down on the other side, too."""
        if self.other is not None:
            self.other.cut()


class ClientWire(Wire):
    """The end of a client."""

    def connectionMade(self) -> None:
        """Connect to the server."""
        endpoint = UNIXClientEndpoint(self.network.reactor, self.network.server)
        connected = connectProtocol(endpoint, Wire(self.network))
        connected.addCallbacks(self.join, lambda _: self.cut())

    def join(self, server: Wire) -> None:
        """Be connected."""
        self.other, server.other = server, self
        self.dataReceived(b"")

    def deliver(self, other: Wire, data: bytes) -> None:
        """Let the network do what it likes with what a client says."""
        self.network.hear(self, other, data)


class Network(Factory):
    """
    Forwards from a socket in ``directory`` to PostgreSQL's.

    :ivar hear: Called with the client's end, the server's end, and what is said.
    """

    noisy = False

    def __init__(self, reactor: Any, directory: Path, server: str) -> None:
        self.reactor = reactor
        self.server = server
        self.hear: Callable[[Wire, Wire, bytes], None]
        self.work()
        self.port = reactor.listenUNIX(str(directory / ".s.PGSQL.5432"), self)

    def buildProtocol(self, _address: object) -> Wire:
        """Accept a client."""
        return ClientWire(self)

    def work(self) -> None:
        """Do what networks are for."""
        self.hear = lambda _, server, data: server.say(data)

    def cut_before(self, word: bytes) -> None:
        """Break down as soon as ``word`` is said, so that it is not heard."""
        self._when(word, lambda client, _server, _data: client.cut())

    def cut_after(self, word: bytes) -> None:
        """Break down when ``word`` has been heard, but before the answer."""

        def hear(client: Wire, server: Wire, data: bytes) -> None:
            server.deliver = lambda *_: None  # type: ignore[method-assign]
            server.say(data)
            client.cut()

        self._when(word, hear)

    def swallow(self, word: bytes) -> None:
        """Stay open, but let nobody hear ``word``."""
        self._when(word, lambda *_: None)

    def refuse(self, state: bytes) -> None:
        """Answer whatever is said as a server does that gives up, for ``state``."""
        fields = (b"SFATAL", b"VFATAL", b"C" + state, b"Mgo away", b"")
        text = b"".join(field + b"\0" for field in fields)

        def hear(client: Wire, _server: Wire, _data: bytes) -> None:
            client.say(b"E" + (len(text) + 4).to_bytes(4, "big") + text)
            client.cut()

        self.hear = hear

    def _when(self, word: bytes, hear: Callable[[Wire, Wire, bytes], None]) -> None:
        def listen(client: Wire, server: Wire, data: bytes) -> None:
            if word in data:
                hear(client, server, data)
            else:
                server.say(data)

        self.hear = listen
