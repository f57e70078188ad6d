"""Farms as large as one likes, put straight into the tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

import psycopg2
from twisted.internet import reactor

from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.testing.postgres import TestDatabase, server


class Queue(Enum):
    """
    What the builds are like that wait.

    PLAIN: any builder may build any of them. Otherwise the better half may not be
    built just now: it is for an archive that is DISABLED, or asks for a resource that
    is MISSING on all builders.
    """

    PLAIN = "all may be built"
    DISABLED = "the better half is for a disabled archive"
    MISSING = "the better half needs what no builder has"


#: As many as a manager has.
CONNECTIONS = 5

#: Of the chroot, and of all sources.
SHA1 = "a" * 40

#: The manager that has all builders.
MANAGER = "00000000-0000-4000-8000-00000000000a"

_FURNITURE = f"""
INSERT INTO archive (name, purpose, distribution, enabled)
VALUES ('debian', 'primary', 'debian', true), ('off', 'ppa', 'debian', false);
INSERT INTO series (name, distribution, component, components)
VALUES ('trixie', 'debian', 'main', '{{main}}');
INSERT INTO arch_series (series, architecture) VALUES (1, 'amd64'), (1, 'arm64');
INSERT INTO library_file_content (sha256, sha1, size)
VALUES (repeat('a', 64), '{SHA1}', 4);
INSERT INTO library_file_alias (content, filename, mimetype)
VALUES (repeat('a', 64), 'chroot.tar.gz', 'x/y'), (repeat('a', 64), 'a_1.dsc', 'x/y');
INSERT INTO pocket_chroot (arch_series, chroot) VALUES (1, 1), (2, 1);
INSERT INTO manager (id, name, version) VALUES ('{MANAGER}', 'alice', '1');
"""

# Of each four builders, three are for amd64.
_BUILDERS = f"""
INSERT INTO builder (name, url, virtualized, manual, clean, introduced,
                     lease_owner, lease_epoch, lease_until)
SELECT 'bob' || n, 'http://bob' || n || ':8221', false, false, 'clean', true,
       '{MANAGER}', 1, now() + interval '1 day'
  FROM generate_series(1, %(builders)s) n ORDER BY n;
INSERT INTO builder_architecture (builder, architecture)
SELECT id, CASE WHEN id %% 4 = 0 THEN 'arm64' ELSE 'amd64' END FROM builder;
"""

# Each in the order in which it would have come; scores are as mixed as a farm's.
_WAITING = """
INSERT INTO source (name, version, architecture_hints, archive, series, component)
SELECT 'source' || n, '1', '{any}',
       CASE WHEN %(disabled)s AND n %% 2 = 0 THEN 2 ELSE 1 END, 1, 'main'
  FROM generate_series(1, %(waiting)s) n ORDER BY n;
INSERT INTO source_file (source, position, file) SELECT id, 1, 2 FROM source;
INSERT INTO build (source, arch_series, arch_indep, resources, score)
SELECT id, CASE WHEN id / 2 %% 4 = 0 THEN 2 ELSE 1 END, false,
       CASE WHEN %(missing)s AND id %% 2 = 0 THEN '{gpu}' ELSE '{}' END::text[],
       (id * 7919) %% 1000 + CASE WHEN id %% 2 = 0 THEN 1000 ELSE 0 END
  FROM source ORDER BY id;
INSERT INTO build_queue (build, architecture, virtualized, arch_series, archive,
                         purpose, pocket, resources, score)
SELECT b.id, a.architecture, false, a.id, ar.id, ar.purpose, s.pocket, b.resources,
       b.score
  FROM build b
  JOIN arch_series a ON a.id = b.arch_series
  JOIN source s ON s.id = b.source
  JOIN archive ar ON ar.id = s.archive
 ORDER BY b.id;
"""


@asynccontextmanager
async def filled(builders: int, waiting: int, queue: Queue) -> AsyncIterator[Pool]:
    """Make a database of a farm, and connect to it as a manager does."""
    database = server().create(empty=False)
    try:
        _fill(database, builders, waiting, queue)
        dsn = connection_dsn(database.owner_dsn, role="fiera", application_name="bench")
        pool = Pool(reactor, dsn, size=CONNECTIONS)
        pool.start()
        await pool.wait_connected()
        try:
            yield pool
        finally:
            await pool.close()
    finally:
        database.drop()


def _fill(database: TestDatabase, builders: int, waiting: int, queue: Queue) -> None:
    values = {
        "builders": builders,
        "waiting": waiting,
        "disabled": queue is Queue.DISABLED,
        "missing": queue is Queue.MISSING,
    }
    connection = psycopg2.connect(database.owner_dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(_FURNITURE)
        cursor.execute(_BUILDERS, values)
        cursor.execute(_WAITING, values)
        # Autovacuum would do so, but the server has none.
        cursor.execute("VACUUM ANALYZE")
    connection.close()
