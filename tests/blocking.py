"""PostgreSQL, one transaction after the other, at a time that somebody says."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg2
from attrs import frozen
from twisted.internet.defer import Deferred, succeed

from buildd_manager.adapters.postgres.faults import store_error


T = TypeVar("T")

# In the place of PostgreSQL's own, in a schema that is looked into before its own.
CLOCK = """
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN to_timestamp(current_setting('test.now')::double precision)
"""

#: What connections have to be told, for that clock to be the one that is read.
OPTIONS = "-c search_path=public,pg_catalog -c test.now=0"

_BEGIN = "BEGIN; SET LOCAL test.now = %s"


@frozen(eq=False)
class BlockingPool:
    """
    What the product takes for its pool; an answer is there before it is waited for.

    It has one connection, and no trouble: that comes in between in other ways.

    :ivar _now: Tells what time it is in the database, in seconds.
    """

    _connection: Any
    _now: Callable[[], float]

    def run(self, work: Callable[[Any], Awaitable[T]]) -> Deferred[T]:
        """Do ``work`` in one transaction, as the product's pool does."""
        return Deferred.fromCoroutine(self._run(work))

    def query(self, sql: str, params: Any = None) -> Deferred[list[tuple[Any, ...]]]:
        """Say one statement, and give its rows."""

        async def say(cursor: Any) -> list[tuple[Any, ...]]:
            await cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

        return self.run(say)

    async def _run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        with self._connection.cursor() as cursor:
            cursor.execute(_BEGIN, (repr(self._now()),))
            try:
                done = await work(_Cursor(cursor))
            except psycopg2.IntegrityError:
                cursor.execute("ROLLBACK")
                raise
            except psycopg2.Error as error:
                cursor.execute("ROLLBACK")
                raise store_error(error, connected=True) from error
            except Exception:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")
            return done


@frozen(eq=False)
class _Cursor:
    """A cursor whose statements are waited for, though they are done."""

    _cursor: Any

    def execute(self, query: str, params: Any = None) -> Deferred["_Cursor"]:
        self._cursor.execute(query, params)
        return succeed(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)
