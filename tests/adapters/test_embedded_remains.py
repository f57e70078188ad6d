"""Whatever a manager has left behind, the next one starts."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg2
from psycopg2.extensions import make_dsn

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.binaries import bindirs
from buildd_manager.adapters.postgres.child import command
from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
from tests.adapters.embedded_case import (
    EmbeddedTestCase,
    run_python,
    say,
)
from tests.adapters.patience import until


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
