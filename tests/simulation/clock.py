"""Time, as it is in a simulation: it jumps from event to event."""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from twisted.internet.base import DelayedCall
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer


class Timeline:
    """
    The time of the world.

    Of events at the same moment any may come first, as chance will have it, lest
    somebody relies on an order that there is not.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now = 0.0
        self._numbers = count()
        self._events: list[
            tuple[float, float, int, Callable[..., object], tuple[Any, ...]]
        ] = []

    def seconds(self) -> float:
        """Tell how old the world is."""
        return self._now

    def after(self, delay: float, what: Callable[..., object], *args: object) -> None:
        """Have something happen ``delay`` seconds from now."""
        place = (self._now + delay, self._random.random(), next(self._numbers))
        heappush(self._events, (*place, what, args))

    def step(self) -> None:
        """Have the next thing happen; there always is one, since managers go on."""
        self._now, _, _, what, args = heappop(self._events)
        what(*args)


@implementer(IReactorTime)
class Process:
    """
    A process on some machine, and its view of time.

    Killed, nothing happens to it any more; frozen, all that would, waits. Its clock
    began when nobody knows, and runs as fast as it likes.

    :ivar alive: Whether it was not killed.
    """

    def __init__(
        self, timeline: Timeline, epoch: float = 0.0, rate: float = 1.0
    ) -> None:
        self.alive = True
        self._timeline = timeline
        self._epoch = epoch
        self._rate = rate
        self._latest = epoch
        self._frozen_until = 0.0

    def seconds(self) -> float:
        """Read its clock."""
        now = self._epoch + self._timeline.seconds() * self._rate
        self._latest = max(self._latest, now)
        return self._latest

    def callLater(  # noqa: N802 - Twisted's name
        self,
        delay: float,
        callable: Callable[..., object],  # noqa: A002 - Twisted's name
        *args: Any,
        **kw: Any,
    ) -> DelayedCall:
        due = self.seconds() + delay
        call = DelayedCall(due, callable, args, kw, _ignore, _refuse, self.seconds)
        self.after(delay / self._rate, self._call, call)
        return call

    def getDelayedCalls(self) -> Sequence[DelayedCall]:  # noqa: N802 - likewise
        raise NotImplementedError

    def after(self, delay: float, what: Callable[..., object], *args: object) -> None:
        """Have something happen to it, ``delay`` seconds of the world from now."""
        self._timeline.after(delay, self._happen, what, args)

    def kill(self) -> None:
        """End it, as by SIGKILL."""
        self.alive = False

    def freeze(self, seconds: float) -> None:
        """Stop it for a while, as by SIGSTOP."""
        self._frozen_until = self._timeline.seconds() + seconds

    def jump(self, seconds: float) -> None:
        """Have somebody set its clock."""
        self._epoch += seconds
        self._latest = self._epoch + self._timeline.seconds() * self._rate

    def _happen(self, what: Callable[..., object], args: tuple[Any, ...]) -> None:
        if not self.alive:
            return
        wait = self._frozen_until - self._timeline.seconds()
        if wait > 0:
            self._timeline.after(wait, self._happen, what, args)
        else:
            what(*args)

    def _call(self, call: DelayedCall) -> None:
        if not call.cancelled:
            # It never looks as if a call came before its time.
            self._latest = max(self._latest, call.time)
            call.called = 1
            call.func(*call.args, **call.kw)


def _ignore(_: DelayedCall) -> None:
    """Leave a cancelled call where it is: it is found out when it is due."""


def _refuse(_: DelayedCall) -> None:
    raise NotImplementedError
