"""All that is remembered, on one pool of connections."""

from buildd_manager.adapters.postgres.auditing import PostgresAudit
from buildd_manager.adapters.postgres.builds import PostgresBuildStore
from buildd_manager.adapters.postgres.catalogue import PostgresCatalogue
from buildd_manager.adapters.postgres.files import PostgresFileIndex
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.queue import PostgresQueue
from buildd_manager.adapters.postgres.uploads import PostgresUploadStore
from buildd_manager.ports import Store


def postgres_store(pool: Pool) -> Store:
    """Make the store whose database is behind ``pool``."""
    return Store(
        builds=PostgresBuildStore(pool),
        uploads=PostgresUploadStore(pool),
        catalogue=PostgresCatalogue(pool),
        queue=PostgresQueue(pool),
        files=PostgresFileIndex(pool),
        audit=PostgresAudit(pool),
    )
