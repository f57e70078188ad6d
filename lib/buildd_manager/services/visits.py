"""One look at one builder, and all that may be needed to act on it."""

from collections.abc import Callable

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from buildd_manager.domain.builders import Builder, Lease
from buildd_manager.domain.errors import LeaseLostError
from buildd_manager.ports import IWorker


@frozen
class Tenure:
    """
    Our right to act on one builder, as it is renewed and lost.

    :ivar _now: Gives the present lease, or raises LeaseLostError.
    :ivar _margin: Seconds that a call to a worker may take: so much of the lease
        must be left when it is begun.
    """

    _now: Callable[[], Lease]
    _clock: IReactorTime
    _margin: float

    def lease(self) -> Lease:
        """
        Give the present lease.

        :raises LeaseLostError: If there is none.
        """
        return self._now()

    def check(self, since: Lease) -> None:
        """
        Make sure, before a side effect, that the builder has been ours all along.

        :param since: The lease under which was decided what is about to be done.
        :raises LeaseLostError: If it has not, or is not for long enough.
        """
        lease = self._now()
        if lease.epoch != since.epoch:
            raise LeaseLostError(f"builder {lease.builder} was not ours in between")
        lease.check(self._clock.seconds(), self._margin)


@frozen
class Visit:
    """
    A builder that is being looked at.

    :ivar lease: Ours when the look began; what the database checks in each write.
    """

    builder: Builder
    worker: IWorker
    lease: Lease
    _tenure: Tenure

    def check(self) -> None:
        """
        Call this before each side effect on the worker.

        :raises LeaseLostError: If the builder is no longer ours to act on.
        """
        self._tenure.check(self.lease)
