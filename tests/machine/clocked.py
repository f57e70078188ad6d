"""A database whose clock stands still until somebody moves it."""

from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.database import schema_directory
from buildd_manager.adapters.postgres.migrations import migrate
from buildd_manager.testing.postgres import server


# Found before PostgreSQL's own, by the product's tables and statements.
_CLOCK = """
CREATE TABLE clock (now timestamptz NOT NULL);
INSERT INTO clock VALUES (to_timestamp(0));
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz
  LANGUAGE sql VOLATILE RETURN (SELECT now FROM clock);
"""

_OPTIONS = "-c search_path=public,pg_catalog"

_EMPTY = """
TRUNCATE archive, series, builder, manager, library_file_content, audit
  RESTART IDENTITY CASCADE;
UPDATE clock SET now = to_timestamp(0);
"""


class ClockedDatabase:
    """
    A database with the product's tables; its clock begins with 1970.

    All of it blocks. What two histories do in it is the same to the second, so a
    history can be told again.

    :ivar dsn: libpq's words for it, as a superuser.
    """

    def __init__(self) -> None:
        made = server().create(empty=True)
        self._drop = made.drop
        self.dsn = make_dsn(made.owner_dsn, options=_OPTIONS)
        with psycopg2.connect(self.dsn) as connection:
            connection.cursor().execute(_CLOCK)
        connection.close()
        migrate(self.dsn, schema_directory())
        self._connection = psycopg2.connect(self.dsn)
        self._connection.autocommit = True

    def empty(self) -> None:
        """Forget everything, and begin with 1970 again."""
        self.say(_EMPTY)

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.say("UPDATE clock SET now = now + %s * interval '1 second'", (seconds,))

    def say(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Say a statement as who may do everything; give its rows."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Remove it, whoever is still connected."""
        self._connection.close()
        self._drop()
