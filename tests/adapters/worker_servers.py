"""Workers that send what a test wants, over real sockets, in a test's own time."""

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from zope.interface import directlyProvides, providedBy

from tests.adapters.patience import until
from tests.adapters.worker_listening import listen


class RealSockets:
    """A reactor with real sockets, whose time is that of ``clock``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        directlyProvides(self, providedBy(reactor))

    def __getattr__(self, name: str) -> Any:
        is_time = name in {"callLater", "seconds", "getDelayedCalls"}
        return getattr(self._clock if is_time else reactor, name)


class Answering(Protocol):
    """One connection, on which one request is answered."""

    factory: "Answers"

    def connectionMade(self) -> None:
        self.factory.open.append(self)
        self._got = b""

    def dataReceived(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if end and len(body) == _length(head):
            self.factory.requests.append(self._got)
            self.factory.answer(self)

    def connectionLost(self, reason: object = None) -> None:
        self.factory.open.remove(self)

    def send(self, data: bytes) -> None:
        """Send a part of the answer."""
        assert self.transport is not None
        self.transport.write(data)

    def close(self) -> None:
        """Hang up once all is sent."""
        assert self.transport is not None
        self.transport.loseConnection()

    def cut(self) -> None:
        """Hang up at once, as a machine does that is switched off."""
        transport: Any = self.transport
        transport.abortConnection()


class Answers(Factory):
    """
    A worker that does ``answer`` once it has read a whole request.

    :ivar requests: All that it was asked.
    :ivar open: The connections that are not closed yet.
    """

    protocol: Any = Answering
    noisy = False

    def __init__(self, answer: Callable[[Answering], object]) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.open: list[Answering] = []


def saying(data: bytes, then: str = "close") -> Callable[[Answering], object]:
    """Send ``data``, and close the connection, or hang."""

    def answer(connection: Answering) -> None:
        connection.send(data)
        if then == "close":
            connection.close()

    return answer


async def serve(test: TestCase, answers: Answers) -> str:
    """Serve ``answers`` until ``test`` ends, and then see that nobody is connected."""

    def hung_up() -> Deferred[None]:
        return Deferred.fromCoroutine(until(lambda: not answers.open))

    url = await listen(test, answers)
    test.addCleanup(hung_up)
    return url


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
