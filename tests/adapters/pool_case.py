"""A pool, and somebody else who looks at the same database."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.testing.postgres import PostgresMixin
from tests.adapters.patience import until


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
