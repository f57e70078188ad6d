"""Databases for worlds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias, cast

from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.store import memory_store
from tests.simulation.clock import Process
from tests.simulation.facts import MemoryFacts
from tests.simulation.postgres import Worlds
from tests.simulation.world import Storage


#: Makes an empty database, whose clock is a process's.
Maker: TypeAlias = Callable[[Process], Storage]


def in_memory(clock: Process) -> Storage:
    """Make a database in memory."""
    store = memory_store(clock)
    rows = cast("MemoryBuildStore", store.builds).rows
    return Storage(store, MemoryFacts(rows))


#: By name, what prepares to make databases.
STORAGES: Mapping[str, Callable[[], Maker]] = MappingProxyType(
    {"memory": lambda: in_memory, "postgres": Worlds}
)
