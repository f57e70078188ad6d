"""A farm in memory, on a clock that the test owns, with the real works in it."""

from collections.abc import Callable, Mapping
from itertools import count
from random import Random
from typing import Any, TypeAlias, TypeVar, cast

from attrs import define, evolve, field, frozen
from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.internet.task import Clock
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    formatEvent,
    globalLogPublisher,
)
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from buildd_manager.domain.builders import Builder, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.errors import WorkerUnreachableError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.queue import BuildDetail, NewBuild, Submission
from buildd_manager.domain.sources import Source
from buildd_manager.ports import IWorker, IWorkerFactory
from buildd_manager.services.works import Pace, Works, World
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.buildd_worker import SimulatedFarm, fetch_from
from buildd_manager.testing.catalogue import MemoryCatalogue
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.programs import MemoryResetter, MemoryUploader
from buildd_manager.testing.rows import Rows
from buildd_manager.testing.store import memory_store


ALICE = "00000000-0000-4000-8000-00000000000a"

#: Seconds between scans.
INTERVAL = 15.0

#: Seconds that a lease lasts which a test takes itself.
LEASE_TIME = 60.0

T = TypeVar("T")

#: Given the honest worker's method and what that was asked, gives an answer.
Lie: TypeAlias = Callable[..., Any]


@implementer(IWorkerFactory)
@define
class Network:
    """
    Leads to workers, but for some addresses.

    :ivar cut: Addresses from which nothing comes.
    :ivar lies: What is answered instead by the worker at an address, by the method.
    :ivar calls: The methods that were called, of any worker, and resets, in order.
    """

    _farm: SimulatedFarm
    cut: set[str] = field(factory=set)
    lies: dict[tuple[str, str], Lie] = field(factory=dict)
    calls: list[str] = field(factory=list)

    def worker_of(self, builder: Builder) -> IWorker:
        if builder.url in self.cut:
            return cast("IWorker", Silence())
        worker = self._farm.worker_of(builder)
        lies = {
            method: lie
            for (url, method), lie in self.lies.items()
            if url == builder.url
        }
        return cast("IWorker", Heard(worker, self.calls, lies))


@frozen
class Heard:
    """Passes calls on to a worker, or to one that lies, and notes them."""

    _worker: IWorker
    _calls: list[str]
    _lies: Mapping[str, Lie]

    def __getattr__(self, method: str) -> Callable[..., Deferred[Any]]:
        def call(*args: object, **kwargs: object) -> Deferred[Any]:
            self._calls.append(method)
            honest: Callable[..., Deferred[Any]] = getattr(self._worker, method)
            if (lie := self._lies.get(method)) is None:
                return honest(*args, **kwargs)
            return maybeDeferred(lie, honest, *args, **kwargs)

        return call


class Silence:
    """Answers nothing, whatever it is asked."""

    def __getattr__(self, method: str) -> Callable[..., Deferred[Any]]:
        error = WorkerUnreachableError(f"{method}: no answer within 30 s")
        return lambda *_: fail(error)


class Scene(SynchronousTestCase):
    """
    A farm with one series, one architecture, and no builder yet.

    :cvar pace: How fast the manager goes.
    :ivar plan: What becomes of every job on every worker.
    """

    pace = Pace(interval=INTERVAL)
    plan = Plan(seconds=100.0)

    def setUp(self) -> None:
        self.clock = Clock()
        self.numbers = count(1)
        self.store = memory_store(self.clock)
        self.librarian = MemoryLibrarian(self.store.files)
        self.farm = SimulatedFarm(self.make_buildd)
        self.network = Network(self.farm)
        self.uploader = MemoryUploader()
        self.resetter = MemoryResetter(self.make_anew)
        self.events: list[LogEvent] = []
        observer = cast("ILogObserver", self.events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.works = self.begin()
        self.now(self.store.catalogue.add_series(NewSeries(name="bookworm")))
        self.now(self.store.catalogue.add_architecture("bookworm", "amd64"))
        chroot = self.file("chroot.tar.gz", b"chroot")
        self.now(self.store.catalogue.set_chroot("bookworm", "amd64", chroot))

    # --- who is there

    def make_buildd(self) -> SimulatedBuildd:
        """Make a worker that can reach the librarian."""
        fetch = fetch_from(self.librarian, self.store.files)
        return SimulatedBuildd(self.clock, lambda _: self.plan, fetch)

    def make_anew(self, builder: Builder) -> None:
        """Make a builder's machine anew, which is a call like others."""
        self.network.calls.append("reset")
        self.buildd(builder).reset()

    def begin(self) -> Works:
        """Make the works of a manager that has just been started."""
        world = World(
            store=self.store,
            librarian=self.librarian,
            workers=self.network,
            uploader=self.uploader,
            resetter=self.resetter,
            clock=self.clock,
            random=Random(0),
            nonce=lambda: f"{next(self.numbers):016x}",
            build_url=lambda build: f"build {build}",
        )
        self.now(self.store.builds.register(ALICE, "alice", "1"))
        return Works(ALICE, world, self.pace)

    def start(self) -> None:
        """Start it all."""
        for service in (self.works.tails, self.works.uploads, self.works.farm):
            service.startService()
        self.clock.advance(0)

    def crash(self) -> None:
        """End it all without a word, and begin another life."""
        for call in self.clock.getDelayedCalls():
            call.cancel()
        self.works = self.begin()

    def add_builder(self, name: str = "bob", **details: Any) -> Builder:
        """Add a builder for amd64."""
        new = NewBuilder(name=name, url=f"http://{name}:8221", architectures=("amd64",))
        return self.now(self.store.catalogue.add_builder(evolve(new, **details)))

    def buildd(self, builder: Builder) -> SimulatedBuildd:
        """Give a builder's worker."""
        return self.farm.buildd_at(builder.url)

    def lease_of(self, builder: Builder) -> Lease:
        """Give the manager's lease of a builder, just renewed."""
        epochs = self.now(self.store.builds.lease(ALICE, LEASE_TIME))
        return Lease(
            builder=builder.id,
            owner=ALICE,
            epoch=epochs[builder.id],
            deadline=self.clock.seconds() + LEASE_TIME,
        )

    # --- what happens

    def now(self, waiting: Deferred[T]) -> T:
        """Give what a Deferred has fired with."""
        return self.successResultOf(waiting)

    def scans(self, number: int = 1) -> None:
        """Let so many scans pass."""
        for _ in range(number):
            self.clock.advance(INTERVAL)

    def file(
        self, name: str, content: bytes, *, restricted: bool = False
    ) -> StoredFile:
        """Put a file into the librarian."""
        incoming = self.librarian.receive()
        self.now(incoming.write(content))
        kind = "application/octet-stream"
        return self.now(incoming.keep(name, kind, restricted=restricted))

    def submit(self, name: str | None = None, **details: Any) -> int:
        """Submit a source of a name of its own, with one build."""
        name = name or f"hello{next(self.numbers)}"
        submission = Submission(
            source=Source(name=name, version="1", hints=("any",), files=()),
            archive="debian",
            series="bookworm",
            component="main",
            builds=(NewBuild(architecture="amd64"),),
            files=(self.file(f"{name}_1.dsc", name.encode()),),
            score=0,
        )
        submission = evolve(submission, **details)
        (build,) = self.now(self.store.queue.submit(submission))
        return build.id

    # --- what there is to see

    @property
    def rows(self) -> Rows:
        """The tables of the farm."""
        catalogue = self.store.catalogue
        assert isinstance(catalogue, MemoryCatalogue)
        return catalogue.rows

    def detail(self, build: int) -> BuildDetail:
        """Read all of a build."""
        return self.now(self.store.queue.find_build(build))

    def state(self, build: int) -> BuildState:
        """Read the state of a build."""
        return self.detail(build).summary.state

    def builder(self, name: str = "bob") -> Builder:
        """Read what is known of a builder."""
        return self.now(self.store.catalogue.find_builder(name))[0]

    def said(self, level: LogLevel = LogLevel.warn) -> list[str]:
        """Give all that was logged at this level."""
        return [formatEvent(e) for e in self.events if e.get("log_level") is level]

    def contents(self, attempt: int) -> Mapping[str, bytes]:
        """Give what has landed for the uploader."""
        files = self.uploader.landed[attempt]
        return {file.name: self.librarian.contents[file.sha256] for file in files}
