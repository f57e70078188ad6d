"""A scanner for each builder that is ours."""

from collections.abc import Callable
from random import Random
from typing import cast

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.catalogue import NewBuilder
from buildd_manager.domain.errors import (
    LeaseLostError,
    NotFoundError,
    StoreUnavailableError,
)
from buildd_manager.services.farm import Farm
from buildd_manager.services.leases import Leases
from buildd_manager.services.scanner import Scanner
from buildd_manager.services.visits import Tenure
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.store import memory_store
from tests.services.scanners import scanner


ALICE = "00000000-0000-4000-8000-00000000000a"
BOB = "00000000-0000-4000-8000-00000000000b"


class FarmTests(SynchronousTestCase):
    """A farm whose scans only say that they were."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = memory_store(self.clock)
        self.scans: list[tuple[float, int]] = []
        self.leases: dict[int, Callable[[], Lease]] = {}
        self.hold: Deferred[None] | None = None
        self.farm = Farm(
            Leases(ALICE, self.store.builds, self.clock),
            self.scanner_of,
            self.clock,
            Random(1),
            interval=15,
        )

    def scanner_of(
        self, number: int, lease: Callable[[], Lease], delay: float
    ) -> Scanner:
        self.leases[number] = lease

        def scan() -> Deferred[None]:
            self.scans.append((self.clock.seconds(), number))
            return succeed(None) if self.hold is None else self.hold

        return scanner(self.store.builds, number, scan, self.clock, delay)

    def add(self, name: str) -> Builder:
        new = NewBuilder(name=name, url=f"http://{name}", architectures=("amd64",))
        return self.successResultOf(self.store.catalogue.add_builder(new))

    def give_back(self, lease: Lease) -> None:
        giving = self.store.builds.release(ALICE, {lease.builder: lease.epoch})
        self.successResultOf(giving)

    def start(self) -> None:
        self.farm.startService()
        self.clock.advance(0)

    def test_one(self) -> None:
        """A single builder is scanned at once, and then every interval."""
        bob = self.add("bob")
        self.start()
        self.clock.pump([0, 15, 15])
        self.assertEqual(self.scans, [(0, bob.id), (15, bob.id), (30, bob.id)])

    def test_spread(self) -> None:
        """Many are scanned once in each interval, but not all at a time. Case 51."""
        builders = [self.add(f"b{number}").id for number in range(20)]
        self.start()
        self.clock.pump([1] * 15)
        self.assertEqual(sorted(number for _, number in self.scans), builders)
        self.assertGreater(len({when for when, _ in self.scans}), 5)

    def test_new_builder(self) -> None:
        """
        A builder that is added is scanned as soon as the farm is woken.

        Bad input C7.
        """
        self.start()
        bob = self.add("bob")
        self.farm.wake()
        self.clock.advance(0)
        self.assertEqual(self.scans, [(0, bob.id)])

    def test_found(self) -> None:
        """Otherwise it is found when leases are renewed, and once. Cases 53, 54."""
        self.start()
        bob = self.add("bob")
        self.clock.pump([10, 0, 10, 5, 10, 5])
        self.assertEqual(self.scans, [(10, bob.id), (25, bob.id), (40, bob.id)])

    def test_refresh_fails(self) -> None:
        """Whatever keeps builders from being found, the farm looks again. Case 55."""
        self.start()
        bob = self.add("bob")
        failures = [fail(StoreUnavailableError("away")), fail(ZeroDivisionError())]
        failing = self.patch(MemoryBuildStore, "lease", lambda *_: failures.pop())
        self.clock.pump([10, 10])
        failing.restore()
        self.assertEqual(self.scans, [])
        self.clock.pump([10, 0])
        self.assertEqual(self.scans, [(30, bob.id)])

    def test_woken(self) -> None:
        """Woken, it scans every builder at once."""
        bob = self.add("bob")
        self.start()
        self.clock.pump([0, 5])
        self.farm.wake()
        self.assertEqual(self.scans, [(0, bob.id), (5, bob.id)])

    def test_renewed(self) -> None:
        """Before any call, there is enough left of a lease for half of its time."""
        bob = self.add("bob")
        self.start()
        tenure = Tenure(self.leases[bob.id], self.clock, margin=30)
        lease = tenure.lease()
        for _ in range(200):
            self.clock.advance(1)
            tenure.check(lease)

    def test_lost(self) -> None:
        """A builder that another manager has taken is scanned no more."""
        bob = self.add("bob")
        self.start()
        lease = self.leases[bob.id]()
        self.give_back(lease)
        self.successResultOf(self.store.builds.lease(BOB, 600))
        self.clock.pump([10, 0])
        self.scans.clear()
        self.clock.pump([15] * 3)
        self.assertEqual(self.scans, [])
        self.assertRaises(LeaseLostError, self.leases[bob.id])
        writing = self.store.builds.set_clean(lease, CleanState.DIRTY, CleanState.CLEAN)
        self.failureResultOf(writing, LeaseLostError)

    def test_gone(self) -> None:
        """A builder that is no more keeps no other from it, and may come back."""
        gone, bob = self.add("gone"), self.add("bob")
        self.start()
        self.clock.pump([15])
        rows = cast("MemoryBuildStore", self.store.builds).rows
        del rows.builders[gone.id]
        self.hold = fail(NotFoundError("builder", "there is none", "add it"))
        self.clock.advance(15)
        self.hold = None
        self.scans.clear()
        back = self.add("gone")
        self.clock.pump([15] * 4)
        self.assertEqual({number for _, number in self.scans}, {bob.id, back.id})
        self.successResultOf(self.farm.stopService())

    def test_in_between(self) -> None:
        """What was decided under an earlier lease is not done under a later one."""
        bob = self.add("bob")
        self.start()
        tenure = Tenure(self.leases[bob.id], self.clock, margin=1)
        before = tenure.lease()
        self.give_back(before)
        self.clock.advance(10)
        self.assertRaises(LeaseLostError, tenure.check, before)
        tenure.check(tenure.lease())

    def test_database_away(self) -> None:
        """While the database is away, nothing is begun once the leases have ended."""
        bob = self.add("bob")
        self.start()
        tenure = Tenure(self.leases[bob.id], self.clock, margin=1)
        lease = tenure.lease()
        self.patch(
            MemoryBuildStore, "lease", lambda *_: fail(StoreUnavailableError("away"))
        )
        self.clock.pump([10] * 4)
        tenure.check(lease)
        self.clock.advance(5)
        self.assertRaises(LeaseLostError, tenure.check, lease)
        self.assertGreater(len(self.scans), 2)

    def test_stopped(self) -> None:
        """It stops when the scans in hand have, and gives its leases back."""
        self.add("bob")
        self.start()
        self.hold = Deferred()
        self.clock.advance(15)
        stopping = self.farm.stopService()
        self.assertNoResult(stopping)
        self.hold.callback(None)
        self.successResultOf(stopping)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        theirs = self.successResultOf(self.store.builds.lease(BOB, 60))
        self.assertEqual(len(theirs), 1)
