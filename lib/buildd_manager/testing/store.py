"""A database in memory, which keeps the same promises as PostgreSQL."""

from twisted.internet.interfaces import IReactorTime

from buildd_manager.ports import Store
from buildd_manager.testing.audit import MemoryAudit
from buildd_manager.testing.builds import MemoryBuildStore
from buildd_manager.testing.catalogue import MemoryCatalogue
from buildd_manager.testing.files import MemoryFileIndex
from buildd_manager.testing.queue import MemoryQueue
from buildd_manager.testing.rows import Rows
from buildd_manager.testing.uploads import MemoryUploadStore


def memory_store(clock: IReactorTime) -> Store:
    """Make an empty store, whose times are those of ``clock``."""
    return store_of(Rows(clock))


def store_of(rows: Rows) -> Store:
    """Make the store whose tables are ``rows``."""
    return Store(
        builds=MemoryBuildStore(rows),
        uploads=MemoryUploadStore(rows),
        catalogue=MemoryCatalogue(rows),
        queue=MemoryQueue(rows),
        files=MemoryFileIndex(rows),
        audit=MemoryAudit(rows),
    )
