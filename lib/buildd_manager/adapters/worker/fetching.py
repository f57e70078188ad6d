"""Files of a worker, streamed to whoever takes them, within bounds."""

from typing import Any

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IResponse
from zope.interface import implementer

from buildd_manager.domain.errors import (
    BadFileError,
    WorkerError,
    WorkerUnreachableError,
)
from buildd_manager.ports import IReceiver


#: Bytes of headers, which Agent itself does not bound.
LARGEST_HEADERS = 64 * 1024

#: Bytes that wait for a receiver before the worker has to wait, too.
HIGH_WATER = 256 * 1024


@frozen
class Fetcher:
    """
    Fetches files from one worker; each on a connection of its own.

    :ivar _base: ``http://host:port``, as it was registered; nothing that a worker
        says becomes part of an address but a checked sum.
    :ivar _idle: Seconds of silence that are borne.
    :ivar _total: Seconds for a whole file.
    """

    _base: str
    _idle: float
    _total: float
    _reactor: Any

    def fetch(
        self, name: str, to: IReceiver, limit: int, *, cut: bool = False
    ) -> Deferred[bool]:
        """
        Stream ``filecache/<name>`` into ``to``.

        :param limit: Bytes; more is an error, or cut off and told by ``True``.
        """
        connection = _Connection(self._reactor)
        agent = Agent.usingEndpointFactory(self._reactor, connection)
        body = _Body(to, limit, connection, self._idle, self._reactor, cut=cut)

        def late(_: object, seconds: float) -> None:
            raise BadFileError(f"{name} took more than {seconds:g} s")

        fetching = agent.request(
            b"GET",
            f"{self._base}/filecache/{name}".encode(),
            Headers({"Accept-Encoding": ["identity"]}),
        )
        fetching.addTimeout(self._idle, self._reactor, _silent)
        fetching.addCallback(body.receive, name)
        fetching.addTimeout(self._total, self._reactor, late)
        fetched: Deferred[bool] = fetching.addErrback(self._ours, name, connection)
        return fetched

    def _ours(self, failure: Failure, name: str, connection: "_Connection") -> bool:
        connection.abort()
        if failure.check(WorkerError, CancelledError):
            failure.raiseException()
        reasons = getattr(failure.value, "reasons", None) or [failure]
        why = "; ".join(reason.getErrorMessage() for reason in reasons)
        raise WorkerUnreachableError(
            f"{name} at {self._base}: {why}"
        ) from failure.value


def _silent(_: object, seconds: float) -> None:
    raise WorkerUnreachableError(f"no answer within {seconds:g} s")


class _Counted(ProtocolWrapper):
    """A connection that is closed when its headers do not end."""

    left: int | None = LARGEST_HEADERS

    def dataReceived(self, data: bytes) -> None:
        if self.left is not None:
            # A little of the body may come with the headers.
            self.left -= min(len(data), self.left)
            if self.left == 0:
                self.abortConnection()
                return
        super().dataReceived(data)


@implementer(IAgentEndpointFactory)
class _Connection:
    """Makes the one connection of a fetch, and can end it."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._counted: _Counted | None = None

    def endpointForURI(self, uri: URI) -> "_Connection":  # noqa: N802 - Twisted's name
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


class _Body(Protocol):
    """Hands a body on, piece by piece, no faster than it is taken."""

    def __init__(
        self,
        to: IReceiver,
        limit: int,
        connection: _Connection,
        idle: float,
        clock: Any,
        *,
        cut: bool,
    ) -> None:
        self._to = to
        self._left = limit
        self._limit = limit
        self._connection = connection
        self._idle = idle
        self._clock = clock
        self._cut = cut
        self._waiting = bytearray()
        self._writing = self._paused = False
        self._timer: IDelayedCall | None = None
        self._end: bool | BadFileError | None = None
        self._done: Deferred[bool] = Deferred()

    def receive(self, response: IResponse, name: str) -> Deferred[bool]:
        """Take the body of ``response``; fires with whether it was cut."""
        self._connection.headers_ended()
        if response.code != 200:  # noqa: PLR2004 - HTTP's
            raise BadFileError(f"{name}: HTTP status {response.code}")
        if response.headers.getRawHeaders("content-encoding", ["identity"]) != [
            "identity"
        ]:
            raise BadFileError(f"{name} is encoded, which was not asked for")
        self._timer = self._clock.callLater(self._idle, self._silence)
        response.deliverBody(self)
        return self._done.addBoth(self._stop)

    def dataReceived(self, data: bytes) -> None:
        if self._end is not None:
            return
        self._waiting += data[: self._left]
        if len(data) > self._left:
            over = BadFileError(f"it has more than {self._limit} bytes")
            self._finish(True if self._cut else over)
            self._connection.abort()
        self._left -= min(len(data), self._left)
        self._hand_on()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        if reason.check(ResponseDone):
            self._finish(False)  # noqa: FBT003 - a result
        else:
            # Also if there was no Content-Length: then nobody knows if this is all.
            self._finish(BadFileError(f"it ends too early: {reason.getErrorMessage()}"))
        self._hand_on()

    def _silence(self) -> None:
        self._finish(BadFileError(f"nothing came for {self._idle:g} s"))
        self._connection.abort()
        self._hand_on()

    def _finish(self, end: bool | BadFileError) -> None:  # noqa: FBT001 - a result
        if self._end is None:
            self._end = end

    def _hand_on(self) -> None:
        if self._writing or self._done.called:
            self._hold()
        elif isinstance(self._end, BadFileError):
            self._done.errback(self._end)
        elif self._waiting:
            piece, self._waiting = bytes(self._waiting), bytearray()
            self._writing = True
            self._to.write(piece).addCallbacks(self._written, self._done.errback)
        elif self._end is not None:
            self._done.callback(self._end)

    def _hold(self) -> None:
        """Let the worker wait while too much waits here."""
        if len(self._waiting) > HIGH_WATER and not self._paused and self.transport:
            self._paused = True
            self.transport.pauseProducing()  # type: ignore[attr-defined]

    def _written(self, _: None) -> None:
        self._writing = False
        if self._timer is not None and self._timer.active():
            self._timer.reset(self._idle)
        if self._paused and self.transport and self._end is None:
            self._paused = False
            self.transport.resumeProducing()  # type: ignore[attr-defined]
        self._hand_on()

    def _stop(self, result: Any) -> Any:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        return result
