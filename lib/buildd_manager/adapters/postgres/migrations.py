"""Bring a database up to the tables that this program knows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.dsn import parsed_dsn
from buildd_manager.adapters.postgres.faults import in_words
from buildd_manager.adapters.postgres.schema_files import Migration, read
from buildd_manager.domain.errors import StartError


#: The advisory lock of those who migrate; any number will do that others do not take.
LOCK = 0x6275696C64646D00

_CREATE = """
CREATE TABLE IF NOT EXISTS schema_migration (
  version int PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""

_DONE = "SELECT version, name, sha256 FROM schema_migration ORDER BY version"

_REMEMBER = "INSERT INTO schema_migration (version, name, sha256) VALUES (%s, %s, %s)"


def migrate(dsn: str, directory: Path, *, wait: float = 60.0) -> list[str]:
    """
    Do what has not been done of ``directory``, and tell the names of those files.

    Blocks. Several may do so at once: one works, the others wait for it. The lock is
    the session's, so it ends with whoever holds it; it does not go through a pooler
    that gives transactions of one client to several sessions.

    :param dsn: libpq's words for the database. If nothing is left to be done, it may
        be somebody who can change no tables.
    :param directory: Files ``NNNN_name.sql``, numbered from 1. One that begins with
        ``-- no-transaction`` has a single statement, which can be repeated.
    :param wait: Seconds to wait for others.
    :raises StartError: If a file or the database is not as it must be.
    """
    migrations = read(directory)
    with _connected(dsn) as cursor:
        _lock(cursor, wait)
        done = _done(cursor)
        if newer := [name for version, name, _ in done if version > len(migrations)]:
            raise StartError(
                f"the database is newer than this program: it has {', '.join(newer)};"
                " install the version that it was last used with, or a later one"
            )
        for (_, _, sha256), migration in zip(done, migrations, strict=False):
            _must_be(migration, sha256, directory)
        left = migrations[len(done) :]
        for migration in left:
            _apply(cursor, migration, directory)
        return [migration.name for migration in left]


@contextmanager
def _connected(dsn: str) -> Iterator[Any]:
    """Give a cursor; errors of the database that are not ours yet become ours."""
    patient = {"connect_timeout": "10", "fallback_application_name": "buildd-manager"}
    try:
        connection = psycopg2.connect(make_dsn(**{**patient, **parsed_dsn(dsn)}))
    except psycopg2.Error as error:
        raise StartError(
            f"the database cannot be reached: {in_words(error)};"
            " see whether it runs, and whether its address is right"
        ) from error
    connection.autocommit = True
    try:
        yield connection.cursor()
    except psycopg2.Error as error:
        raise StartError(
            f"the database cannot be brought up to date: {in_words(error)};"
            " see to it that the owner of its tables connects"
        ) from error
    finally:
        connection.close()


def _lock(cursor: Any, wait: float) -> None:
    cursor.execute("SET statement_timeout = 0")
    cursor.execute("SET idle_in_transaction_session_timeout = 0")
    cursor.execute("SET lock_timeout = %s", (max(1, int(wait * 1000)),))
    try:
        cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    except psycopg2.errors.LockNotAvailable as error:
        raise StartError(
            f"another manager has been changing the database for {wait:g} s;"
            " wait for it, or end it"
        ) from error
    # Those who use the tables shall not have to wait behind one who waits for them.
    cursor.execute("SET lock_timeout = '5s'")


def _done(cursor: Any) -> Sequence[tuple[int, str, str]]:
    cursor.execute("SELECT to_regclass('schema_migration') IS NULL")
    if cursor.fetchone()[0]:
        cursor.execute(_CREATE)
    cursor.execute(_DONE)
    done: Sequence[tuple[int, str, str]] = cursor.fetchall()
    return done


def _must_be(migration: Migration, sha256: str, directory: Path) -> None:
    if migration.sha256 != sha256:
        raise StartError(
            f"{directory / migration.name} is not what was done to the database;"
            " put the file back as it was, and say the rest in a new one"
        )


def _apply(cursor: Any, migration: Migration, directory: Path) -> None:
    remembered = (migration.version, migration.name, migration.sha256)
    try:
        if not migration.alone:
            cursor.execute("BEGIN")
        cursor.execute(migration.content)
        cursor.execute(_REMEMBER, remembered)
        if not migration.alone:
            cursor.execute("COMMIT")
    except psycopg2.Error as error:
        # What was begun ends with the session.
        raise StartError(
            f"{directory / migration.name} failed{_where(error, migration)}:"
            f" {in_words(error)}; mend what it says, and start again"
        ) from error


def _where(error: psycopg2.Error, migration: Migration) -> str:
    """Name the line, if the error is about one."""
    if error.diag.statement_position is None:
        return ""
    before = migration.content.decode()[: int(error.diag.statement_position)]
    return f" in line {before.count(chr(10)) + 1}"
