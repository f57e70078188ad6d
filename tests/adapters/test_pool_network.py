"""The network between the manager and its database may do anything."""

import shutil

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet import reactor
from twisted.internet.defer import (
    gatherResults,
)

from buildd_manager.domain.errors import (
    CommitUnknownError,
    StoreUnavailableError,
)
from buildd_manager.testing.postgres import (
    throw_away_directory,
)
from tests.adapters.patience import failing, until
from tests.adapters.pool_case import PoolTestCase, insert
from tests.adapters.postgres_proxy import Network


class NetworkTests(PoolTestCase):
    """There is a network between the manager and its database."""

    def setUp(self) -> None:
        super().setUp()
        directory = throw_away_directory()
        self.addCleanup(shutil.rmtree, directory)
        there = psycopg2.extensions.parse_dsn(self.database.owner_dsn)["host"]
        self.network = Network(reactor, directory, f"{there}/.s.PGSQL.5432")
        self.addCleanup(self.network.port.stopListening)
        self.through = make_dsn(self.database.owner_dsn, host=str(directory))

    async def test_done_but_not_told(self) -> None:
        """A commit without an answer is unknown, and here it was done."""
        self.network.cut_after(b"COMMIT")
        pool = self.pool(self.through)
        await failing(pool.run(insert(1)), CommitUnknownError)
        await until(lambda: self.rows() == [1])

    async def test_not_done(self) -> None:
        """A commit without an answer is unknown, and here it was not done."""
        self.network.cut_before(b"COMMIT")
        pool = self.pool(self.through)
        await failing(pool.run(insert(1)), CommitUnknownError)
        self.network.work()
        self.assertEqual(await pool.query("SELECT n FROM t"), [])

    async def test_before_the_commit(self) -> None:
        """What was cut before the commit was surely not done."""
        self.network.cut_before(b"INSERT")
        pool = self.pool(self.through)
        error = await failing(pool.run(insert(1)), StoreUnavailableError)
        self.assertNotIsInstance(error, CommitUnknownError)

    async def test_silence(self) -> None:
        """A server that does not answer is taken for dead."""
        self.network.swallow(b"INSERT")
        pool = self.pool(self.through, answer_timeout=0.1)
        error = await failing(pool.run(insert(1)), StoreUnavailableError)
        self.assertIn("did not answer within 0.1 s", str(error))
        self.assertEqual(await pool.query("SELECT 1"), [(1,)])

    async def test_silence_at_the_commit(self) -> None:
        """A commit that is not answered is unknown."""
        self.network.swallow(b"COMMIT")
        pool = self.pool(self.through, answer_timeout=0.1)
        await failing(pool.run(insert(1)), CommitUnknownError)

    async def test_silence_while_connecting(self) -> None:
        """A server that accepts and says nothing is tried again and again."""
        self.network.swallow(b"")
        pool = self.pool(self.through, connect_timeout=0.05, acquire_timeout=0.3)
        error = await failing(pool.query("SELECT 1"), StoreUnavailableError)
        self.assertIn("did not answer within 0.05 s", str(error))
        self.network.work()
        await pool.wait_connected()

    async def test_other_hosts(self) -> None:
        """Of several hosts, the next is taken when one is not up, or refuses us."""
        self.network.refuse(b"57P03")
        words = psycopg2.extensions.parse_dsn
        hosts = [words(dsn)["host"] for dsn in (self.through, self.database.owner_dsn)]
        dsn = make_dsn(
            self.database.owner_dsn,
            host=f"{hosts[0]},127.0.0.1,{hosts[1]}",
            port="5432,1,5432",
        )
        pool = self.pool(dsn, size=4)
        await gatherResults([pool.query("SELECT 1") for _ in range(8)])

    async def test_host_by_name(self) -> None:
        """A host that cannot be looked up holds up nobody, and is told."""
        pool = self.pool("host=nowhere.invalid", acquire_timeout=0.5)
        error = await failing(pool.query("SELECT 1"), StoreUnavailableError)
        self.assertIn("within 0.5 s", str(error))
        await pool.close()

    async def test_socket_beside_a_name(self) -> None:
        """A name among the hosts does not keep the others from being used."""
        there = psycopg2.extensions.parse_dsn(self.database.owner_dsn)["host"]
        dsn = make_dsn(
            self.database.owner_dsn, host=f"localhost,{there}", port="1,5432"
        )
        self.assertEqual(await self.pool(dsn).query("SELECT 1"), [(1,)])
