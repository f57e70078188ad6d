"""The database is brought to the tables that the program knows, once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.adapters.postgres.database import schema_directory
from buildd_manager.adapters.postgres.migrations import LOCK, migrate
from buildd_manager.domain.errors import StartError
from buildd_manager.testing.postgres import PostgresMixin, server


class MigrationTestCase(PostgresMixin, SynchronousTestCase):
    """Has an empty database, and a directory with two migrations."""

    empty = True

    def setUp(self) -> None:
        super().setUp()
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.put("0001_first.sql", "CREATE TABLE a (n int); INSERT INTO a VALUES (1);")
        self.put("0002_second.sql", "INSERT INTO a SELECT n + 1 FROM a; SELECT 5 % 3;")

    def put(self, name: str, sql: str) -> None:
        """Write a migration."""
        (self.directory / name).write_text(sql, encoding="utf-8")

    def migrate(self, **options: Any) -> list[str]:
        """Migrate."""
        return migrate(self.database.owner_dsn, self.directory, **options)

    def refusal(self, **options: Any) -> str:
        """Tell why it is refused to migrate."""
        with self.assertRaises(StartError) as caught:
            self.migrate(**options)
        return str(caught.exception)

    def say(self, sql: str) -> list[Any]:
        """Say something to the database."""
        connection = psycopg2.connect(self.database.owner_dsn)
        connection.autocommit = True
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


class MigrateTests(MigrationTestCase):
    """What has not been done is done, in order."""

    def test_all(self) -> None:
        """An empty database gets everything, and remembers it."""
        self.assertEqual(self.migrate(), ["0001_first.sql", "0002_second.sql"])
        self.assertEqual(self.say("SELECT n FROM a ORDER BY n"), [(1,), (2,)])
        self.assertEqual(
            self.say("SELECT version, name FROM schema_migration ORDER BY version"),
            [(1, "0001_first.sql"), (2, "0002_second.sql")],
        )

    def test_again(self) -> None:
        """What has been done is not done again."""
        self.migrate()
        self.assertEqual(self.migrate(), [])

    def test_later(self) -> None:
        """A migration that has come since is done."""
        self.migrate()
        self.put("0003_third.sql", "DROP TABLE a")
        self.assertEqual(self.migrate(), ["0003_third.sql"])

    def test_racing(self) -> None:
        """Of four that start at once, one does everything and three do nothing."""
        self.put("0003_third.sql", "SELECT pg_sleep(0.1)")
        with ThreadPoolExecutor(4) as threads:
            racing = [threads.submit(self.migrate) for _ in range(4)]
        done = sorted(len(one.result()) for one in racing)
        self.assertEqual(done, [0, 0, 0, 3])
        self.assertEqual(self.say("SELECT count(*) FROM a"), [(2,)])

    def test_alone(self) -> None:
        """A file may ask to be no part of a transaction, and gets none."""
        index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a (n)"
        self.put("0003_index.sql", f"-- no-transaction\n{index}")
        self.assertIn("0003_index.sql", self.migrate())
        self.assertEqual(self.say("SELECT to_regclass('i') IS NULL"), [(False,)])

    def test_not_alone(self) -> None:
        """Without asking for it, it is part of one, and all of it is undone."""
        self.put("0003_bad.sql", "CREATE TABLE b (n int);\nSELECT 1;\nSELECT oops;")
        refusal = self.refusal()
        self.assertIn("0003_bad.sql failed in line 3:", refusal)
        self.assertIn('column "oops" does not exist (42703)', refusal)
        self.assertEqual(self.say("SELECT to_regclass('b') IS NULL"), [(True,)])
        self.put("0003_bad.sql", "CREATE TABLE b (n int)")
        self.assertEqual(self.migrate(), ["0003_bad.sql"])

    def test_operators_timeout(self) -> None:
        """A limit that the operator has set for statements is not for migrations."""
        self.put("0003_slow.sql", "SELECT pg_sleep(0.1)")
        hurried = make_dsn(self.database.owner_dsn, options="-c statement_timeout=50")
        self.assertEqual(len(migrate(hurried, self.directory)), 3)

    def test_nothing_to_do(self) -> None:
        """Somebody who can change nothing may start with what is up to date."""
        self.migrate()
        self.say("GRANT SELECT ON schema_migration TO fiera")
        self.assertEqual(migrate(self.database.runtime_dsn, self.directory), [])


class RefusalTests(MigrationTestCase):
    """What does not fit together is not forced."""

    def test_newer(self) -> None:
        """
        A database that knows more than the program is left alone.

        Bad input C3.
        """
        self.put("0003_third.sql", "SELECT 1")
        self.migrate()
        (self.directory / "0003_third.sql").unlink()
        self.assertIn("newer than this program: it has 0003_third.sql", self.refusal())

    def test_changed(self) -> None:
        """A file that is not what was done is named."""
        self.migrate()
        self.put("0002_second.sql", "SELECT 1")
        self.assertIn("0002_second.sql is not what was done", self.refusal())

    def test_gap(self) -> None:
        """Numbers go from 0001 without gaps."""
        self.put("0004_fourth.sql", "SELECT 1")
        self.assertIn("0004_fourth.sql comes where number 0003", self.refusal())

    def test_twice_the_same_number(self) -> None:
        """No number is given twice, as happens when branches meet."""
        self.put("0002_other.sql", "SELECT 1")
        self.assertIn("0002_second.sql comes where number 0003", self.refusal())

    def test_name(self) -> None:
        """A file that is named otherwise is not passed over."""
        self.put("2_second.sql", "SELECT 1")
        self.assertIn("2_second.sql is not named NNNN_name.sql", self.refusal())

    def test_no_directory(self) -> None:
        """A program without its migrations does not take the database for newer."""
        self.directory = self.directory / "none"
        self.assertIn("is missing; install the program again", self.refusal())

    def test_locked(self) -> None:
        """Who waits too long for another manager is told so."""
        other = psycopg2.connect(self.database.owner_dsn)
        self.addCleanup(other.close)
        other.cursor().execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        self.assertIn("another manager", self.refusal(wait=0.05))

    def test_not_the_owner(self) -> None:
        """Who may not change tables is told to be somebody else."""
        with self.assertRaises(StartError) as caught:
            migrate(self.database.runtime_dsn, self.directory)
        self.assertIn("permission denied", str(caught.exception))

    def test_no_database(self) -> None:
        """A database that is not there is told so."""
        with self.assertRaises(StartError) as caught:
            migrate(server().dsn("buildd", "nowhere"), self.directory)
        self.assertIn('database "nowhere" does not exist', str(caught.exception))


class ProductTests(PostgresMixin, SynchronousTestCase):
    """The product's own migrations."""

    def test_complete(self) -> None:
        """A database with all of them needs nothing more."""
        self.assertEqual(migrate(self.database.owner_dsn, schema_directory()), [])

    def test_runtime(self) -> None:
        """The running manager may look at what was done, and may start with it."""
        self.assertEqual(migrate(self.database.runtime_dsn, schema_directory()), [])
