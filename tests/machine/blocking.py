"""A pool of one connection that waits for every answer, as no manager may."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import psycopg2
from attrs import frozen
from twisted.internet.defer import Deferred, maybeDeferred, succeed

from buildd_manager.adapters.postgres.faults import store_error


T = TypeVar("T")


@frozen
class _Cursor:
    """Psycopg2's, but what it executes can be awaited."""

    _cursor: Any

    def execute(self, sql: str, values: object = None) -> Deferred[None]:
        self._cursor.execute(sql, values)
        return succeed(None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class BlockingPool:
    """
    Does what :class:`~buildd_manager.adapters.postgres.pool.Pool` does, at once.

    :param dsn: libpq's words for the database.
    """

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg2.connect(dsn)

    def run(self, work: Callable[[Any], Awaitable[T]]) -> Deferred[T]:
        """Do ``work`` in one transaction, and commit what it has done."""
        return maybeDeferred(self._run, work)

    def query(self, sql: str, values: object = None) -> Deferred[list[Any]]:
        """Say one statement, and give its rows."""

        async def work(cursor: Any) -> list[Any]:
            await cursor.execute(sql, values)
            return cast("list[Any]", cursor.fetchall())

        return self.run(work)

    def close(self) -> None:
        """Go away."""
        self._connection.close()

    def _run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        try:
            with self._connection, self._connection.cursor() as cursor:
                return _result_of(work(_Cursor(cursor)))
        except psycopg2.IntegrityError:
            raise
        except psycopg2.Error as error:
            raise store_error(error, connected=True) from error


def _result_of(work: Awaitable[T]) -> T:
    """Take the result of what has nothing to wait for."""
    try:
        cast("Any", work).send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("there was something to wait for")
