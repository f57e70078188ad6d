"""A scanner for each builder that is ours, as builders come and go."""

from collections.abc import Callable, Mapping
from random import Random

from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.errors import LeaseLostError
from buildd_manager.ports import IBuildStore
from buildd_manager.services.rounds import Rounds
from buildd_manager.services.scanner import Scanner


#: The part of a lease's time after which we begin nothing more under it: the rest
#: is for what is under way, and for a clock that runs otherwise than ours.
SAFE_PART = 0.75

#: How often a lease is renewed in its time. Just before, SAFE_PART - 1 / RENEWALS
#: of it is left to begin a call in: 35 of 60 seconds, for calls of at most 30.
RENEWALS = 6


class Farm(Service):
    """
    Keeps leases of builders, and a scanner for each one that is held.

    :param manager: Our UUID.
    :param scanner_of: Makes the scanner of a builder from its number, from what gives
        our lease of it, and from the seconds before its first scan.
    :param interval: Seconds between scans of one builder.
    :param lease_time: Seconds that a lease lasts; it is renewed six times in it.
    """

    _log = Logger()

    def __init__(
        self,
        manager: str,
        store: IBuildStore,
        scanner_of: Callable[[int, Callable[[], Lease], float], Scanner],
        clock: IReactorTime,
        random: Random,
        *,
        interval: float,
        lease_time: float = 60.0,
    ) -> None:
        self._manager = manager
        self._store = store
        self._scanner_of = scanner_of
        self._clock = clock
        self._random = random
        self._interval = interval
        self._lease_time = lease_time
        self._leases: dict[int, Lease] = {}
        self._scanners: dict[int, Scanner] = {}
        self._leaving: set[Deferred[None]] = set()
        pause = lease_time / RENEWALS
        self._rounds = Rounds(self._refresh, self._survive, clock, pause)

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
            .addCallback(lambda _: self._store.release(self._manager))
            .addErrback(self._survive)
        )

    def wake(self) -> None:
        """Look at the list of builders, and at every builder, now."""
        self._rounds.wake()
        for scanner in self._scanners.values():
            scanner.wake()

    def lease_of(self, builder: int) -> Lease:
        """
        Give our lease of ``builder``.

        :raises LeaseLostError: If we have none.
        """
        if (lease := self._leases.get(builder)) is None:
            raise LeaseLostError(f"builder {builder} is not ours")
        return lease

    def _refresh(self) -> Deferred[None]:
        # From before the question: the lease began at the earliest then.
        until = self._clock.seconds() + self._lease_time * SAFE_PART
        asked = self._store.lease(self._manager, self._lease_time)
        return asked.addCallback(self._follow, until)

    def _follow(self, epochs: Mapping[int, int], until: float) -> None:
        self._leases = {
            number: Lease(
                builder=number, owner=self._manager, epoch=epoch, deadline=until
            )
            for number, epoch in epochs.items()
        }
        for number in self._scanners.keys() - epochs.keys():
            self._leave(self._scanners.pop(number))
        news = sorted(epochs.keys() - self._scanners.keys()) if self.running else []
        # Many are spread over one interval; a single new one need not wait.
        spread = self._interval if len(news) > 1 else 0.0
        for number in news:
            self._add(number, self._random.uniform(0, spread))

    def _add(self, number: int, delay: float) -> None:
        scanner = self._scanner_of(number, lambda: self.lease_of(number), delay)
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
