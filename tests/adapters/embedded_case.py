"""A place for a PostgreSQL of the manager's own."""

import os
import shutil
import subprocess
import sys
from typing import Any

import psycopg2
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.cluster import Cluster
from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
from buildd_manager.domain.errors import StartError
from buildd_manager.testing.postgres import throw_away_directory
from tests.adapters.patience import failing


def run_python(script: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start ``script``, which says a line when it is ready."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


class EmbeddedTestCase(TestCase):
    """
    Has a directory for PostgreSQL.

    :ivar place: Does not exist yet.
    """

    timeout = 120

    def setUp(self) -> None:
        parent = throw_away_directory()
        self.addCleanup(shutil.rmtree, parent)
        parent.chmod(0o711)
        self.place = parent / "postgres"
        self.ended: list[str] = []

    @property
    def cluster(self) -> Cluster:
        """What is in the directory."""
        return Cluster(self.place, account(None))

    def postgres(self, **options: Any) -> EmbeddedPostgres:
        """Make one, which is stopped at the end."""
        made = EmbeddedPostgres(
            reactor, self.place, on_exit=self.ended.append, **options
        )
        self.addCleanup(made.stop)
        return made

    async def started(self, **options: Any) -> EmbeddedPostgres:
        """Make one, and start it."""
        made = self.postgres(**options)
        await made.start()
        return made

    async def made_before(self) -> None:
        """Let one have been there, and have left data behind."""
        before = await self.started()
        say(before.owner_dsn, "CREATE TABLE t AS SELECT 42")
        await before.stop()

    async def assert_works(self, made: EmbeddedPostgres) -> None:
        """The data of :meth:`made_before` are there."""
        self.assertEqual(say(made.owner_dsn, "TABLE t"), [(42,)])

    async def refusal(self, **options: Any) -> str:
        """Tell why it does not start."""
        error = await failing(self.postgres(**options).start(), StartError)
        return str(error)


def say(dsn: str, sql: str) -> list[Any]:
    """Say something to a database."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def socket_directory(made: EmbeddedPostgres) -> str:
    """Tell where the socket is."""
    return str(psycopg2.extensions.parse_dsn(made.owner_dsn)["host"])
