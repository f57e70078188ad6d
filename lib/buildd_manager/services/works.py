"""The works of a manager: all that goes on in time, made of ports."""

from collections.abc import Callable
from random import Random

from attrs import Factory, frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from buildd_manager.domain.builders import Lease
from buildd_manager.domain.policy import Policy
from buildd_manager.ports import (
    ILibrarian,
    IResetter,
    IUploader,
    IWorkerFactory,
    Store,
)
from buildd_manager.services.availability import Availability
from buildd_manager.services.chroots import Chroots
from buildd_manager.services.collecting import Collecting
from buildd_manager.services.dep_waits import DepWaits
from buildd_manager.services.dispatching import Dispatching
from buildd_manager.services.farm import Farm
from buildd_manager.services.judging import Judging
from buildd_manager.services.keeping import Limits, Logs
from buildd_manager.services.leases import Leases
from buildd_manager.services.log_tails import LogTails
from buildd_manager.services.passes import Means, Passes
from buildd_manager.services.performing import Performer
from buildd_manager.services.renewing import Renewing
from buildd_manager.services.scan import Scan
from buildd_manager.services.scanner import Scanner
from buildd_manager.services.settling import Settling
from buildd_manager.services.uploads import Uploads
from buildd_manager.services.visits import Tenure
from buildd_manager.services.weather import Weather


@frozen(kw_only=True)
class World:
    """
    All that a manager has to do with.

    :ivar nonce: Gives 16 hexadecimal digits that were never given before.
    :ivar build_url: Where people see a build; the first line of its log.
    """

    store: Store
    librarian: ILibrarian
    workers: IWorkerFactory
    uploader: IUploader
    resetter: IResetter
    clock: IReactorTime
    random: Random
    nonce: Callable[[], str]
    build_url: Callable[[int], str]


@frozen(kw_only=True)
class Pace:
    """
    How fast a manager goes, and how far.

    :ivar interval: Seconds between scans of one builder.
    :ivar lease_time: Seconds that a lease of a builder lasts.
    :ivar call: Seconds that a call to a worker may take.
    :ivar dep_waits: Seconds between looks at what builds wait for.
    """

    interval: float = 15.0
    lease_time: float = 60.0
    call: float = 30.0
    dep_waits: float = 600.0
    limits: Limits = Factory(Limits)
    policy: Policy = Factory(Policy)


class Works:
    """
    The works of one manager; nothing moves before its services are started.

    :param manager: Its UUID.
    :ivar tails: To be started first, and stopped last.
    :ivar uploads: To be started before the farm.
    :ivar dep_waits: To be started when all else has been.
    :ivar chroots: Likewise.
    :ivar passes: For those who do not start the farm.
    """

    def __init__(self, manager: str, world: World, pace: Pace) -> None:
        self._world = world
        self._pace = pace
        store, clock = world.store, world.clock
        self._weather = Weather(clock, pace.policy)
        self.tails = LogTails(store.builds, clock, pace.interval)
        self.dep_waits = DepWaits(store.queue, self.wake, clock, pace.dep_waits)
        self.uploads = Uploads(
            manager,
            store.uploads,
            world.uploader,
            clock,
            pace.interval,
            self.dep_waits.wake,
        )
        leases = Leases(manager, store.builds, clock, pace.lease_time)
        self.farm = Farm(
            leases, self._scanner_of, clock, world.random, interval=pace.interval
        )
        self.chroots = Chroots(store.catalogue, clock, pace.dep_waits)
        self.availability = Availability(store.builds, store.queue, world.workers)
        self.passes = Passes(leases, self._means(), clock)
        self._performer = self._hands()

    def wake(self) -> None:
        """Look at every builder now: there may be something to do."""
        self.farm.wake()

    def scan_of(self, builder: int, lease: Callable[[], Lease]) -> Scan:
        """Make the scan of a builder from what gives our lease of it."""
        builds, workers = self._world.store.builds, self._world.workers
        tenure, policy = self._tenure(lease), self._pace.policy
        return Scan(builder, builds, workers, self._performer, tenure, policy)

    def _judging_of(self, builder: int, lease: Callable[[], Lease]) -> Judging:
        builds, policy = self._world.store.builds, self._pace.policy
        tenure, settling = self._tenure(lease), Settling(builds)
        return Judging(builder, builds, settling, tenure, self._weather, policy)

    def _scanner_of(
        self, builder: int, lease: Callable[[], Lease], delay: float
    ) -> Scanner:
        return Scanner(
            f"builder {builder}",
            self.scan_of(builder, lease),
            self._judging_of(builder, lease),
            self._world.clock,
            interval=self._pace.interval,
            delay=delay,
        )

    def _means(self) -> Means:
        return Means(
            queue=self._world.store.queue,
            chroots=self.chroots,
            availability=self.availability,
            scan_of=self.scan_of,
            judging_of=self._judging_of,
            finish=self._finish,
        )

    def _finish(self) -> Deferred[None]:
        """Do at once what services that were not started would do in their time."""
        return self.tails.flush().addCallback(lambda _: self.uploads.drain())

    def _hands(self) -> Performer:
        world, limits = self._world, self._pace.limits
        builds, librarian = world.store.builds, world.librarian
        logs = Logs(librarian, limits.log)
        landed = self.uploads.wake
        return Performer(
            builds,
            Dispatching(builds, librarian, world.nonce, world.build_url),
            Collecting(builds, librarian, logs, world.uploader, limits, landed),
            Settling(builds),
            self.tails,
            Renewing(builds, world.resetter),
        )

    def _tenure(self, lease: Callable[[], Lease]) -> Tenure:
        return Tenure(lease, self._world.clock, self._pace.call)
