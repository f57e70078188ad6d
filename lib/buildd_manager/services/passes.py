"""One pass over a whole farm: collect from all, then dispatch to all, and done."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from attrs import frozen
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.builders import Builder, Lease
from buildd_manager.domain.matching import WaitingBuild, split
from buildd_manager.ports import IQueue
from buildd_manager.services.abreast import abreast
from buildd_manager.services.availability import Availability
from buildd_manager.services.chroots import Chroots
from buildd_manager.services.judging import Judging
from buildd_manager.services.leases import Leases
from buildd_manager.services.rounds import Rounds
from buildd_manager.services.scan import Scan


@frozen(kw_only=True)
class Means:
    """
    What a pass is made with.

    :ivar scan_of: Makes the scan of a builder from what gives our lease of it.
    :ivar judging_of: Likewise, what has it judged if it fails.
    :ivar finish: Does what scans leave to be done: log tails, uploads.
    """

    queue: IQueue
    chroots: Chroots
    availability: Availability
    scan_of: Callable[[int, Callable[[], Lease]], Scan]
    judging_of: Callable[[int, Callable[[], Lease]], Judging]
    finish: Callable[[], Deferred[None]]


class Passes:
    """
    Goes over a farm once, whenever it is told to, as a job of cron's did in 2005.

    It is there in place of a :class:`~buildd_manager.services.farm.Farm`, never beside
    a running one: the leases are the same. What goes wrong with one builder is judged,
    as in a farm, and keeps nobody from the others.

    :ivar leases: Ours; nobody else renews them, or gives them back, meanwhile.
    """

    _log = Logger()

    def __init__(self, leases: Leases, means: Means, clock: IReactorTime) -> None:
        self._leases = leases
        self._means = means
        self._judgings: dict[int, Judging] = {}
        self._one_by_one = DeferredLock()
        self._renewing = Rounds(self.take, self._survive, clock, leases.pause)

    def run(self) -> Deferred[None]:
        """
        Make a pass: take the builders, collect, dispatch, give the builders back.

        Passes never overlap: one that is asked for meanwhile begins when this one has
        ended.

        :raises StoreError: If the database fails; what was done is done.
        """
        return self._one_by_one.run(lambda: Deferred.fromCoroutine(self._run()))

    async def _run(self) -> None:
        self._renewing.start(self._leases.pause)
        try:
            await self.take()
            await self._means.chroots.survey()
            await self.collect()
            for architecture in await self.sort_and_split():
                await self.dispatch(architecture)
        finally:
            await self._renewing.stop()
            await self.leave()

    # --- the parts of a pass, for those who want to see them one by one

    def take(self) -> Deferred[None]:
        """Take all builders that are free, or keep those that we have."""
        return self._leases.renew().addCallback(lambda _: self._forget_others())

    def leave(self) -> Deferred[None]:
        """Give all builders back."""
        return self._leases.release()

    def collect(self) -> Deferred[None]:
        """Look at each builder: follow what it builds, collect what it has built."""
        looked = abreast(
            partial(self._scan, dispatching=False), sorted(self._leases.held)
        )
        return looked.addCallback(lambda _: self._means.finish())

    def update(self, builder: int) -> Deferred[None]:
        """Do the same with one builder."""
        looked = self._scan(builder, dispatching=False)
        return looked.addCallback(lambda _: self._means.finish())

    def sort_and_split(self) -> Deferred[Mapping[str, tuple[WaitingBuild, ...]]]:
        """List what could be built now, by architecture, the best first."""
        seen = self._means.queue.outlook()
        return seen.addCallback(lambda outlook: split(outlook.builds))

    def dispatch(self, architecture: str) -> Deferred[None]:
        """Give builds to the available builders of an architecture, while there are."""
        available = self._means.availability.builders(architecture)
        return available.addCallback(self._dispatch_to)

    def start(self, builder: int) -> Deferred[None]:
        """Give a builder the best build that suits it, once it is clean."""
        return self._scan(builder, dispatching=True)

    def _dispatch_to(self, builders: Iterable[Builder]) -> Deferred[None]:
        held = self._leases.held
        ours = [builder.id for builder in builders if builder.id in held]
        return abreast(self.start, ours).addCallback(lambda _: None)

    def _scan(self, builder: int, *, dispatching: bool) -> Deferred[None]:
        lease = partial(self._leases.of, builder)
        judging = self._judgings.get(builder)
        if judging is None:
            judging = self._judgings[builder] = self._means.judging_of(builder, lease)
        scan = self._means.scan_of(builder, lease)
        scanned = judging.watch(partial(scan, dispatching=dispatching))
        return scanned.addErrback(judging.survive)

    def _forget_others(self) -> None:
        for number in self._judgings.keys() - self._leases.held:
            self._judgings.pop(number).leave()

    def _survive(self, failure: Failure) -> None:
        self._log.warn("leases not renewed: {why}", why=failure.getErrorMessage())
