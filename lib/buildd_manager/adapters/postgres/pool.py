"""Transactions on PostgreSQL that either happen or fail in words of ours."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import psycopg2
from attrs import define
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.adapters.postgres.connection import Connection, Cursor
from buildd_manager.adapters.postgres.connections import Connections, Terms
from buildd_manager.adapters.postgres.dsn import connection_dsn
from buildd_manager.adapters.postgres.faults import is_transient, store_error
from buildd_manager.domain.errors import (
    CommitUnknownError,
    StoreError,
    StoreUnavailableError,
)


__all__ = ["Cursor", "Pool", "connection_dsn"]

T = TypeVar("T")

#: Seconds before a transaction that was undone for another's sake is done again.
#: The other one has gone on meanwhile, so no chance is needed to part them.
_PAUSES = (0.02, 0.05, 0.1)


class Pool:
    """
    A few connections for everybody's transactions.

    Cancelling what :meth:`run` or :meth:`query` return never reaches libpq. One that
    still waits for a connection leaves the queue. One that has begun says its
    statement to the end and is then rolled back, unless it is committing already.

    :param reactor: Watches the connections, and is the clock.
    :param dsn: libpq's words for the database; see :func:`connection_dsn`.
    :param size: Number of connections.
    :param connect_timeout: Seconds for one attempt to connect.
    :param acquire_timeout: Seconds for which to wait for a connection.
    :param max_waiters: How many may wait for one.
    :param answer_timeout: Seconds after which a server that does not answer a
        statement is taken for dead. Its own ``statement_timeout`` must be shorter.
    :param grace: Seconds that transactions under way get when all is closed.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        dsn: str,
        *,
        size: int = 4,
        connect_timeout: float = 5.0,
        acquire_timeout: float = 10.0,
        max_waiters: int = 10_000,
        answer_timeout: float = 60.0,
        grace: float = 5.0,
    ) -> None:
        terms = Terms(
            dsn=dsn,
            size=size,
            connect_timeout=connect_timeout,
            acquire_timeout=acquire_timeout,
            max_waiters=max_waiters,
            answer_timeout=answer_timeout,
        )
        self._reactor = reactor
        self._grace = grace
        self._connections = Connections(reactor, terms)
        self._running: set[Deferred[None]] = set()

    def start(self) -> None:
        """Begin to connect; a database that is away is tried again and again."""
        self._connections.start()

    def wait_connected(self) -> Deferred[None]:
        """
        Wait until there is a connection; may be cancelled.

        :raises StoreUnavailableError: If the pool is closed before.
        """
        return self._connections.expect()

    def close(self) -> Deferred[None]:
        """
        Close all connections, when the transactions under way have ended.

        Those that wait for a connection fail at once, those that take longer than
        ``grace`` later.
        """
        return Deferred.fromCoroutine(self._close())

    def run(self, work: Callable[[Cursor], Awaitable[T]]) -> Deferred[T]:
        """
        Do ``work`` in one transaction, and commit what it has done.

        An error of ``work`` rolls everything back and comes out as it is; of those
        of PostgreSQL only ``psycopg2.IntegrityError`` does.

        A transaction that PostgreSQL undid to end a deadlock is done again, up to
        three times: ``work`` is then called again. So is nothing else.

        :param work: Is given a cursor for its statements; it waits for nothing else.
        :raises StoreUnavailableError: If there was no connection, or it was lost.
        :raises CommitUnknownError: If it was lost while committing.
        :raises StoreError: If PostgreSQL refused a statement.
        """
        errand = _Errand()
        return self._send(errand, self._persistently(errand, work))

    def query(self, sql: str, params: Any = None) -> Deferred[list[tuple[Any, ...]]]:
        """
        Say one statement, outside of any transaction, and give its rows.

        It is for reading: if the connection is lost before the answer has come, it
        remains unknown whether the statement was done, and it is not said again.
        Only while nothing has been sent is another connection taken instead of one
        that is found dead.

        :raises StoreUnavailableError: If there was no connection, or it was lost.
        :raises StoreError: If PostgreSQL refused the statement.
        """
        errand = _Errand()
        return self._send(errand, self._statement(errand, sql, params))

    def _send(self, errand: "_Errand", doing: Coroutine[Any, Any, T]) -> Deferred[T]:
        """Let an errand go on even if whoever asked for it goes away."""
        asked: Deferred[T] = Deferred(errand.forget)

        def answer(result: Any) -> None:
            self._running.discard(running)
            if not asked.called:
                asked.callback(result)
            elif isinstance(result, Failure) and not result.check(CancelledError):
                self._log.debug("unwanted, and failed: {why}", why=result.value)

        running: Deferred[Any] = Deferred.fromCoroutine(doing)
        self._running.add(running)
        running.addBoth(answer)
        return asked

    async def _persistently(
        self, errand: "_Errand", work: Callable[[Cursor], Awaitable[T]]
    ) -> T:
        for pause in _PAUSES:
            try:
                return await self._transaction(errand, work)
            except StoreError as error:
                if not is_transient(error):
                    raise
            await deferLater(self._reactor, pause)
        return await self._transaction(errand, work)

    async def _transaction(
        self, errand: "_Errand", work: Callable[[Cursor], Awaitable[T]]
    ) -> T:
        async with self._lent(errand) as connection:
            cursor = connection.cursor()
            await cursor.execute("BEGIN")
            try:
                done = await work(cursor)
                errand.must_be_wanted()
            except Exception:
                await _roll_back(connection)
                raise
            await _commit(connection)
            cursor.close()
            return done

    async def _statement(
        self, errand: "_Errand", sql: str, params: Any
    ) -> list[tuple[Any, ...]]:
        async with self._lent(errand) as connection:
            cursor = connection.cursor()
            await cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    @asynccontextmanager
    async def _lent(self, errand: "_Errand") -> AsyncIterator[Any]:
        errand.must_be_wanted()
        errand.waiting = self._connections.acquire()
        connection = await errand.waiting
        errand.waiting = None
        try:
            yield connection
        except psycopg2.IntegrityError:
            raise
        except psycopg2.Error as error:
            raise store_error(error, connected=connection.alive()) from error
        finally:
            self._connections.release(connection)

    async def _close(self) -> None:
        self._connections.refuse()
        if self._running:
            end = self._reactor.callLater(self._grace, self._connections.drop_all)
            await DeferredList(list(self._running))
            if end.active():
                end.cancel()
        await self._connections.close()


@define(eq=False)
class _Errand:
    """
    Something that was asked for, and may no longer be wanted.

    :ivar waiting: What it waits for while it has no connection.
    """

    wanted: bool = True
    waiting: Deferred[Connection] | None = None

    def forget(self, _asked: object) -> None:
        """Be told that nobody waits for it any more."""
        self.wanted = False
        if self.waiting is not None:
            self.waiting.cancel()

    def must_be_wanted(self) -> None:
        """
        Go no further for nothing.

        :raises CancelledError: If nobody waits for it.
        """
        if not self.wanted:
            raise CancelledError


async def _roll_back(connection: Connection) -> None:
    # A connection that cannot do even this is not lent again: its state shows.
    with suppress(psycopg2.Error):
        await connection.cursor().execute("ROLLBACK")


async def _commit(connection: Connection) -> None:
    """
    Make it so.

    :raises CommitUnknownError: If the answer did not come.
    :raises StoreError: If PostgreSQL rolled back instead, as it does without a word
        after an error that was not passed on.
    """
    if not connection.alive():
        raise StoreUnavailableError("the connection was lost before the commit")
    cursor = connection.cursor()
    try:
        await cursor.execute("COMMIT")
    except psycopg2.Error as error:
        if connection.alive():
            raise
        raise CommitUnknownError(
            "the connection was lost during the commit; it may have been done"
        ) from error
    if cursor.statusmessage != "COMMIT":
        raise StoreError("an error in the transaction was passed over; it was undone")
