"""Do the same again and again: a loop that never overlaps itself and never dies."""

from collections.abc import Callable

from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure


#: Seconds that what is in hand may take once we are stopping; then it is cancelled,
#: and the next life does it again.
PATIENCE = 5.0


class Rounds:
    """
    Does ``work`` every ``interval`` seconds, and whenever it is woken.

    :param survive: Takes the failure of a round; the next one comes all the same.
    """

    def __init__(
        self,
        work: Callable[[], Deferred[None]],
        survive: Callable[[Failure], None],
        clock: IReactorTime,
        interval: float,
    ) -> None:
        self._work = work
        self._survive = survive
        self._clock = clock
        self._interval = interval
        self._loop = LoopingCall(self._round)
        self._loop.clock = clock
        self._first: IDelayedCall | None = None
        self._in_hand: Deferred[None] | None = None
        self._again = False

    def start(self, delay: float = 0.0) -> None:
        """Do the first round after ``delay`` seconds."""
        self._first = self._clock.callLater(delay, self._begin)

    def wake(self) -> None:
        """Do a round now, or once more after the one in hand."""
        if self._in_hand is not None:
            self._again = True
        elif self._loop.running:
            self._loop.stop()
            self._begin()

    def stop(self, patience: float | None = None) -> Deferred[None]:
        """
        Do no more; fires once the round in hand has ended.

        :param patience: Seconds after which that round is cancelled.
        """
        if self._first is not None and self._first.active():
            self._first.cancel()
        if self._loop.running:
            self._loop.stop()
        self._again = False
        if self._in_hand is None:
            return succeed(None)
        return self._end(self._in_hand, patience)

    def _end(self, in_hand: Deferred[None], patience: float | None) -> Deferred[None]:
        ended: Deferred[None] = Deferred()
        impatience: IDelayedCall | None = None
        if patience is not None:
            impatience = self._clock.callLater(patience, in_hand.cancel)

        def end(_: None) -> None:
            if impatience is not None and impatience.active():
                impatience.cancel()
            ended.callback(None)

        in_hand.addCallback(end)
        return ended

    def _begin(self) -> None:
        # The loop's own Deferred cannot fail, since no round does.
        self._loop.start(self._interval, now=True)

    def _round(self) -> Deferred[None]:
        self._in_hand = maybeDeferred(self._work)
        self._in_hand.addErrback(self._survive)
        return self._in_hand.addCallback(self._rest)

    def _rest(self, _: None) -> None:
        self._in_hand = None
        if self._again:
            self._again = False
            self._first = self._clock.callLater(0, self.wake)
