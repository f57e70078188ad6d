"""A manager in somebody else's application."""

import shutil

from twisted.internet import reactor
from twisted.web.server import Site
from twisted.web.static import Data

from buildd_manager.adapters.listening import Listener
from buildd_manager.adapters.state import StateDirectory
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.catalogue import NewBuilder, NewSeries
from buildd_manager.domain.errors import StartError
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.sources import Source
from buildd_manager.house import Ports, manager_service, one_pass
from buildd_manager.ports import Store
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_plans import Plan
from buildd_manager.testing.buildd_worker import SimulatedFarm, fetch_from
from buildd_manager.testing.librarian import MemoryLibrarian
from buildd_manager.testing.postgres import PostgresMixin, throw_away_directory
from buildd_manager.testing.programs import MemoryResetter, MemoryUploader
from buildd_manager.testing.store import memory_store
from tests.adapters.patience import failing, pause, until
from tests.house_case import ANYWHERE, HouseCase, ask, traces


class PortsCase(HouseCase):
    """Ports that are all somebody else's."""

    def setUp(self) -> None:
        super().setUp()
        self.store = memory_store(reactor)
        self.librarian = MemoryLibrarian(self.store.files)
        self.farm = SimulatedFarm(
            lambda: SimulatedBuildd(
                reactor,
                lambda _: Plan(seconds=0.1),
                fetch_from(self.librarian, self.store.files),
            )
        )
        self.uploader, self.resetter = MemoryUploader(), MemoryResetter()
        self.ports = Ports(
            store=self.store,
            librarian=self.librarian,
            workers=self.farm,
            uploader=self.uploader,
            resetter=self.resetter,
        )


class PortsTests(PortsCase):
    """A manager whose every port is somebody else's."""

    async def test_nothing_yet(self) -> None:
        """Before it is started there is no file, no socket, no child, no call."""
        await self.embed()
        self.assertEqual(traces(), self.before)
        self.assertFalse(self.state.exists())
        await self.stop()

    async def test_build(self) -> None:
        """A build goes through every port, and through nothing of ours."""
        await self.run_manager(self.ports)
        build = await submit(self.store, self.librarian)
        await until(lambda: self.uploader.uploaded)
        await pause(0)  # that is recorded after it has happened
        detail = await self.store.queue.find_build(build)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        self.assertIn("bob", self.resetter.resets)
        self.assertEqual(len(self.farm.buildd_at("http://bob.invalid").begun), 1)
        landed = ["hello_1_amd64.changes", "hello_1_amd64.deb"]
        (files,) = self.uploader.landed.values()
        self.assertEqual([file.name for file in files], landed)
        self.assertEqual([one.build for one in self.uploader.uploaded], [build])
        self.assertEqual([file.name for file in detail.files], landed)
        assert detail.log is not None
        self.assertIn(detail.log.sha256, self.librarian.contents)
        self.assertEqual(
            [one["name"] for one in await ask(self.state, "builders")], ["bob"]
        )
        self.assertEqual(
            {path.name for path in self.state.iterdir()},
            {"lock", "manager-id", "api.token", "api.json"},
        )
        await self.stop()
        await self.assert_nothing_left()

    async def test_two(self) -> None:
        """A second manager has a name and a place of its own."""
        first = await self.run_manager(self.ports)
        second = {"manager": {"state": f"{self.state}-2"}}
        other = manager_service(reactor, self.settings(**second), self.ports)
        other.setName("the other one")
        other.setServiceParent(self.application)
        await other.when_ready()
        self.assertIs(self.application.getServiceNamed("buildd-manager"), first)
        await self.stop()
        await self.assert_nothing_left()

    async def test_again(self) -> None:
        """Stopped and started again, it is the same manager."""
        manager = await self.run_manager(self.ports)
        first = (self.state / "manager-id").read_text()
        await self.stop()
        self.application.startService()
        await manager.when_ready()
        self.assertEqual(await ask(self.state, "builders"), [])
        self.assertEqual((self.state / "manager-id").read_text(), first)


class OnePassTests(PortsCase):
    """A manager that goes over its farm once, each time that somebody says so."""

    async def run_pass(self) -> None:
        await pause(0)
        before = traces()
        await one_pass(reactor, self.settings(), self.ports)
        self.assertEqual(traces(), before)

    async def test_build(self) -> None:
        """What one pass dispatches, another one collects; nothing runs in between."""
        build = await submit(self.store, self.librarian)
        await self.run_pass()
        detail = await self.store.queue.find_build(build)
        self.assertIs(detail.summary.state, BuildState.BUILDING)
        await pause(0.1)
        await self.run_pass()
        detail = await self.store.queue.find_build(build)
        self.assertIs(detail.summary.state, BuildState.FULLY_BUILT)
        self.assertEqual([one.build for one in self.uploader.uploaded], [build])
        self.assertFalse((self.state / "api.json").exists())

    async def test_database_away(self) -> None:
        """It fails with what has kept it from its work, and leaves nothing behind."""
        await pause(0)
        before = traces()
        dsn = {"database": {"dsn": "host=127.0.0.1 port=9"}}
        await failing(one_pass(reactor, self.settings(**dsn)), StartError)
        self.assertEqual(traces(), before)


class DatabaseTests(PostgresMixin, HouseCase):
    """A manager with a database elsewhere."""

    empty = True

    async def test_dsn(self) -> None:
        """It makes its tables there, works, and lets go of the database."""
        await self.run_manager(database={"dsn": self.database.owner_dsn})
        self.assertEqual(await ask(self.state, "builds"), [])
        await self.stop()
        await self.assert_nothing_left()

    async def test_earlier_life(self) -> None:
        """What an earlier life has left half-done is cleared away. Case 52."""
        left = [self.state / "landing/7/a.deb", self.state / "librarian/incoming/x"]
        for path in left:
            path.parent.mkdir(parents=True)
            path.write_bytes(b"half")
        await self.run_manager(database={"dsn": self.database.owner_dsn})
        self.assertEqual([path for path in left if path.exists()], [])
        await self.stop()


class EmbeddedTests(HouseCase):
    """A manager with a database of its own."""

    def setUp(self) -> None:
        super().setUp()
        place = throw_away_directory()
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o711)
        self.state = place / "state"

    async def test_all_of_it(self) -> None:
        """It starts its database, works, and takes everything with it."""
        await self.run_manager()
        self.assertEqual(await ask(self.state, "builds"), [])
        postmaster = (self.state / "postgres/data/postmaster.pid").read_text().split()
        self.assertIn(postmaster[0], traces())
        await self.stop()
        await self.assert_nothing_left()

    async def test_stopped_while_starting(self) -> None:
        """Stopped before it works, it says so, and takes everything with it."""
        manager = await self.embed()
        self.application.startService()
        await pause(0.2)
        self.assertNotEqual(traces(), self.before)
        await self.stop()
        await failing(manager.when_ready(), StartError)
        await self.assert_nothing_left()
        self.assertEqual(self.failures, [])


class RefusalTests(HouseCase):
    """A manager that cannot start."""

    def setUp(self) -> None:
        super().setUp()
        self.ports = Ports(store=memory_store(reactor))

    async def test_dsn(self) -> None:
        """
        A database that cannot be had is told, without its password.

        Bad input C3.
        """
        for dsn in (
            "host=/nonexistent dbname=x password=hunter2",
            "host=127.0.0.1 port=9 password=hunter2",
            "postgresql://x:hunter2@127.0.0.1:9/x",
            "hunter2",
        ):
            self.failures.clear()
            why = await self.refusal(database={"dsn": dsn})
            self.assertIn("database", why)
            self.assertNotIn("hunter2", why)

    async def test_port(self) -> None:
        """A port that is in use is told, with the option to change."""
        there = Listener(reactor, ANYWHERE, "x", Site(Data(b"", "text/plain")))
        await there.start()
        self.addCleanup(there.stop)
        place = f"tcp:{there.url.rpartition(':')[2]}:interface=127.0.0.1"
        for section in ("api", "librarian"):
            self.failures.clear()
            why = await self.refusal(self.ports, **{section: {"listen": place}})
            self.assertIn(f"{section}.listen = {place}", why)

    async def test_no_endpoint(self) -> None:
        """So is what is no place at all."""
        for place in ("tcp:x", "nowhere:1", "", "tcp:1:interface=nowhere.invalid"):
            self.failures.clear()
            why = await self.refusal(self.ports, api={"listen": place})
            self.assertIn(f"api.listen = {place}", why)

    async def test_state(self) -> None:
        """A state directory that another manager has is told, and left alone."""
        other = StateDirectory(self.state)
        other.open()
        self.addCleanup(other.close)
        other.announce("http://127.0.0.1:1")
        self.assertIn(str(self.state), await self.refusal(self.ports))
        self.assertTrue((self.state / "api.json").exists())


async def submit(store: Store, librarian: MemoryLibrarian) -> int:
    """Add a virtual builder, and something for it to build."""
    files = []
    for name in ("chroot.tar.gz", "hello_1.dsc"):
        incoming = librarian.receive()
        await incoming.write(name.encode())
        files.append(await incoming.keep(name, "x/y"))
    await store.catalogue.add_series(NewSeries(name="trixie"))
    await store.catalogue.add_architecture("trixie", "amd64")
    await store.catalogue.set_chroot("trixie", "amd64", files[0])
    await store.catalogue.add_builder(
        NewBuilder(
            name="bob",
            url="http://bob.invalid",
            architectures=("amd64",),
            virtualized=True,
            vm_host="host",
        )
    )
    source = Source(name="hello", version="1", hints=("any",), files=())
    submission = Submission(
        source=source,
        archive="debian",
        series="trixie",
        component="main",
        builds=(NewBuild(architecture="amd64", virtualized=True),),
        files=(files[1],),
        score=0,
    )
    (build,) = await store.queue.submit(submission)
    return build.id
