"""The tables."""

import psycopg2
from twisted.trial.unittest import SynchronousTestCase

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.audit import Kind
from buildd_manager.domain.builders import CleanState, ResetProtocol
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.pockets import Pocket, chroot_order
from buildd_manager.domain.scores import Urgency
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.testing.postgres import PostgresMixin


class SchemaTests(PostgresMixin, SynchronousTestCase):
    """The tables, and what the domain says of the same things."""

    def said_as(self, dsn: str, sql: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(dsn)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def test_least_privilege(self) -> None:
        """Fiera can alter nothing, and cannot change what was audited."""
        for sql in (
            "DROP TABLE build",
            "ALTER TABLE build ADD COLUMN x int",
            "CREATE TABLE x (i int)",
            "TRUNCATE build_queue",
            "DELETE FROM build",
            "DELETE FROM result",
            "UPDATE result SET verdict = 'x'",
            "UPDATE audit SET what = 'x'",
            "DELETE FROM audit",
            "TRUNCATE audit",
            "UPDATE chroot_order SET position = 1",
            "DROP INDEX one_live_attempt_per_build",
            "CREATE ROLE x",
            "ALTER ROLE fiera SUPERUSER",
            "COPY build TO PROGRAM 'cat'",
        ):
            with self.assertRaises(psycopg2.errors.InsufficientPrivilege, msg=sql):
                self.said_as(self.database.runtime_dsn, sql)

    def test_same_words(self) -> None:
        """The database knows just the words that the domain knows."""
        for table, column, states in (
            ("build", "state", BuildState),
            ("attempt", "state", AttemptState),
            ("builder", "clean", CleanState),
            ("builder", "reset_protocol", ResetProtocol),
            ("archive", "purpose", Purpose),
            ("series", "status", SeriesStatus),
            ("source", "pocket", Pocket),
            ("source", "urgency", Urgency),
            ("pocket_chroot", "pocket", Pocket),
            ("binary_package", "pocket", Pocket),
            ("audit", "kind", Kind),
        ):
            ((check,),) = self.said_as(
                self.database.owner_dsn,
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                f" WHERE conname = '{table}_{column}_check'",
            )
            words = set(str(check).split("'")[1::2])
            self.assertEqual(words, {state.value for state in states}, table)

    def test_chroot_order(self) -> None:
        """Chroots are looked for in the order that the domain says."""
        rows = self.said_as(
            self.database.owner_dsn,
            "SELECT pocket, array_agg(looked_in ORDER BY position) FROM chroot_order"
            " GROUP BY pocket",
        )
        order = {p.value: [one.value for one in chroot_order(p)] for p in Pocket}
        self.assertEqual({str(pocket): looked for pocket, looked in rows}, order)

    def test_live_attempts(self) -> None:
        """Which attempts are live is said in the indexes as in the domain."""
        rows = self.said_as(
            self.database.owner_dsn,
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'one_live_%'",
        )
        self.assertEqual(len(rows), 2)
        for (index,) in rows:
            self.assertIn("UNIQUE", str(index))
            words = set(str(index).split("'")[1::2])
            self.assertEqual(words, {"claimed", "running", "gathering"})
