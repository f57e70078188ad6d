"""Both stores keep the same promises."""

import psycopg2
from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.ports import Store
from buildd_manager.testing import store_contract
from buildd_manager.testing.postgres import PostgresMixin, server
from buildd_manager.testing.store import memory_store
from buildd_manager.testing.store_case import LONG


class MemoryStoreTests(store_contract.StoreContract):
    """The fake keeps the contract."""

    async def make_store(self) -> Store:
        self.clock = Clock()
        return memory_store(self.clock)

    async def let_leases_end(self) -> None:
        self.clock.advance(LONG + 1)


class PostgresStoreTests(store_contract.StoreContract):
    """The real one keeps the contract, working as fiera."""

    timeout = 60

    async def prepare(self) -> None:
        """Make the database first, then the farm in it."""
        database = server().create(empty=False)
        self.addCleanup(database.drop)
        dsn = connection_dsn(database.owner_dsn, role="fiera", application_name="test")
        self.pool = Pool(reactor, dsn, size=4)
        self.addCleanup(self.pool.close)
        self.pool.start()
        await self.pool.wait_connected()
        await super().prepare()

    async def make_store(self) -> Store:
        return postgres_store(self.pool)

    async def let_leases_end(self) -> None:
        await self.pool.query(
            "UPDATE builder SET lease_until = clock_timestamp() - interval '1 second'"
        )

    async def test_fiera(self) -> None:
        """All work is done as fiera, whoever has connected."""
        self.assertEqual(await self.pool.query("SELECT current_user"), [("fiera",)])

    async def test_audit(self) -> None:
        """What became of an attempt stays written down."""
        assignment = await self.running()
        await self.store.builds.abandon(self.lease, assignment.attempt, "lost")
        rows = await self.pool.query(
            "SELECT what, detail, epoch FROM audit ORDER BY id"
        )
        self.assertEqual(
            rows,
            [
                ("claimed", str(assignment.cookie), self.lease.epoch),
                ("running", None, self.lease.epoch),
                ("abandoned", "lost", self.lease.epoch),
            ],
        )


class SchemaTests(PostgresMixin, SynchronousTestCase):
    """The tables."""

    def said_as(self, dsn: str, sql: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(dsn)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def test_least_privilege(self) -> None:
        """Fiera can alter nothing, and cannot change what was audited."""
        for sql in (
            "DROP TABLE build",
            "ALTER TABLE build ADD COLUMN x int",
            "CREATE TABLE x (i int)",
            "TRUNCATE build_queue",
            "DELETE FROM build",
            "DELETE FROM result",
            "UPDATE result SET verdict = 'x'",
            "UPDATE audit SET what = 'x'",
            "DELETE FROM audit",
            "DROP INDEX one_live_attempt_per_build",
            "CREATE ROLE x",
            "ALTER ROLE fiera SUPERUSER",
            "COPY build TO PROGRAM 'cat'",
        ):
            with self.assertRaises(psycopg2.errors.InsufficientPrivilege, msg=sql):
                self.said_as(self.database.runtime_dsn, sql)

    def test_same_words(self) -> None:
        """The database knows just the states that the domain knows."""
        for table, column, states in (
            ("build", "state", BuildState),
            ("attempt", "state", AttemptState),
            ("builder", "clean", CleanState),
        ):
            ((check,),) = self.said_as(
                self.database.owner_dsn,
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                f" WHERE conname = '{table}_{column}_check'",
            )
            words = set(str(check).split("'")[1::2])
            self.assertEqual(words, {state.value for state in states})

    def test_live_attempts(self) -> None:
        """Which attempts are live is said in the indexes as in the domain."""
        rows = self.said_as(
            self.database.owner_dsn,
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'one_live_%'",
        )
        self.assertEqual(len(rows), 2)
        for (index,) in rows:
            self.assertIn("UNIQUE", str(index))
            words = set(str(index).split("'")[1::2])
            self.assertEqual(words, {"claimed", "running", "gathering"})
