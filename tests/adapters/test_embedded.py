"""The manager's own PostgreSQL starts, or says why it does not."""

from pathlib import Path

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet.defer import gatherResults

from buildd_manager.adapters.postgres.binaries import copy_wheel
from buildd_manager.domain.errors import StartError
from tests.adapters.embedded_case import EmbeddedTestCase, say, socket_directory
from tests.adapters.patience import pause


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
        self.assertIn(str(self.place), socket_directory(made))
        say(made.runtime_dsn, "SELECT 1")

    async def test_long_path(self) -> None:
        """A path that is too long for a socket has the socket elsewhere, meanwhile."""
        self.place = self.place / ("long" * 30)
        made = await self.started()
        say(made.runtime_dsn, "SELECT 1")
        socket = Path(socket_directory(made))
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
