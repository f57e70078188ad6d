"""Files of a worker, streamed to whoever takes them, within bounds."""

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    ConnectionClosed,
)
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from buildd_manager.adapters.worker.connecting import Connection
from buildd_manager.adapters.worker.pace import Bounds, Pace
from buildd_manager.domain.errors import (
    BadFileError,
    BadReplyError,
    BuilddManagerError,
    NonsenseError,
    WorkerUnreachableError,
)
from buildd_manager.ports import IReceiver


#: Characters of an error of Twisted's, which may hold what a worker sent.
LONGEST_REASON = 300

#: Nothing was answered; all else that goes wrong is a bad answer.
_CONNECTION_ERRORS = (
    ConnectError,
    ConnectionClosed,
    OSError,
    SSL.Error,
    CertificateError,
    VerificationError,
)

#: Bytes that wait for a receiver before the worker has to wait, too.
HIGH_WATER = 256 * 1024


@frozen
class Fetcher:
    """
    Fetches files from one worker; each on a connection of its own.

    :ivar _base: ``http://host:port``, as it was registered; nothing that a worker
        says becomes part of an address but a checked sum.
    :ivar _bounds: How slow it may be.
    """

    _base: str
    _bounds: Bounds
    _reactor: Any

    def fetch(
        self, name: str, to: IReceiver, limit: int, *, cut: bool = False
    ) -> Deferred[bool]:
        """
        Stream ``filecache/<name>`` into ``to``.

        :param limit: Bytes; more is an error, or cut off and told by ``True``.
        """
        connection = Connection(self._reactor, self._bounds.idle)
        agent = Agent.usingEndpointFactory(self._reactor, connection)
        body = _Body(to, limit, connection, self._bounds, self._reactor, cut=cut)

        def late(_: object, seconds: float) -> None:
            raise BadFileError(f"{name} took more than {seconds:g} s")

        fetching = agent.request(
            b"GET",
            f"{self._base}/filecache/{name}".encode(),
            Headers({"Accept-Encoding": ["identity"]}),
        )
        fetching.addTimeout(self._bounds.idle, self._reactor, _silent)
        fetching.addCallback(body.receive, name)
        fetching.addTimeout(self._bounds.total, self._reactor, late)
        fetched: Deferred[bool] = fetching.addErrback(self._ours, name, connection)
        return fetched

    def _ours(self, failure: Failure, name: str, connection: Connection) -> bool:
        connection.abort()
        reasons = _reasons(failure)
        for reason in reasons:
            if reason.check(CancelledError, ConnectingCancelledError):
                raise CancelledError from failure.value
            if reason.check(BuilddManagerError):
                reason.raiseException()
        why = f"{name} at {self._base}: {_why(failure)}"
        if not all(reason.check(*_CONNECTION_ERRORS) for reason in reasons):
            raise BadReplyError(why) from failure.value
        if connection.refused:
            raise BadReplyError(f"{name} has headers that do not end")
        raise WorkerUnreachableError(why) from failure.value


def _reasons(failure: Failure) -> Sequence[Failure]:
    """Unwrap what Twisted wraps into a list."""
    return getattr(failure.value, "reasons", None) or [failure]


def _why(failure: Failure) -> str:
    said = "; ".join(reason.getErrorMessage() for reason in _reasons(failure))
    return said[:LONGEST_REASON]


def _silent(_: object, seconds: float) -> None:
    raise WorkerUnreachableError(f"no answer within {seconds:g} s")


class _Body(Protocol):
    """Hands a body on, piece by piece, no faster than it is taken."""

    def __init__(
        self,
        to: IReceiver,
        limit: int,
        connection: Connection,
        bounds: Bounds,
        clock: Any,
        *,
        cut: bool,
    ) -> None:
        self._to = to
        self._left = limit
        self._limit = limit
        self._connection = connection
        self._pace = Pace(bounds, clock, self._late)
        self._cut = cut
        self._waiting = bytearray()
        self._writing = self._paused = False
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
            raise NonsenseError(f"{name} is encoded, which was not asked for")
        self._pace.start()
        response.deliverBody(self)
        return self._done.addBoth(self._stop)

    def dataReceived(self, data: bytes) -> None:
        if self._end is not None:
            return
        self._pace.came(len(data))
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
            self._finish(BadFileError(f"it ends too early: {_why(reason)}"))
        self._hand_on()

    def _late(self, fault: str) -> None:
        self._finish(BadFileError(fault))
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
            self._pace.stop()
            self.transport.pauseProducing()  # type: ignore[attr-defined]

    def _written(self, _: None) -> None:
        self._writing = False
        if self._paused and self.transport and self._end is None:
            self._paused = False
            self._pace.start()
            self.transport.resumeProducing()  # type: ignore[attr-defined]
        self._hand_on()

    def _stop(self, result: Any) -> Any:
        self._pace.stop()
        return result
