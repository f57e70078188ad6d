"""Transactions either happen, or fail in words of ours, whatever the database does."""

import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet import reactor
from twisted.internet.defer import (
    CancelledError,
    Deferred,
    gatherResults,
    succeed,
)
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.utils import getProcessOutput
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.domain.errors import (
    CommitUnknownError,
    LeaseLostError,
    StoreError,
    StoreUnavailableError,
)
from buildd_manager.testing.postgres import (
    PostgresMixin,
    server,
    throw_away_directory,
)
from tests.adapters.patience import PATIENCE, failing, pause, until
from tests.adapters.postgres_proxy import Network


class PoolTestCase(PostgresMixin, TestCase):
    """Has a database with one table, ``t(n int primary key)``."""

    empty = True
    timeout = 60

    def setUp(self) -> None:
        super().setUp()
        self.others = psycopg2.connect(self.database.owner_dsn)
        self.others.autocommit = True
        self.addCleanup(self.others.close)
        self.elsewhere("CREATE TABLE t (n int PRIMARY KEY)")

    def elsewhere(self, sql: str, *params: object) -> list[Any]:
        """Say something on a connection that has nothing to do with the pool."""
        cursor = self.others.cursor()
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []

    def pool(self, dsn: str | None = None, **options: Any) -> Pool:
        """Start a pool, which is closed at the end."""
        limits = {"synchronous_commit": "on", "deadlock_timeout": "20ms"}
        words = " ".join(f"-c {name}={value}" for name, value in limits.items())
        polite = connection_dsn(
            make_dsn(dsn or self.database.owner_dsn, options=words),
            application_name="pool",
            statement_timeout_ms=options.pop("statement_timeout_ms", 10_000),
        )
        pool = Pool(reactor, polite, **{"size": 1, "grace": 0.0, **options})
        self.addCleanup(pool.close)
        pool.start()
        return pool

    def rows(self) -> list[int]:
        """Read what everybody can see."""
        return [n for (n,) in self.elsewhere("SELECT n FROM t ORDER BY n")]

    def kill(self, pid: int) -> None:
        """End a backend, and wait until it is gone."""
        self.elsewhere("SELECT pg_terminate_backend(%s, 5000)", pid)

    async def at_work(self, sql: str) -> None:
        """Wait until the pool's statement ``sql`` is being done."""
        await until(
            lambda: self.elsewhere(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active'"
                " AND application_name = 'pool' AND query = %s",
                sql,
            )
        )


def insert(n: int) -> Callable[[Any], Awaitable[None]]:
    """Do work that leaves one row."""

    async def work(cursor: Any) -> None:
        await cursor.execute("INSERT INTO t VALUES (%s)", (n,))

    return work


async def backend(pool: Pool) -> int:
    """Tell the process at the other end of a connection."""
    ((pid,),) = await pool.query("SELECT pg_backend_pid()")
    return int(pid)


class TransactionTests(PoolTestCase):
    """``run`` makes one transaction of its work."""

    async def test_committed(self) -> None:
        """What work has done can be seen by others once ``run`` has fired."""
        await self.pool().run(insert(1))
        self.assertEqual(self.rows(), [1])

    async def test_result(self) -> None:
        """What work returns comes out, also of work that is no coroutine."""
        self.assertEqual(await self.pool().run(lambda _: succeed("done")), "done")

    async def test_error_of_work(self) -> None:
        """An error of work itself undoes everything and comes out as it is."""
        lost = LeaseLostError("builder 1 is not ours")

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            raise lost

        error = await failing(self.pool().run(work), LeaseLostError)
        self.assertIs(error, lost)
        self.assertEqual(self.rows(), [])

    async def test_error_of_integrity(self) -> None:
        """A breach of integrity is psycopg2's own, so that the store can tell."""
        pool = self.pool()
        await pool.run(insert(1))
        error = await failing(pool.run(insert(1)), psycopg2.errors.UniqueViolation)
        self.assertEqual(error.diag.constraint_name, "t_pkey")

    async def test_refused_at_the_commit(self) -> None:
        """A breach that shows at the commit is a breach, not an unknown commit."""
        self.elsewhere("ALTER TABLE t DROP CONSTRAINT t_pkey")
        self.elsewhere("ALTER TABLE t ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED")
        pool = self.pool()
        await pool.run(insert(1))
        await failing(pool.run(insert(1)), psycopg2.IntegrityError)

    async def test_error_of_sql(self) -> None:
        """Any other refusal is a StoreError with PostgreSQL's words and SQLSTATE."""
        error = await failing(self.pool().query("SELECT oops"), StoreError)
        self.assertEqual(str(error), 'column "oops" does not exist (42703)')
        self.assertNotIsInstance(error, StoreUnavailableError)

    async def test_unspeakable(self) -> None:
        """Text that PostgreSQL cannot have is a StoreError before it is sent."""
        pool = self.pool()
        for text in ("\0", "\ud800"):
            await failing(pool.query("SELECT %s", (text,)), StoreError)

    async def test_error_passed_over(self) -> None:
        """Work that hides an error of a statement does not seem to have committed."""

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await failing(cursor.execute("SELECT oops"), psycopg2.Error)

        error = await failing(self.pool().run(work), StoreError)
        self.assertIn("passed over", str(error))
        self.assertEqual(self.rows(), [])

    async def test_statement_timeout(self) -> None:
        """A statement that the server gives up shows the server's reason."""
        pool = self.pool(statement_timeout_ms=50)
        pid = await backend(pool)
        error = await failing(pool.query("SELECT pg_sleep(9)"), StoreError)
        self.assertIn("57014", str(error))
        self.assertEqual(await backend(pool), pid)

    async def test_deadlock(self) -> None:
        """Two that wait for each other both commit: one of them is done again."""
        await self.pool().run(insert(1))
        await self.pool().run(insert(2))
        pool, tries = self.pool(size=2), []
        both: list[Deferred[None]] = [Deferred(), Deferred()]

        def crossing(first: int, second: int) -> Callable[[Any], Awaitable[None]]:
            async def work(cursor: Any) -> None:
                tries.append(first)
                lock = "SELECT FROM t WHERE n = %s FOR UPDATE"
                await cursor.execute(lock, (first,))
                if len(tries) <= 2:
                    both[first - 1].callback(None)
                    await gatherResults([_also(other) for other in both])
                await cursor.execute(lock, (second,))

            return work

        await gatherResults([pool.run(crossing(1, 2)), pool.run(crossing(2, 1))])
        self.assertEqual(len(tries), 3)

    async def test_deadlock_for_ever(self) -> None:
        """What is undone again and again ends as a StoreError."""
        tries: list[int] = []

        async def work(cursor: Any) -> None:
            tries.append(1)
            await cursor.execute("DO $$BEGIN RAISE SQLSTATE '40001'; END$$")

        error = await failing(self.pool().run(work), StoreError)
        self.assertIn("40001", str(error))
        self.assertEqual(len(tries), 4)

    async def test_no_rows(self) -> None:
        """A statement without a result gives no rows."""
        self.assertEqual(await self.pool().query("INSERT INTO t VALUES (1)"), [])
        self.assertEqual(self.rows(), [1])

    async def test_cursor_ends_with_the_transaction(self) -> None:
        """A cursor that work has kept can do nothing outside of its transaction."""
        kept: list[Any] = []

        async def work(cursor: Any) -> None:
            kept.append(cursor)

        await self.pool().run(work)
        await failing(kept[0].execute("SELECT 1"), psycopg2.Error)


def _also(event: Deferred[None]) -> Deferred[None]:
    """Wait for what others wait for, too."""
    mine: Deferred[None] = Deferred()
    event.addCallback(lambda _: mine.callback(None))
    return mine


class QueueTests(PoolTestCase):
    """There are fewer connections than there are those who want one."""

    async def test_in_order(self) -> None:
        """Those who wait are served in the order in which they came."""
        pool = self.pool()
        served: list[int] = []

        async def ask(n: int) -> None:
            await pool.query("SELECT 1")
            served.append(n)

        await gatherResults([Deferred.fromCoroutine(ask(n)) for n in range(200)])
        self.assertEqual(served, list(range(200)))

    async def test_too_late(self) -> None:
        """Who gets no connection in time is told so, and is not served later."""
        pool = self.pool(acquire_timeout=0.05)
        await pool.wait_connected()
        busy = pool.query("SELECT pg_sleep(0.3)")
        late = pool.run(insert(1))
        error = await failing(late, StoreUnavailableError)
        self.assertIn("within 0.05 s", str(error))
        await busy
        await pool.query("SELECT 1")
        self.assertEqual(self.rows(), [])

    async def test_too_many(self) -> None:
        """Who finds too many waiting already is told so at once."""
        pool = self.pool(max_waiters=1)
        await pool.wait_connected()
        busy = [pool.query("SELECT pg_sleep(0.05)") for _ in range(2)]
        self.failureResultOf(pool.query("SELECT 1"), StoreUnavailableError)
        await gatherResults(busy)

    async def test_reason(self) -> None:
        """Who waits in vain learns why there is no connection."""
        dsn = make_dsn(self.database.owner_dsn, user="nobody_of_this_name")
        error = await failing(
            self.pool(dsn, acquire_timeout=0.3).query("SELECT 1"), StoreUnavailableError
        )
        self.assertIn('role "nobody_of_this_name" does not exist', str(error))


class CancellationTests(PoolTestCase):
    """Whoever asks may go away, and nothing breaks."""

    async def test_waiting(self) -> None:
        """What waits for a connection is never begun once it is cancelled."""
        pool = self.pool(max_waiters=1)
        await pool.wait_connected()
        busy = pool.query("SELECT pg_sleep(0.1)")
        waiting = pool.run(insert(1))
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        await gatherResults([busy, pool.query("SELECT 1")])
        self.assertEqual(self.rows(), [])

    async def test_under_way(self) -> None:
        """What is under way fails at once, is undone, and costs no connection."""
        pool = self.pool()
        pid = await backend(pool)

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await cursor.execute("SELECT pg_sleep(0.2)")

        running = pool.run(work)
        await self.at_work("SELECT pg_sleep(0.2)")
        running.cancel()
        self.failureResultOf(running, CancelledError)
        self.assertEqual(await backend(pool), pid)
        self.assertEqual(self.rows(), [])

    async def test_under_way_and_failing(self) -> None:
        """An error that comes after nobody waits for it bothers nobody."""
        pool = self.pool()
        running = pool.query("SELECT 1 / (pg_sleep(0.1) IS NULL)::int")
        await self.at_work("SELECT 1 / (pg_sleep(0.1) IS NULL)::int")
        running.cancel()
        self.failureResultOf(running, CancelledError)
        self.assertEqual(await pool.query("SELECT 1"), [(1,)])

    async def test_statement(self) -> None:
        """Work that gives up a statement is undone, with its connection."""
        pool = self.pool()
        pid = await backend(pool)

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await cursor.execute("SELECT pg_sleep(9)").addTimeout(0.05, reactor)

        await failing(pool.run(work), LateError)
        self.assertNotEqual(await backend(pool), pid)
        self.kill(pid)
        self.assertEqual(self.rows(), [])

    async def test_wait_connected(self) -> None:
        """Waiting for the first connection can be given up."""
        pool = self.pool()
        waiting = pool.wait_connected()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        await pool.wait_connected()


class LossTests(PoolTestCase):
    """Connections are lost at all times."""

    async def test_idle(self) -> None:
        """An idle connection that dies is replaced before anybody notices."""
        pool = self.pool()
        pid = await backend(pool)
        self.kill(pid)
        await pause(0.1)
        self.assertNotEqual(await backend(pool), pid)

    async def test_idle_and_unheard(self) -> None:
        """One that has died unheard is found dead before anything is said on it."""
        pool = self.pool()
        pid = await backend(pool)
        self.kill(pid)
        self.assertNotEqual(await backend(pool), pid)

    async def test_under_way(self) -> None:
        """A statement that dies with its backend has the database away."""
        pool = self.pool()
        pid = await backend(pool)
        running = pool.query("SELECT pg_sleep(9)")
        await self.at_work("SELECT pg_sleep(9)")
        self.kill(pid)
        await failing(running, StoreUnavailableError)
        self.assertNotEqual(await backend(pool), pid)

    async def test_between_statements(self) -> None:
        """A transaction that loses its connection has the database away."""
        pool = self.pool()

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await cursor.execute("SELECT pg_backend_pid()")
            self.kill(cursor.fetchone()[0])

        await failing(pool.run(work), StoreUnavailableError)
        self.assertEqual(self.rows(), [])

    async def test_poisoned(self) -> None:
        """A connection on which something is left undone is not lent again."""
        pool = self.pool()
        pid = await backend(pool)
        forgotten: list[Deferred[Any]] = []

        async def work(cursor: Any) -> None:
            forgotten.append(cursor.execute("SELECT pg_sleep(9)"))

        await failing(pool.run(work), StoreError)
        await failing(forgotten[0], psycopg2.Error)
        self.assertNotEqual(await backend(pool), pid)
        self.kill(pid)

    async def test_left_open(self) -> None:
        """A transaction that was begun by hand is not continued by the next one."""
        pool = self.pool()
        pid = await backend(pool)
        await pool.query("BEGIN")
        self.assertNotEqual(await backend(pool), pid)

    async def test_restart(self) -> None:
        """Over a restart of the server under load nothing is lost or made up."""
        pool = self.pool(size=4)
        known: set[int] = set()
        unknown: set[int] = set()
        failures: list[str] = []
        wanted = [True]

        async def one_after_the_other(numbers: range) -> None:
            for n in numbers:
                if not wanted:
                    return
                try:
                    await pool.run(insert(n))
                except CommitUnknownError:
                    unknown.add(n)
                except StoreUnavailableError as error:
                    failures.append(str(error))
                else:
                    known.add(n)

        loads = [
            Deferred.fromCoroutine(one_after_the_other(range(start, start + 1_000_000)))
            for start in range(0, 8_000_000, 1_000_000)
        ]
        await until(lambda: len(known) > 100)
        server().interrupt()
        await until(lambda: failures)
        await pause(0.2)
        server().start()
        before = len(known)
        await until(lambda: len(known) > before + 100)
        wanted.clear()
        await gatherResults(loads)
        self.others = psycopg2.connect(self.database.owner_dsn)
        there = set(self.rows())
        self.assertEqual(known - there, set())
        self.assertEqual(there - known - unknown, set())

    async def test_down_at_first(self) -> None:
        """A pool may be started before its server."""
        server().interrupt()
        pool = self.pool()
        connected = pool.wait_connected()
        await pause(0.1)
        self.assertNoResult(connected)
        server().start()
        await connected
        self.assertEqual(await pool.query("SELECT 1"), [(1,)])


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


class CloseTests(PoolTestCase):
    """Closing leaves nothing behind; the reactor is looked over by trial."""

    async def test_idle(self) -> None:
        """Idle connections are closed, and the server notices."""
        pool = self.pool(size=3)
        await pool.wait_connected()
        await pool.close()
        there = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'pool'"
        await until(lambda: not self.elsewhere(there))
        self.failureResultOf(pool.query("SELECT 1"), StoreUnavailableError)
        self.failureResultOf(pool.wait_connected(), StoreUnavailableError)

    async def test_twice(self) -> None:
        """Closing again is nothing new."""
        pool = self.pool()
        await gatherResults([pool.close(), pool.close()])
        await pool.close()

    async def test_within_grace(self) -> None:
        """What is under way is finished, what waits is not begun."""
        pool = self.pool(grace=PATIENCE)
        await pool.wait_connected()
        running, waiting = pool.run(insert(1)), pool.run(insert(2))
        closed = pool.close()
        self.failureResultOf(waiting, StoreUnavailableError)
        await gatherResults([running, closed])
        self.assertEqual(self.rows(), [1])

    async def test_after_grace(self) -> None:
        """What takes too long fails, and is undone."""
        pool = self.pool(grace=0.05)

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await cursor.execute("SELECT pg_sleep(9)")

        running = pool.run(work)
        await self.at_work("SELECT pg_sleep(9)")
        closed = pool.close()
        await failing(running, StoreUnavailableError)
        await closed
        self.elsewhere(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'pool'"
        )
        self.assertEqual(self.rows(), [])

    async def test_connecting(self) -> None:
        """A pool that has not connected yet can be closed."""
        pool = self.pool()
        waiting = pool.wait_connected()
        await pool.close()
        self.failureResultOf(waiting, StoreUnavailableError)

    async def test_server_down(self) -> None:
        """A pool whose server is down can be closed."""
        pool = self.pool("host=/nonexistent")
        await pause(0.1)
        await pool.close()


#: Loses connections in all ways, and reuses the numbers of their sockets.
SCENE = """
import socket, sys
from twisted.internet import {reactor}reactor
{reactor}reactor.install()
from twisted.internet import reactor, task
from twisted.internet.defer import Deferred
from twisted.python import log
from buildd_manager.adapters.postgres.pool import Pool
log.startLogging(sys.stdout)

class Stranger:
    def __init__(self):
        self.ends = socket.socketpair()
    def fileno(self):
        return self.ends[0].fileno()
    def logPrefix(self):
        return "stranger"

async def once():
    pool = Pool(reactor, sys.argv[1], size=3, grace=0.0)
    pool.start()
    ((pid,),) = await pool.query("SELECT pg_backend_pid()")
    killed = pool.query("SELECT pg_sleep(9)").addErrback(lambda _: None)
    await pool.query("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    await killed
    closed = pool.query("SELECT pg_sleep(9)").addErrback(lambda _: None)
    await task.deferLater(reactor, 0.02)
    await pool.close()
    await closed
    strangers = [Stranger() for _ in range(10)]
    for stranger in strangers:
        reactor.addReader(stranger)
    for stranger in strangers:
        reactor.removeReader(stranger)

async def scene(_):
    for _ in range(5):
        await once()
    print("well", "done")

task.react(lambda reactor: Deferred.fromCoroutine(scene(reactor)))
"""


class ReactorTests(PoolTestCase):
    """It does not matter which reactor watches the connections."""

    async def test_reactors(self) -> None:
        """Under every reactor, lost connections are lost without a trace."""
        for name in ("epoll", "poll", "select", "asyncio"):
            output = await getProcessOutput(
                sys.executable,
                ["-c", SCENE.format(reactor=name), self.database.owner_dsn],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                errortoo=True,
            )
            self.assertIn(b"well done", output, name)
            self.assertNotIn(b"Unhandled", output, name)
