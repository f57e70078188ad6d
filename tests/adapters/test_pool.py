"""Transactions either happen, or fail in words of ours."""

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

from buildd_manager.domain.errors import (
    LeaseLostError,
    StoreError,
    StoreUnavailableError,
)
from tests.adapters.patience import failing
from tests.adapters.pool_case import PoolTestCase, backend, insert


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

    async def test_error_of_another(self) -> None:
        """What one undoes leaves alone what others do at the same time."""
        pool = self.pool(size=2)

        async def work(cursor: Any) -> None:
            await insert(1)(cursor)
            await pool.run(insert(2))
            raise LeaseLostError("builder 1 is not ours")

        await failing(pool.run(work), LeaseLostError)
        self.assertEqual(self.rows(), [2])

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
