"""Connections may be lost at any time, and are closed without a trace."""

import os
import sys
from typing import Any

import psycopg2
from twisted.internet.defer import (
    Deferred,
    gatherResults,
)
from twisted.internet.utils import getProcessOutput

from buildd_manager.domain.errors import (
    CommitUnknownError,
    StoreError,
    StoreUnavailableError,
)
from buildd_manager.testing.postgres import (
    server,
)
from tests.adapters.patience import PATIENCE, failing, pause, until
from tests.adapters.pool_case import PoolTestCase, backend, insert


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
