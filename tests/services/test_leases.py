"""How a manager begins, and what it has leased then."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.catalogue import NewBuilder
from buildd_manager.services.leases import Leases, register
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.store import memory_store


ALICE = "00000000-0000-4000-8000-00000000000a"


class RegisterTests(SynchronousTestCase):
    """A manager that ends without having said so, and begins again."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.store = memory_store(self.clock)
        new = NewBuilder(name="bob", url="http://bob", architectures=("amd64",))
        self.bob = self.successResultOf(self.store.catalogue.add_builder(new))

    def begin(self) -> Leases:
        self.successResultOf(register(self.store.builds, ALICE, "alice", "1"))
        leases = Leases(ALICE, self.store.builds, self.clock)
        self.successResultOf(leases.renew())
        return leases

    def epoch(self, leases: Leases) -> int:
        return leases.of(self.bob.id).epoch

    def test_again(self) -> None:
        """Its new life has leases of its own."""
        before = self.epoch(self.begin())
        self.assertGreater(self.epoch(self.begin()), before)

    def test_late(self) -> None:
        """What an earlier life asked for, and is done late, takes nothing from it."""
        self.begin()
        release = MemoryBuildStore.release
        late: Deferred[None] = Deferred()
        slow = self.patch(
            MemoryBuildStore,
            "release",
            lambda store, *args: late.addCallback(lambda _: release(store, *args)),
        )
        self.assertNoResult(register(self.store.builds, ALICE, "alice", "1"))
        slow.restore()
        leases = self.begin()
        late.callback(None)
        lease = leases.of(self.bob.id)
        self.successResultOf(self.store.builds.introduce(lease, "1"))
