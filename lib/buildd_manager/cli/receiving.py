"""Take the body of an answer, as it comes."""

from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.iweb import IResponse


#: Seconds of silence after which nothing more is expected.
SILENCE: Final = 60.0


class TooLargeError(Exception):
    """There is more than was wanted."""


class Intake(Protocol):
    """
    Hands a body on, until it ends, becomes too large or silent, or is not wanted.

    :ivar done: Fires when there is all of it; fails with what ``to`` raises, too.
    """

    def __init__(
        self, to: Callable[[bytes], object], clock: IReactorTime, largest: int | None
    ) -> None:
        self.done: Deferred[None] = Deferred()
        self._to = to
        self._largest = largest
        self._size = 0
        silent = Failure(DeferredTimeoutError("it has become silent"))
        self._silence = clock.callLater(SILENCE, self._end, silent)

    def dataReceived(self, data: bytes) -> None:
        if self.done.called:
            return
        self._silence.reset(SILENCE)
        self._size += len(data)
        try:
            if self._largest is not None and self._size > self._largest:
                raise TooLargeError(f"it is larger than {self._largest} bytes")  # noqa: TRY301
            self._to(data)
        except Exception:  # noqa: BLE001 - whoever waits hears of it
            self._end(Failure())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._end(None if reason.check(ResponseDone) else reason)

    def _end(self, failure: Failure | None) -> None:
        if self.done.called:
            return
        if self._silence.active():
            self._silence.cancel()
        if failure is None:
            self.done.callback(None)
        else:
            self.done.errback(failure)


def receive(
    response: IResponse,
    to: Callable[[bytes], object],
    clock: IReactorTime,
    largest: int | None = None,
) -> Deferred[None]:
    """
    Hand the body of ``response`` on to ``to``, piece by piece.

    :raises TooLargeError: If there are more than ``largest`` bytes.
    """
    intake = Intake(to, clock, largest)
    response.deliverBody(intake)
    return intake.done
