"""XML-RPC calls to a worker that may be broken, slow or hostile."""

import warnings
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.python.failure import Failure

from buildd_manager.adapters.worker.decoding import Value, decode
from buildd_manager.adapters.worker.identity import WorkerIdentity
from buildd_manager.domain.errors import (
    BadReplyError,
    NonsenseError,
    WorkerError,
    WorkerUnreachableError,
)


with warnings.catch_warnings():
    # It warns of its own base class, each time that it is imported.
    warnings.filterwarnings("ignore", "twisted.web.http.HTTPClient", DeprecationWarning)
    from twisted.web.xmlrpc import Proxy, QueryFactory, QueryProtocol


T = TypeVar("T")

#: Bytes, and lines: the largest reply that is read. A status with 2,000 files has
#: 400 KiB; a worker sends five headers.
LARGEST_HEADERS = 64 * 1024
MOST_HEADERS = 500
LARGEST_BODY = 1024 * 1024


#: Headers by which what is sent is not what it is; somebody on the way may say the
#: first one.
_ENCODINGS: Mapping[bytes, type[BadReplyError]] = {
    b"transfer-encoding": BadReplyError,
    b"content-encoding": NonsenseError,
}


class BoundedQueryProtocol(QueryProtocol):
    """Reads one reply, and not more than a reply can be."""

    factory: "BoundedQueryFactory"
    _in_headers = True

    def connectionMade(self) -> None:
        self._head = self._lines = self._body = 0
        self.factory.connection = self
        super().connectionMade()

    def endHeaders(self) -> None:  # noqa: N802 - Twisted's name
        self.sendHeader(b"Accept-Encoding", b"identity")
        super().endHeaders()

    def dataReceived(self, data: bytes) -> None:
        self._head += len(data)
        try:
            super().dataReceived(data)
        except (ValueError, IndexError) as error:
            self._refuse(f"the answer is not HTTP: {str(error)[:100]}")
        if self._in_headers and self._head > LARGEST_HEADERS:
            self._refuse(f"headers of more than {LARGEST_HEADERS} bytes")

    def lineReceived(self, line: bytes) -> bool | None:
        self._lines += 1
        if self._lines > MOST_HEADERS:
            self._refuse(f"more than {MOST_HEADERS} headers")
            return True  # no more lines, please
        super().lineReceived(line)
        return None

    def handleEndHeaders(self) -> None:  # noqa: N802 - Twisted's name
        self._in_headers = False

    def rawDataReceived(self, data: bytes) -> None:
        self._body += len(data)
        if self._body > LARGEST_BODY:
            self._refuse(f"a reply of more than {LARGEST_BODY} bytes")
        elif self.length is not None and len(data) > self.length:
            self._refuse("a reply that is longer than it says")
        else:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, _: bytes) -> None:
        self._refuse(f"a header of more than {self.MAX_LENGTH} bytes")

    def handleStatus(self, _: bytes, status: bytes, __: bytes) -> None:
        if status != b"200":
            self._refuse(f"HTTP status {status[:20]!a}")

    def handleHeader(self, key: bytes, value: bytes) -> None:
        known = key.lower()
        if known in _ENCODINGS:
            if value.strip().lower() != b"identity":
                fault = f"{known.decode()} {value[:40]!a} was not asked for"
                self._refuse(fault, _ENCODINGS[known])
        elif known == b"content-length" and int(value) > LARGEST_BODY:
            self._refuse(f"a reply of more than {LARGEST_BODY} bytes")

    def handleResponse(self, contents: bytes) -> None:
        if self.length:
            self._refuse(f"the reply ends {self.length} bytes too early")
        else:
            super().handleResponse(contents)

    def _refuse(self, fault: str, kind: type[BadReplyError] = BadReplyError) -> None:
        self.factory.refuse(kind(fault))
        self.abort()

    def abort(self) -> None:
        """Close the connection without another word."""
        if self.transport is not None:
            self.transport.abortConnection()  # type: ignore[attr-defined]


class BoundedQueryFactory(QueryFactory):
    """One call, whose answer is decoded safely."""

    protocol = BoundedQueryProtocol
    noisy = False
    connection: BoundedQueryProtocol | None = None

    def __init__(self, *args: Any) -> None:
        *others, canceller, use_datetime = args

        def cancel(deferred: Deferred[Value]) -> None:
            canceller(deferred)
            if self.connection is not None:
                self.connection.abort()

        super().__init__(*others, cancel, use_datetime)  # type: ignore[call-arg]

    def parseResponse(self, contents: bytes) -> None:
        waiting, self.deferred = self.deferred, None
        if waiting is not None:
            decoded = maybeDeferred(decode, contents)
            decoded.addCallbacks(waiting.callback, waiting.errback)

    def refuse(self, error: BadReplyError) -> None:
        """Fail the call, unless it has an answer."""
        waiting, self.deferred = self.deferred, None
        if waiting is not None:
            waiting.errback(error)


@frozen
class _Strict:
    """A reactor by which a proxy connects to the worker that it is to call."""

    _reactor: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def connectSSL(  # noqa: N802 - Twisted's name
        self, host: str, port: int, factory: Any, _: object, **more: Any
    ) -> Any:
        identity = WorkerIdentity(host)
        return self._reactor.connectSSL(host, port, factory, identity, **more)


class WorkerProxy(Proxy):
    """
    Calls the methods of one worker; each call on a connection of its own.

    :param url: ``http://host:port`` or ``https://host:port``.
    :param timeout: Seconds for a whole call, from connecting to the last byte.
    """

    queryFactory = BoundedQueryFactory

    def __init__(self, url: str, timeout: float, reactor: Any) -> None:
        super().__init__(
            f"{url}/rpc".encode(),
            allowNone=True,
            connectTimeout=timeout,
            reactor=_Strict(reactor),
        )
        parts = urlsplit(url)
        # Proxy does not know how IPv6 addresses are written.
        self.host = (parts.hostname or "").encode()
        self.port = parts.port or (443 if self.secure else 80)
        self._url = url
        self._timeout = timeout

    def callRemote(
        self, method: str, *args: object, timeout: float | None = None
    ) -> Deferred[Value]:
        """
        Call ``method``.

        :param timeout: Seconds, for a call that may take longer than others.
        :raises WorkerUnreachableError: If there is no whole answer in time.
        :raises WorkerFaultError: If the answer is a fault.
        :raises BadReplyError: If it is too large, malformed, or cut short.
        """
        seconds = timeout or self._timeout

        def late(_: object, __: float) -> None:
            raise WorkerUnreachableError(f"{method}: no answer within {seconds:g} s")

        calling: Deferred[Value] = maybeDeferred(super().callRemote, method, *args)
        calling.addTimeout(seconds, self._reactor, late)
        return calling.addErrback(self._ours, method)

    def _ours(self, failure: Failure, method: str) -> Value:
        if failure.check(WorkerError, CancelledError):
            failure.raiseException()
        raise WorkerUnreachableError(
            f"{method} at {self._url}: {failure.getErrorMessage()}"
        ) from failure.value
