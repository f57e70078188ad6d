"""Look at one builder again and again."""

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from buildd_manager.services.judging import Judging
from buildd_manager.services.rounds import PATIENCE, Rounds


class Scanner(Service):
    """
    Scans one builder, and finishes the scan in hand before it has stopped.

    :param judging: Told how each scan ends.
    :param delay: Seconds before the first scan, so that the scanners of a farm do
        not all begin at once.
    """

    def __init__(
        self,
        name: str,
        scan: Callable[[], Deferred[None]],
        judging: Judging,
        clock: IReactorTime,
        *,
        interval: float,
        delay: float = 0.0,
    ) -> None:
        self.setName(name)
        self._judging = judging
        self._delay = delay
        self._rounds = Rounds(
            lambda: judging.watch(scan), judging.survive, clock, interval
        )

    def startService(self) -> None:
        """Scan after the first delay, and from then on."""
        super().startService()
        self._rounds.start(self._delay)

    def stopService(self) -> Deferred[None]:
        """Scan no more; fires once the scan in hand has ended."""
        super().stopService()
        # The scan in hand has its say until then.
        return self._rounds.stop(PATIENCE).addCallback(lambda _: self._judging.leave())

    def wake(self) -> None:
        """Scan now, or once more after the scan in hand."""
        self._rounds.wake()
