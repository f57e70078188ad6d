"""Requests that cannot fill the memory or the disk, nor take for ever."""

from typing import Any, Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.server import Request

from buildd_manager.api.auth import is_authorised
from buildd_manager.api.problems import NO_TOKEN, TOO_SLOW, Problem, too_large


#: Kinds of body that may be large. They go through a file; others through memory.
LARGE: Final = ("application/x-tar", "application/octet-stream")


@frozen(kw_only=True)
class Bounds:
    """
    What a request may take.

    :ivar large: Bytes of a source with its files, or of a chroot.
    :ivar small: Bytes of any other body.
    :ivar large_time: Seconds until all of a large body is here.
    :ivar small_time: Seconds until headers and any other body are here.
    :ivar linger: Seconds in which whoever was refused may find out.
    """

    large: int
    small: int = 2**20
    large_time: float = 3600.0
    small_time: float = 30.0
    linger: float = 10.0


class BoundedRequest(Request):
    """
    A request that is refused as soon as it is seen that it has to be.

    Whoever does not know the secret gets no byte of a body onto our disk. Whoever is
    refused while sending has the answer at once, but goes on unheard for a while: were
    the connection closed in the middle, the answer would be lost.
    """

    def __init__(
        self, bounds: Bounds, token: str, clock: IReactorTime, *args: Any
    ) -> None:
        super().__init__(*args)
        self._bounds = bounds
        self._token = token
        self._clock = clock
        self._limit = bounds.small
        self._taken = 0
        self._refused = False
        self._deadline = clock.callLater(bounds.small_time, self._refuse, TOO_SLOW)

    def gotLength(self, length: int | None) -> None:
        """Judge by the headers, which are complete, before the body is asked for."""
        super().gotLength(length)
        if self._refused:
            return
        if not is_authorised(self.requestHeaders, self._token):
            self._refuse(NO_TOKEN)
            return
        if self.requestHeaders.getRawHeaders("content-type", [""])[0] in LARGE:
            self._limit = self._bounds.large
            self._deadline.reset(self._bounds.large_time)
        if length is not None and length > self._limit:
            self._refuse(too_large(self._limit))

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of a body, whose length may not have been told."""
        if self._refused:
            return
        self._taken += len(data)
        if self._taken > self._limit:
            self._refuse(too_large(self._limit))
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer a request that is complete, unless it has its answer."""
        if self._refused:
            self.loseConnection()
            return
        self._deadline.cancel()
        super().requestReceived(command, path, version)

    def connectionLost(self, reason: Failure) -> None:
        """Let go of everything."""
        if self._deadline.active():
            self._deadline.cancel()
        super().connectionLost(reason)

    def _refuse(self, problem: Problem) -> None:
        if self._deadline.active():
            self._deadline.cancel()
        self._refused = True
        # Otherwise the client would be told to go on with the body after all.
        self.requestHeaders.removeHeader(b"expect")
        body, headers = problem.body(), problem.headers()
        headers.setRawHeaders(b"Content-Length", [b"%d" % len(body)])
        headers.setRawHeaders(b"Connection", [b"close"])
        status, title = str(problem.status).encode(), problem.title.encode()
        channel: Any = self.channel
        channel.writeHeaders(b"HTTP/1.1", status, title, headers)
        channel.write(body)
        channel.transport.loseWriteConnection()
        self._deadline = self._clock.callLater(
            self._bounds.linger, channel.transport.abortConnection
        )
