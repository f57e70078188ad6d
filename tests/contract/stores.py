"""Where the stores come from that keep the contracts."""

from collections.abc import Callable
from typing import TypeVar

import psycopg2
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.ports import Store
from buildd_manager.testing.contracts import farm
from buildd_manager.testing.postgres import server
from buildd_manager.testing.store import memory_store


T = TypeVar("T")

#: Everything that was done was done earlier.
AGE = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN
    SELECT c.table_name, c.column_name
      FROM information_schema.columns c JOIN information_schema.tables t
        ON (t.table_schema, t.table_name) = (c.table_schema, c.table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
       AND c.data_type = 'timestamp with time zone'
  LOOP
    EXECUTE format('UPDATE %1$I SET %2$I = %2$I - %3$L * interval ''1 second''',
                   one.table_name, one.column_name, SECONDS);
  END LOOP;
END $$
"""


#: How many wait for somebody else.
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"

#: How it comes that builds are for virtual builders only, and no more.
VIRTUALIZED = (
    "UPDATE archive SET require_virtualized = true",
    "UPDATE arch_series SET supports_nonvirtualized = false",
)
NOT_VIRTUALIZED = """
UPDATE archive SET require_virtualized = false;
UPDATE arch_series SET supports_nonvirtualized = true
"""


class MemoryStores(farm.FarmContract):
    """Stores in memory: fakes that keep the contract."""

    async def make_store(self) -> Store:
        self.clock = Clock()
        return memory_store(self.clock)

    async def let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)


class PostgresStores(farm.FarmContract):
    """Stores in PostgreSQL, each in a database of its own, working as fiera."""

    timeout = 60

    async def prepare(self) -> None:
        """Make the database first, then the farm in it."""
        self.database = server().create(empty=False)
        self.addCleanup(self.database.drop)
        dsn = connection_dsn(
            self.database.owner_dsn, role="fiera", application_name="test"
        )
        self.pool = Pool(reactor, dsn, size=4)
        self.addCleanup(self.pool.close)
        self.pool.start()
        await self.pool.wait_connected()
        await super().prepare()

    async def make_store(self) -> Store:
        return postgres_store(self.pool)

    async def let_pass(self, seconds: float) -> None:
        self.as_owner(AGE.replace("SECONDS", str(float(seconds))))

    async def while_waiting(
        self, sql: str, begin: Callable[[], Deferred[T]]
    ) -> Deferred[T]:
        """Begin what has to wait for a transaction, and does so until its end."""
        other = psycopg2.connect(self.database.owner_dsn)
        try:
            other.cursor().execute(sql)
            task = begin()
            while not task.called and await self.pool.query(WAITING) == [(0,)]:
                await deferLater(reactor, 0.01)
            self.assertNoResult(task)
            other.commit()
        finally:
            other.close()
        return task

    def as_owner(self, sql: str) -> None:
        """Say a statement as who may do everything."""
        connection = psycopg2.connect(self.database.owner_dsn)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
        finally:
            connection.close()
