"""A database whose clock stands still until somebody moves it."""

from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.database import ROLE, schema_directory
from buildd_manager.adapters.postgres.dsn import connection_dsn
from buildd_manager.adapters.postgres.migrations import migrate
from buildd_manager.testing.postgres import server
from tests.blocking import CLOCK, OPTIONS, BlockingPool


_EMPTY = """
TRUNCATE archive, series, builder, manager, library_file_content, audit
  RESTART IDENTITY CASCADE
"""


class ClockedDatabase:
    """
    A database with the product's tables; its clock begins with 1970.

    All of it blocks. What two histories do in it is the same to the second, so a
    history can be told again.

    :ivar pool: Who may do what the product may.
    """

    def __init__(self) -> None:
        made = server().create(empty=True)
        self._drop = made.drop
        self._now = 0.0
        dsn = make_dsn(made.owner_dsn, options=OPTIONS)
        self._owner = _connect(dsn)
        self.say(CLOCK)
        migrate(dsn, schema_directory())
        product = connection_dsn(dsn, role=ROLE, application_name="test")
        self._product = _connect(product)
        self.pool = BlockingPool(self._product, lambda: self._now)

    def empty(self) -> None:
        """Forget everything, and begin with 1970 again."""
        self.say(_EMPTY)
        self._now = 0.0

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now += seconds

    def say(self, sql: str) -> list[tuple[Any, ...]]:
        """Say a statement as who may do everything, in 1970; give its rows."""
        with self._owner.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Remove it, whoever is still connected."""
        self._product.close()
        self._owner.close()
        self._drop()


def _connect(dsn: str) -> Any:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection
