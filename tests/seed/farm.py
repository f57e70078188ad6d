"""A farm for a narrative: a database, a librarian, and workers on the network."""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import cast

import psycopg2
import treq
from twisted.internet import reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase
from twisted.web.server import Site

from buildd_manager.adapters.commands import Commands
from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.librarian.serving import Files
from buildd_manager.adapters.listening import Listener
from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.uploading import DirectoryUploader
from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.domain.catalogue import NewSeries
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import TAG, instructions
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.domain.sources import Source
from buildd_manager.testing.buildd import SimulatedBuildd
from buildd_manager.testing.buildd_resource import Dialect, buildd_site
from buildd_manager.testing.postgres import server
from buildd_manager.testing.strategies import JOB


MANAGER = "00000000-0000-4000-8000-000000000005"

LOOPBACK = "127.0.0.1"


class SeedFarm:
    """
    A farm without series or builders, until its test ends.

    :ivar clock: The manager's, and the workers': it stands still.
    :ivar nonce: What makes a name of a job unlike all others. 2005's had nothing.
    """

    manager = MANAGER

    def __init__(self, test: TestCase, dialect: Dialect) -> None:
        self._test = test
        self._dialect = dialect
        self._threads = Threads(reactor)  # type: ignore[arg-type]
        self._place = Path(test.mktemp()).absolute()
        self._ports: dict[str, IListeningPort] = {}
        self.clock = Clock()
        numbers = count(1)
        names = {
            Dialect.TODAY: lambda: f"{next(numbers):016x}",
            Dialect.IN_2005: lambda: None,
        }
        self.nonce = cast("Callable[[], str]", names[dialect])
        self.workers = LaunchpadBuilddWorkers(reactor, Timeouts())

    async def open(self) -> "SeedFarm":
        """Make the database, connect to it, and serve files."""
        self._database = server().create(empty=False)
        self._test.addCleanup(self._database.drop)
        dsn = connection_dsn(
            self._database.owner_dsn, role="fiera", application_name="test"
        )
        pool = Pool(reactor, dsn)
        self._test.addCleanup(pool.close)
        pool.start()
        await pool.wait_connected()
        self.store = postgres_store(pool)
        await self.store.builds.register(MANAGER, "seed", "2005")
        self.librarian = DiskLibrarian(
            self._place / "librarian",
            self.store.files,
            self._threads,
            lambda: listener.url,
        )
        await self.librarian.prepare()
        site = Site(Files(self.store.files, self.librarian))
        listener = Listener(reactor, f"tcp:0:interface={LOOPBACK}", "listen", site)
        await listener.start()
        self._test.addCleanup(listener.stop)
        return self

    def uploader(self, argv: Sequence[str]) -> DirectoryUploader:
        """Make what runs ``argv`` on the results of a build."""
        commands = Commands(reactor, reactor)
        place, threads = self._place, self._threads
        return DirectoryUploader(place, self.librarian, argv, commands, 60.0, threads)

    # --- what people put into it

    def number_builds_from(self, build: int) -> None:
        """Say which number the next build has; of what has none yet."""
        with psycopg2.connect(self._database.owner_dsn) as connection:
            restart = f"ALTER TABLE build ALTER COLUMN id RESTART WITH {build:d}"
            connection.cursor().execute(restart)
        connection.close()

    async def add_series(
        self, name: str, distribution: str, *architectures: str, chroot: bool = True
    ) -> None:
        """Add a series, with a chroot for each architecture or with none at all."""
        catalogue = self.store.catalogue
        await catalogue.add_series(NewSeries(name=name, distribution=distribution))
        for architecture in architectures:
            await catalogue.add_architecture(name, architecture)
            if chroot:
                await self.set_chroot(name, architecture)

    async def set_chroot(self, series: str, architecture: str) -> None:
        """Give an architecture a chroot: a bogus one, but it will do."""
        file = await self._keep(f"chroot-{series}-{architecture}.tar.gz")
        await self.store.catalogue.set_chroot(series, architecture, file)

    async def submit(
        self,
        name: str,
        series: str = "hoary",
        architecture: str = "i386",
        score: int = 0,
        *,
        empty: bool = False,
    ) -> int:
        """
        Submit a source, to be built once; give the number of the build.

        :param empty: Whether it has no files, as what was submitted in 2005.
        """
        detail = await self.store.catalogue.find_series(series)
        submission = Submission(
            source=Source(name=name, version="1", hints=("any",), files=()),
            archive=detail.distribution,
            series=series,
            component="main",
            builds=(NewBuild(architecture=architecture),),
            files=() if empty else (await self._keep(f"{name}_1.dsc"),),
            score=score,
        )
        (build,) = await self.store.queue.submit(submission)
        return build.id

    async def _keep(self, name: str) -> StoredFile:
        incoming = self.librarian.receive()
        await incoming.write(name.encode())
        return await incoming.keep(name, "application/octet-stream")

    # --- workers

    async def serve(self, buildd: SimulatedBuildd) -> str:
        """Put a worker on the network; give its address."""
        endpoint = TCP4ServerEndpoint(reactor, 0, interface=LOOPBACK)
        port = await endpoint.listen(buildd_site(buildd, self._dialect))
        self._test.addCleanup(port.stopListening)
        url = f"http://{LOOPBACK}:{port.getHost().port}"
        self._ports[url] = port
        return url

    async def cut(self, url: str) -> None:
        """Take the worker at ``url`` from the network."""
        await maybeDeferred(self._ports.pop(url).stopListening)

    def fetch(self, url: str) -> Deferred[bytes]:
        """Get what is at ``url``, as a worker does."""
        return treq.get(url, persistent=False).addCallback(treq.content)

    def busy(self, buildd: SimulatedBuildd, name: str) -> None:
        """Have a worker build what nobody here has given it."""
        chroot, dsc = "a" * 40, "b" * 40
        buildd.cache.update({chroot: b"chroot", dsc: b"dsc"})
        buildd.build(name, TAG, chroot, {"hello_1.dsc": dsc}, instructions(JOB, ""))
