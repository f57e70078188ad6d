"""How fast a worker sends, and when that is not fast enough."""

from collections.abc import Callable

from attrs import define, frozen
from twisted.internet.interfaces import IDelayedCall, IReactorTime


@frozen(kw_only=True)
class Bounds:
    """
    What is borne of a worker that sends a file.

    :ivar idle: Seconds of silence; over as many seconds its pace is taken.
    :ivar slowest: Bytes in a second, at least.
    :ivar total: Seconds for the whole file.
    """

    idle: float
    slowest: int
    total: float


@define
class Pace:
    """
    Watches that a worker sends something, and enough of it.

    While we make it wait ourselves, nobody watches, and nothing is held against it.

    :ivar _late: Called once, with what was wrong, unless it was stopped before.
    """

    _bounds: Bounds
    _clock: IReactorTime
    _late: Callable[[str], None]
    _came: int = 0
    _silence: IDelayedCall | None = None
    _window: IDelayedCall | None = None

    def start(self) -> None:
        """Watch from now on."""
        self._came = 0
        self._silence = self._clock.callLater(self._bounds.idle, self._silent)
        self._window = self._clock.callLater(self._bounds.idle, self._measure)

    def came(self, size: int) -> None:
        """Be told that so many bytes have come."""
        self._came += size
        if self._silence is not None:
            self._silence.reset(self._bounds.idle)

    def stop(self) -> None:
        """Watch no more, or not for a while."""
        for call in (self._silence, self._window):
            if call is not None and call.active():
                call.cancel()
        self._silence = self._window = None

    def _silent(self) -> None:
        self._give_up(f"nothing came for {self._bounds.idle:g} s")

    def _measure(self) -> None:
        idle, slowest = self._bounds.idle, self._bounds.slowest
        if self._came < slowest * idle:
            fault = f"{self._came} bytes came in {idle:g} s, not {slowest} a second"
            self._give_up(fault)
            return
        self._came = 0
        self._window = self._clock.callLater(idle, self._measure)

    def _give_up(self, fault: str) -> None:
        self.stop()
        self._late(fault)
