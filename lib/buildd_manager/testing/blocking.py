"""PostgreSQL for those who cannot wait: every answer is there at once."""

from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import psycopg2
from attrs import frozen
from twisted.internet.defer import Deferred, succeed

from buildd_manager.adapters.postgres.faults import store_error


T = TypeVar("T")


@frozen
class _Cursor:
    """A cursor whose statements block."""

    _cursor: Any

    def execute(self, query: str, params: Any = None) -> Deferred[Self]:
        # Who is alone sees all as it is at one moment, however that is asked for.
        if not query.startswith("SET TRANSACTION"):
            self._cursor.execute(query, params)
        return succeed(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class BlockingPool:
    """
    A :class:`~buildd_manager.adapters.postgres.pool.Pool` of one connection.

    All that is done is part of one great transaction, until :meth:`keep` or
    :meth:`forget`.

    :param dsn: libpq's words for the database.
    :param role: As whom transactions are done.
    """

    def __init__(self, dsn: str, role: str = "fiera") -> None:
        self._connection = psycopg2.connect(dsn)
        self._role = role

    def run(self, work: Callable[[Any], Awaitable[T]]) -> Deferred[T]:
        """Do ``work`` in one transaction, all of it or nothing."""
        return Deferred.fromCoroutine(self._transaction(work))

    def query(self, sql: str, params: Any = None) -> Deferred[list[tuple[Any, ...]]]:
        """Say one statement, and give its rows."""

        async def work(cursor: Any) -> list[tuple[Any, ...]]:
            await cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

        return self.run(work)

    def as_owner(self, sql: str) -> None:
        """Say a statement as who may do everything."""
        with self._connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(sql)

    def keep(self) -> None:
        """Keep what was done."""
        self._connection.commit()

    def forget(self) -> None:
        """Undo what was done since it was kept."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _transaction(self, work: Callable[[Any], Awaitable[T]]) -> T:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {self._role}")
            cursor.execute("SAVEPOINT work")
            try:
                done = await work(_Cursor(cursor))
            except Exception as error:
                cursor.execute("ROLLBACK TO work")
                if isinstance(error, psycopg2.IntegrityError):
                    raise
                if isinstance(error, psycopg2.Error):
                    raise store_error(error, connected=True) from error
                raise
            cursor.execute("RELEASE work")
            return done
