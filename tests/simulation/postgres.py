"""Databases for worlds that are PostgreSQL's, on a server of this process's own."""

from collections.abc import Sequence
from typing import Any, cast

import psycopg2
from attrs import define, field, frozen
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.database import ROLE, schema_directory
from buildd_manager.adapters.postgres.dsn import connection_dsn
from buildd_manager.adapters.postgres.migrations import migrate
from buildd_manager.adapters.postgres.pool import Pool
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.testing.postgres import TestServer, server
from tests.blocking import CLOCK, OPTIONS, BlockingPool
from tests.simulation.clock import Process
from tests.simulation.facts import AttemptFact, BuilderFact, BuildFact
from tests.simulation.world import Storage


_TEMPLATE = "worlds"
_WORLD = "world"

# All tables that people see numbers of take them from one sequence, as those in memory
# do: so a number is never taken for that of something else by chance.
_NUMBERS = """
CREATE SEQUENCE numbers;
GRANT USAGE ON SEQUENCE numbers TO fiera;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['library_file_alias', 'archive', 'builder', 'source',
                              'build', 'build_queue', 'attempt']
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER id DROP IDENTITY,'
                   ' ALTER id SET DEFAULT nextval(''numbers'')', name);
  END LOOP;
END $$
"""

_BUILDS = """
SELECT b.id, s.name, b.state, q.id, b.canary, b.cause
  FROM build b
  JOIN source s ON s.id = b.source
  LEFT JOIN build_queue q ON q.build = b.id
 ORDER BY b.id
"""

_ATTEMPTS = """
SELECT a.id, a.build, a.queue, a.builder, a.state, a.cookie, r.attempt IS NOT NULL
  FROM attempt a LEFT JOIN result r ON r.attempt = a.id
 ORDER BY a.id
"""

_BUILDERS = """
SELECT id, name, builderok, on_trial, clean, lease_owner::text,
       coalesce(extract(epoch FROM lease_until)::double precision, 0)
  FROM builder ORDER BY id
"""


@define
class Worlds:
    """
    Makes databases with the product's tables, one after the other.

    :ivar _connection: To that of the last world.
    """

    _server: TestServer = field(factory=server)
    _connection: Any = None

    def __attrs_post_init__(self) -> None:
        """Make what all of them are copied from."""
        self._server.say(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        dsn = make_dsn(self._server.dsn("buildd", _TEMPLATE), options=OPTIONS)
        _say(dsn, CLOCK)
        migrate(dsn, schema_directory())
        _say(dsn, _NUMBERS)

    def __call__(self, clock: Process) -> Storage:
        """Make an empty one, whose clock is a process's."""
        if self._connection is not None:
            self._connection.close()
        self._server.say(f"DROP DATABASE IF EXISTS {_WORLD} WITH (FORCE)")
        self._server.say(
            f"CREATE DATABASE {_WORLD} TEMPLATE {_TEMPLATE} STRATEGY file_copy"
        )
        dsn = make_dsn(self._server.dsn("buildd", _WORLD), options=OPTIONS)
        self._connection = psycopg2.connect(
            connection_dsn(dsn, role=ROLE, application_name="simulation")
        )
        self._connection.autocommit = True
        pool = BlockingPool(self._connection, clock.seconds)
        store = postgres_store(cast("Pool", pool))
        return Storage(store, PostgresFacts(self._connection, clock))


def _say(dsn: str, sql: str) -> None:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


@frozen
class PostgresFacts:
    """What there is in PostgreSQL."""

    _connection: Any
    _clock: Process

    def builds(self) -> Sequence[BuildFact]:
        return [
            BuildFact(
                number,
                source,
                BuildState(state),
                queue,
                canary,
                None if cause is None else Cause(cause),
            )
            for number, source, state, queue, canary, cause in self._rows(_BUILDS)
        ]

    def attempts(self) -> Sequence[AttemptFact]:
        return [
            AttemptFact(
                number, build, queue, builder, AttemptState(state), cookie, has_result
            )
            for number, build, queue, builder, state, cookie, has_result in self._rows(
                _ATTEMPTS
            )
        ]

    def builders(self) -> Sequence[BuilderFact]:
        now = self._clock.seconds()
        return [
            BuilderFact(number, name, ok, tried, CleanState(clean), owner, until - now)
            for number, name, ok, tried, clean, owner, until in self._rows(_BUILDERS)
        ]

    def _rows(self, sql: str) -> Sequence[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            rows: Sequence[Any] = cursor.fetchall()
            return rows
