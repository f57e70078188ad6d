"""Our leases of builders: for how long we may act on which."""

from collections.abc import Mapping

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.errors import LeaseLostError
from buildd_manager.ports import IBuildStore


#: The part of a lease's time after which we begin nothing more under it: the rest
#: is for what is under way, and for a clock that runs otherwise than ours.
SAFE_PART = 0.75

#: How often a lease is renewed in its time. Just before, SAFE_PART - 1 / RENEWALS
#: of it is left to begin a call in: 35 of 60 seconds, for calls of at most 30.
RENEWALS = 6


def register(
    store: IBuildStore, manager: str, name: str, version: str
) -> Deferred[None]:
    """
    Begin a life of a manager, in which nothing is leased yet.

    In two steps, as either may be done late, when the life that asked for it is over
    and another one has leases of its own: only those are given back that are known.
    """
    return store.register(manager, name, version).addCallback(
        lambda epochs: store.release(manager, epochs)
    )


class Leases:
    """
    The leases that one manager holds.

    :param manager: Its UUID.
    :param seconds: How long a lease lasts.
    :ivar pause: Seconds after which to renew them all.
    """

    def __init__(
        self,
        manager: str,
        store: IBuildStore,
        clock: IReactorTime,
        seconds: float = 60.0,
    ) -> None:
        self._manager = manager
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._held: dict[int, Lease] = {}
        self.pause = seconds / RENEWALS

    @property
    def held(self) -> frozenset[int]:
        """The builders that are ours."""
        return frozenset(self._held)

    def renew(self) -> Deferred[None]:
        """Renew what we hold, and take what is free."""
        # From before the question: the lease began at the earliest then.
        until = self._clock.seconds() + self._seconds * SAFE_PART
        asked = self._store.lease(self._manager, self._seconds)
        return asked.addCallback(self._hold, until)

    def of(self, builder: int) -> Lease:
        """
        Give our lease of ``builder``.

        :raises LeaseLostError: If we have none.
        """
        if (lease := self._held.get(builder)) is None:
            raise LeaseLostError(f"builder {builder} is not ours")
        return lease

    def release(self) -> Deferred[None]:
        """Give all of them back, so that others need not wait for their end."""
        epochs = {number: lease.epoch for number, lease in self._held.items()}
        self._held = {}
        return self._store.release(self._manager, epochs)

    def _hold(self, epochs: Mapping[int, int], until: float) -> None:
        self._held = {
            number: Lease(
                builder=number, owner=self._manager, epoch=epoch, deadline=until
            )
            for number, epoch in epochs.items()
        }
