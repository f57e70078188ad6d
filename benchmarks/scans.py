"""How long a scan takes, however many builders there are."""

from itertools import count
from math import inf
from random import Random
from time import perf_counter

from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import gatherResults

from benchmarks.filling import MANAGER, SHA1, Queue, filled
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.domain.builders import Lease
from buildd_manager.services.scan import Scan
from buildd_manager.services.works import Pace, Works, World
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.buildd_worker import SimulatedFarm
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.programs import MemoryResetter, MemoryUploader


#: Builders, in the baseline and in what is told.
FEW, MANY = 50, 500

#: Builds that wait, so that there is one for everybody.
WAITING = 4 * MANY

#: Scans of each builder while it builds.
ROUNDS = 4

#: All builders build, if all went well.
RUNNING = "SELECT count(*) FROM attempt WHERE state = 'running'"

#: How many times as long as in the baseline a scan may take.
LIMIT = 3.0

#: Seconds: builds last longer than this takes, and so do leases.
FOREVER = 1e6


@frozen(kw_only=True)
class Scans:
    """
    Scans in a second.

    :ivar giving: In which a builder is given a build, and told of it.
    :ivar following: In which a builder is asked what it is doing.
    """

    builders: int
    giving: float
    following: float

    def line(self) -> str:
        """Tell people."""
        give, follow = (
            f"{self.giving:5.0f} give a build",
            f"{self.following:5.0f} follow",
        )
        return f"  {self.builders:4} builders, in a second: {give}, {follow} one"


async def measure(builders: int) -> Scans:
    """Scan all builders at once, first to give them builds, then to follow those."""
    async with filled(builders, WAITING, Queue.PLAIN) as pool:
        scans = _scans(pool, builders)
        giving = await _rate(scans, 1)
        following = await _rate(scans, ROUNDS)
        assert await pool.query(RUNNING) == [(builders,)]
        return Scans(builders=builders, giving=giving, following=following)


async def _rate(scans: list[Scan], rounds: int) -> float:
    began = perf_counter()
    for _ in range(rounds):
        await gatherResults([scan() for scan in scans])
    return rounds * len(scans) / (perf_counter() - began)


def _scans(pool: Pool, builders: int) -> list[Scan]:
    """Make what scans each builder, as a manager does."""
    store, nonces = postgres_store(pool), count()
    world = World(
        store=store,
        librarian=MemoryLibrarian(store.files),
        workers=SimulatedFarm(_make_worker),
        uploader=MemoryUploader(),
        resetter=MemoryResetter(),
        clock=reactor,
        random=Random(0),
        nonce=lambda: f"{next(nonces):016x}",
        build_url=lambda build: f"build {build}",
    )
    works = Works(MANAGER, world, Pace())
    return [_scan(works, builder) for builder in range(1, builders + 1)]


def _scan(works: Works, builder: int) -> Scan:
    lease = Lease(builder=builder, owner=MANAGER, epoch=1, deadline=inf)
    return works.scan_of(builder, lambda: lease)


def _make_worker() -> SimulatedBuildd:
    worker = SimulatedBuildd(reactor, lambda _: Plan(seconds=FOREVER))
    worker.cache[SHA1] = b""
    return worker
