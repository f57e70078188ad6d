"""Look at one builder again and again."""

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.errors import BuilddManagerError
from buildd_manager.services.rounds import PATIENCE, Rounds


class Scanner(Service):
    """
    Scans one builder, and finishes the scan in hand before it has stopped.

    :param delay: Seconds before the first scan, so that the scanners of a farm do
        not all begin at once.
    """

    _log = Logger()

    def __init__(
        self,
        name: str,
        scan: Callable[[], Deferred[None]],
        clock: IReactorTime,
        *,
        interval: float,
        delay: float = 0.0,
    ) -> None:
        self.setName(name)
        self._delay = delay
        self._rounds = Rounds(scan, self._survive, clock, interval)

    def startService(self) -> None:
        """Scan after the first delay, and from then on."""
        super().startService()
        self._rounds.start(self._delay)

    def stopService(self) -> Deferred[None]:
        """Scan no more; fires once the scan in hand has ended."""
        super().stopService()
        return self._rounds.stop(PATIENCE)

    def wake(self) -> None:
        """Scan now, or once more after the scan in hand."""
        self._rounds.wake()

    def _survive(self, failure: Failure) -> None:
        """Log ``failure``: the one place where every error of a scan may end."""
        if failure.check(CancelledError):
            self._log.info("scan of {builder} was cut short", builder=self.name)
        elif failure.check(BuilddManagerError):
            self._log.warn(
                "scan of {builder} failed: {error}",
                builder=self.name,
                error=failure.getErrorMessage(),
            )
        else:
            self._log.failure("scan of {builder} failed", failure, builder=self.name)
