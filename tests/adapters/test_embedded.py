"""The manager's own PostgreSQL starts whatever has happened before."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.trial.unittest import SynchronousTestCase, TestCase

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.binaries import bindirs, copy_wheel
from buildd_manager.adapters.postgres.child import command
from buildd_manager.adapters.postgres.cluster import Cluster
from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
from buildd_manager.domain.errors import StartError
from buildd_manager.testing.postgres import throw_away_directory
from tests.adapters.patience import failing, pause, until


#: Something like a manager: has a PostgreSQL, and says when it runs.
MANAGER = """
import sys
from pathlib import Path
from twisted.internet import reactor
from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
started = EmbeddedPostgres(reactor, Path(sys.argv[1])).start()
started.addBoth(lambda result: print(result, flush=True))
reactor.run()
"""

#: Something like a trial: has a server for tests, and says where.
TRIAL = """
from buildd_manager.testing.postgres import server
print(server()._directory, flush=True)
input()
"""


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


class StartTests(EmbeddedTestCase):
    """It is made once, and started often."""

    async def test_first(self) -> None:
        """The first start makes a database, its owner, and a role that owns nothing."""
        made = await self.started()
        roles = "SELECT rolname, rolsuper, rolcanlogin FROM pg_roles WHERE oid > 16000"
        self.assertEqual(say(made.runtime_dsn, roles), [("fiera", False, True)])
        owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'buildd'"
        self.assertEqual(say(made.runtime_dsn, owner), [("buildd",)])
        self.assertEqual(
            say(made.owner_dsn, "SELECT current_user, current_database()"),
            [("buildd", "buildd")],
        )

    async def test_durable(self) -> None:
        """What is committed survives a power cut."""
        made = await self.started()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.assertEqual(say(made.runtime_dsn, f"SHOW {setting}"), [("on",)])

    async def test_private(self) -> None:
        """Nobody else gets in: over no network, and not by calling himself ours."""
        made = await self.started()
        self.assertEqual(say(made.owner_dsn, "SHOW listen_addresses"), [("",)])
        self.assertEqual(self.cluster.socket.stat().st_mode & 0o777, 0o700)
        stranger = make_dsn(made.owner_dsn, user="somebody")
        with self.assertRaisesRegex(psycopg2.OperationalError, "Peer authentication"):
            psycopg2.connect(stranger)

    async def test_again(self) -> None:
        """What was there when it was stopped is there when it is started again."""
        await self.made_before()
        self.assertEqual(self.cluster.occupants(), [])
        await self.assert_works(await self.started())
        self.assertEqual(self.ended, [])

    async def test_same_object_again(self) -> None:
        """It may be started again after it was stopped."""
        made = await self.started()
        await made.stop()
        await made.start()
        say(made.runtime_dsn, "SELECT 1")

    async def test_space(self) -> None:
        """The path may contain spaces and quotes."""
        self.place = self.place / 'it\'s a "place"'
        made = await self.started()
        self.assertIn(str(self.place), psycopg2_host(made))
        say(made.runtime_dsn, "SELECT 1")

    async def test_long_path(self) -> None:
        """A path that is too long for a socket has the socket elsewhere, meanwhile."""
        self.place = self.place / ("long" * 30)
        made = await self.started()
        say(made.runtime_dsn, "SELECT 1")
        socket = Path(psycopg2_host(made))
        self.assertNotIn(self.place, socket.parents)
        await made.stop()
        self.assertFalse(socket.exists())

    async def test_comma(self) -> None:
        """A path with a comma, which libpq takes for a list, likewise."""
        self.place = self.place / "here, there"
        made = await self.started()
        say(made.runtime_dsn, "SELECT 1")

    async def test_copied_programs(self) -> None:
        """The wheel's programs work where they are copied to, once."""
        self.place.mkdir(mode=0o711)
        copied = copy_wheel(self.place)
        before = copied.stat().st_ino
        self.assertEqual(copy_wheel(self.place).stat().st_ino, before)
        made = await self.started(bindir=copied)
        say(made.runtime_dsn, "SELECT 1")


def psycopg2_host(made: EmbeddedPostgres) -> str:
    """Tell where the socket is."""
    return str(psycopg2.extensions.parse_dsn(made.owner_dsn)["host"])


class RefusalTests(EmbeddedTestCase):
    """What cannot work says why, and what to do."""

    async def test_twice(self) -> None:
        """A directory that is in use is not touched."""
        first = await self.started()
        self.assertIn(f"{self.place} is in use", await self.refusal())
        say(first.runtime_dsn, "SELECT 1")
        self.assertEqual(self.ended, [])

    async def test_closed(self) -> None:
        """A directory on the way that PostgreSQL cannot pass is named."""
        parent = self.place.parent
        parent.chmod(0o600)
        self.addCleanup(parent.chmod, 0o700)
        self.assertIn(str(parent), await self.refusal())

    async def test_no_programs(self) -> None:
        """A directory without a server is not taken for one."""
        self.assertIn("Tried: nothing", await self.refusal(bindir=self.place))

    async def test_other_version(self) -> None:
        """Data of another major version are left alone."""
        self.cluster.data.mkdir(parents=True)
        (self.cluster.data / "PG_VERSION").write_text("9\n")
        self.assertIn("there is no PostgreSQL 9 of the data", await self.refusal())

    async def test_nobody(self) -> None:
        """A user that does not exist runs nothing."""
        self.assertIn(
            "nobody_of_this_name", await self.refusal(run_as="nobody_of_this_name")
        )

    async def test_bad_setting(self) -> None:
        """PostgreSQL's last words are repeated; once mended, it starts."""
        refusal = await self.refusal(settings={"work_mem": "many"})
        self.assertIn('invalid value for parameter "work_mem": "many"', refusal)
        await self.started()

    async def test_file_in_the_way(self) -> None:
        """A state directory that is none is named."""
        self.place.write_text("")
        self.assertIn(f"{self.place} cannot be used", await self.refusal())

    async def test_stopped_meanwhile(self) -> None:
        """It can be stopped at any moment of its first start, and started then."""
        for moment in (0.0, 0.1, 0.3, 0.5):
            made = self.postgres()
            starting = made.start()
            await pause(moment)
            stopping = made.stop()
            starting.addErrback(lambda failure: failure.trap(StartError) and None)
            await gatherResults([starting, stopping])
            self.assertEqual(self.cluster.occupants(), [])
        await self.started()


class RemainsTests(EmbeddedTestCase):
    """Whatever a manager has left behind, the next one starts."""

    async def test_killed_initdb(self) -> None:
        """What an initdb that was killed has left is thrown away."""
        self.place.mkdir(mode=0o711)
        (self.cluster.begin() / "PG_VERSION").write_text("18")
        await self.started()

    async def test_no_roles_yet(self) -> None:
        """A first start that was cut short before there were roles is completed."""
        await self.made_before()
        made = await self.started()
        postgres = make_dsn(made.owner_dsn, dbname="postgres")
        say(postgres, "DROP DATABASE buildd")
        say(postgres, "DROP ROLE fiera")
        await made.stop()
        say((await self.started()).runtime_dsn, "SELECT 1")

    async def test_recycled_pid(self) -> None:
        """A pid file that names somebody else by now stops nobody."""
        await self.made_before()
        stranger = self.run_as_postgres("/bin/sleep", "60")
        self.leave_pid_file(f"{stranger.pid}\n{self.cluster.data}\n1\n5432\n\n\n")
        await self.assert_works(await self.started())
        self.assertIsNone(stranger.poll())

    async def test_zombie(self) -> None:
        """A pid file that names a process nobody has buried does not matter."""
        await self.made_before()
        zombie = self.run_as_postgres("/bin/true")
        await until(lambda: " Z " in Path(f"/proc/{zombie.pid}/stat").read_text())
        self.leave_pid_file(f"{zombie.pid}\n{self.cluster.data}\n1\n5432\n\n\n")
        await self.assert_works(await self.started())

    async def test_empty_pid_file(self) -> None:
        """Nor does a pid file that was torn."""
        await self.made_before()
        self.leave_pid_file("")
        await self.assert_works(await self.started())

    async def test_killed_manager(self) -> None:
        """PostgreSQL ends when its manager is killed; the next one starts."""
        await self.made_before()
        await self.killed(lambda manager: manager.kill())
        await until(lambda: not self.cluster.occupants())
        await self.assert_works(await self.started())

    async def test_all_killed(self) -> None:
        """So it does when the postmaster is killed with its manager."""
        await self.made_before()

        def kill_all(manager: "subprocess.Popen[bytes]") -> None:
            first = (self.cluster.data / "postmaster.pid").read_text().split()[0]
            os.kill(int(first), signal.SIGKILL)
            manager.kill()

        await self.killed(kill_all)
        await self.assert_works(await self.started())

    async def test_orphan(self) -> None:
        """A server without a manager is told to end, and makes room."""
        await self.made_before()
        cluster = self.cluster
        where = f"unix_socket_directories={cluster.socket}"
        options = ("-c", where, "-c", "listen_addresses=")
        server = str(next(bindirs(None)) / "postgres")
        orphan = self.run_as_postgres(server, "-D", str(cluster.data), *options)
        await until(lambda: cluster.is_ready(orphan.pid))
        await self.assert_works(await self.started())
        self.assertEqual(orphan.wait(), 0)

    async def test_ended_unasked(self) -> None:
        """It is started again when it ends unasked, which is told."""
        await self.made_before()
        made = await self.started()
        first = (self.cluster.data / "postmaster.pid").read_text().split()[0]
        os.kill(int(first), signal.SIGKILL)
        await until(lambda: self.ended)
        self.assertIn("signal 9", self.ended[0])
        await until(lambda: self.answers(made))
        await self.assert_works(made)

    def answers(self, made: EmbeddedPostgres) -> bool:
        """Tell whether it takes connections."""
        try:
            say(made.owner_dsn, "SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def run_as_postgres(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start something as PostgreSQL's user, and end it at the end."""
        who = account(None)
        started = subprocess.Popen(
            command(who.uid, who.gid, words), stderr=subprocess.DEVNULL, cwd="/"
        )
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        return started

    def leave_pid_file(self, text: str) -> None:
        """Leave what a postmaster of old might have left."""
        path = self.cluster.data / "postmaster.pid"
        path.write_text(text)
        path.chmod(0o600)
        self.cluster.account.own(path)

    async def killed(self, kill: Callable[["subprocess.Popen[bytes]"], None]) -> None:
        """Let a manager start PostgreSQL here, and come to an end."""
        manager = run_python(MANAGER, str(self.place))
        with manager:
            assert manager.stdout is not None
            self.assertEqual(manager.stdout.readline(), b"None\n")
            kill(manager)


class TestServerTests(TestCase):
    """The server for tests goes when the tests do."""

    timeout = 60

    async def test_killed(self) -> None:
        """Even if they are killed, neither processes nor files remain."""
        with run_python(TRIAL) as trial:
            assert trial.stdout is not None
            directory = Path(trial.stdout.readline().decode().strip())
            self.assertTrue((directory / "data").is_dir())
            trial.kill()
        cluster = Cluster(directory, account(None))
        await until(lambda: not directory.exists() and not cluster.occupants())

    async def test_ended(self) -> None:
        """When they end well, all is gone by then."""
        with run_python(TRIAL) as trial:
            assert trial.stdout is not None
            directory = Path(trial.stdout.readline().decode().strip())
            trial.communicate(b"\n")
        self.assertFalse(directory.exists())


class AccountTests(SynchronousTestCase):
    """A user can go where the directories on the way let it."""

    def test_open(self) -> None:
        """Nothing is in the way of the one who runs this."""
        self.assertIsNone(account(None).closed(Path("/usr/bin")))

    def test_closed(self) -> None:
        """The first directory in the way is found."""
        place = Path(self.mktemp()).absolute()
        (place / "below" / "it").mkdir(parents=True)
        (place / "below").chmod(0o600)
        self.addCleanup((place / "below").chmod, 0o700)
        closed = account(None).closed(place / "below" / "it")
        self.assertIn(closed, (place / "below", *place.parents))
