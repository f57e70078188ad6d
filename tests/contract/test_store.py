"""Both stores keep the same promises."""

from twisted.internet.task import Clock

from buildd_manager.ports import Store
from buildd_manager.testing import store_contract
from buildd_manager.testing.store import memory_store


class MemoryStoreTests(store_contract.StoreContract):
    """The fake keeps the contract."""

    async def make_store(self) -> Store:
        self.clock = Clock()
        return memory_store(self.clock)

    async def let_leases_end(self) -> None:
        self.clock.advance(store_contract.LONG + 1)
