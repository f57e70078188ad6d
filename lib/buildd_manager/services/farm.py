"""A scanner for each builder that is ours, as builders come and go."""

from collections.abc import Callable
from random import Random

from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.builders import Lease
from buildd_manager.services.leases import Leases
from buildd_manager.services.rounds import Rounds
from buildd_manager.services.scanner import Scanner


class Farm(Service):
    """
    Keeps leases of builders, and a scanner for each one that is held.

    :param leases: Ours; nobody else renews them, or gives them back.
    :param scanner_of: Makes the scanner of a builder from its number, from what gives
        our lease of it, and from the seconds before its first scan.
    :param interval: Seconds between scans of one builder.
    """

    _log = Logger()

    def __init__(
        self,
        leases: Leases,
        scanner_of: Callable[[int, Callable[[], Lease], float], Scanner],
        clock: IReactorTime,
        random: Random,
        *,
        interval: float,
    ) -> None:
        self._leases = leases
        self._scanner_of = scanner_of
        self._random = random
        self._interval = interval
        self._scanners: dict[int, Scanner] = {}
        self._leaving: set[Deferred[None]] = set()
        self._rounds = Rounds(self._refresh, self._survive, clock, leases.pause)

    def startService(self) -> None:
        """Take what leases there are, and scan."""
        super().startService()
        self._rounds.start()

    def stopService(self) -> Deferred[None]:
        """Finish the scans in hand, then give all leases back."""
        super().stopService()
        return (
            self._rounds.stop()
            .addCallback(lambda _: self._stop_all())
            .addCallback(lambda _: self._leases.release())
            .addErrback(self._survive)
        )

    def wake(self) -> None:
        """Look at the list of builders, and at every builder, now."""
        self._rounds.wake()
        for scanner in self._scanners.values():
            scanner.wake()

    def _refresh(self) -> Deferred[None]:
        return self._leases.renew().addCallback(lambda _: self._follow())

    def _follow(self) -> None:
        ours = self._leases.held
        for number in self._scanners.keys() - ours:
            self._leave(self._scanners.pop(number))
        news = sorted(ours - self._scanners.keys()) if self.running else []
        # Many are spread over one interval; a single new one need not wait.
        spread = self._interval if len(news) > 1 else 0.0
        for number in news:
            self._add(number, self._random.uniform(0, spread))

    def _add(self, number: int, delay: float) -> None:
        scanner = self._scanner_of(number, lambda: self._leases.of(number), delay)
        self._scanners[number] = scanner
        scanner.startService()

    def _leave(self, scanner: Scanner) -> None:
        leaving = scanner.stopService()
        self._leaving.add(leaving)
        leaving.addBoth(lambda _: self._leaving.discard(leaving))

    def _stop_all(self) -> Deferred[list[None]]:
        for scanner in self._scanners.values():
            self._leave(scanner)
        self._scanners.clear()
        return gatherResults([_follower(leaving) for leaving in self._leaving])

    def _survive(self, failure: Failure) -> None:
        self._log.warn("leases not renewed: {why}", why=failure.getErrorMessage())


def _follower(leaving: Deferred[None]) -> Deferred[None]:
    """Fire when ``leaving`` has, without taking its result away."""
    follower: Deferred[None] = Deferred()
    leaving.addBoth(lambda _: follower.callback(None))
    return follower
