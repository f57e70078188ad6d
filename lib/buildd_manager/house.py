"""Put the house together: the only module that knows every other one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from secrets import token_hex
from socket import gethostname
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.server import Site

from buildd_manager import __version__
from buildd_manager.adapters.commands import Commands
from buildd_manager.adapters.librarian.disk import DiskLibrarian
from buildd_manager.adapters.librarian.serving import Files
from buildd_manager.adapters.listening import Listener, dated_line
from buildd_manager.adapters.postgres.database import Addresses, Database
from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
from buildd_manager.adapters.postgres.store import postgres_store
from buildd_manager.adapters.resetting import NoReset, ResetCommand
from buildd_manager.adapters.state import StateDirectory
from buildd_manager.adapters.threads import Threads
from buildd_manager.adapters.uploading import DirectoryUploader
from buildd_manager.adapters.worker.workers import LaunchpadBuilddWorkers, Timeouts
from buildd_manager.api.site import make_site
from buildd_manager.config import Settings
from buildd_manager.ports import (
    ILibrarian,
    IResetter,
    IUploader,
    IWorkerFactory,
    Store,
)
from buildd_manager.services.keeping import Limits
from buildd_manager.services.leases import register
from buildd_manager.services.sequence import InOrder, Part
from buildd_manager.services.works import Pace, Works, World


@frozen(kw_only=True)
class Ports:
    """
    What the one who embeds a manager provides instead of us; all may be left out.

    :ivar store: Then no database is started or connected to.
    :ivar librarian: Then no files are served over HTTP by us.
    """

    store: Store | None = None
    librarian: ILibrarian | None = None
    workers: IWorkerFactory | None = None
    uploader: IUploader | None = None
    resetter: IResetter | None = None


def manager_service(
    reactor: Any,
    settings: Settings,
    ports: Ports = Ports(),
    failed: Callable[[Failure], object] | None = None,
) -> InOrder:
    """
    Make a manager, to be added to any Twisted application.

    It does nothing before ``startService``, not even open a file, so it may be made
    before a process becomes a daemon. ``when_ready()`` fires once it works, or fails
    with what keeps it from working.

    :param reactor: The reactor that runs.
    :param ports: What to use instead of our own.
    :param failed: Called with the same failure, for those who do not wait.
    """
    return InOrder("buildd-manager", _House(reactor, settings, ports).parts, failed)


def one_pass(
    reactor: Any, settings: Settings, ports: Ports = Ports()
) -> Deferred[None]:
    """
    Make a manager, let it go over its farm once, and take it down again.

    It fires when all that has ended, or fails with what has kept it from that. Nobody
    but the workers is served meanwhile: there is no HTTP interface.
    """
    house = _House(reactor, settings, ports, once=True)
    manager = InOrder("one pass", house.parts)

    async def run() -> None:
        manager.startService()
        try:
            await manager.when_ready()
        finally:
            await manager.stopService()

    return Deferred.fromCoroutine(run())


@frozen
class _House:
    """Makes each part of a manager when those that it stands on have started."""

    _reactor: Any
    _settings: Settings
    _ports: Ports
    _once: bool = False

    def parts(self) -> Iterator[Part]:
        """Make all parts, in the order in which they need each other."""
        state = StateDirectory(self._settings.state)
        yield Part("state directory", state.open, state.close)
        store = self._ports.store
        if store is None:
            database = self._database()
            yield Part("database", database.start, database.stop)
            store = postgres_store(database.pool)
        librarian = self._ports.librarian
        if librarian is None:
            disk, listener = self._librarian(store)
            yield Part("librarian's disk", disk.prepare)
            yield Part("librarian", listener.start, listener.stop)
            librarian = disk
        if self._ports.uploader is None:
            yield Part("landing place", self._uploader(librarian).prepare)
        yield from self._work(state, store, librarian)

    def _work(
        self, state: StateDirectory, store: Store, librarian: ILibrarian
    ) -> Iterator[Part]:
        manager, name = state.identity(), self._settings.manager.name or gethostname()
        yield Part(
            "registration", lambda: register(store.builds, manager, name, __version__)
        )
        works = Works(manager, self._world(store, librarian), self._pace())
        dependencies = Part(
            "dependencies", works.dep_waits.startService, works.dep_waits.stopService
        )
        if self._once:
            yield from (dependencies, Part("pass", works.passes.run))
            return
        yield Part("log tails", works.tails.startService, works.tails.stopService)
        yield Part("uploads", works.uploads.startService, works.uploads.stopService)
        yield Part("farm", works.farm.startService, works.farm.stopService)
        yield dependencies
        yield Part("chroots", works.chroots.startService, works.chroots.stopService)
        api = self._api(state, store, librarian, works)
        yield Part("HTTP interface", api.start, api.stop)
        yield Part("announcement", lambda: state.announce(api.url))

    def _world(self, store: Store, librarian: ILibrarian) -> World:
        ports = self._ports
        return World(
            store=store,
            librarian=librarian,
            workers=ports.workers or self._workers(),
            uploader=ports.uploader or self._uploader(librarian),
            resetter=ports.resetter or self._resetter(),
            clock=self._reactor,
            random=Random(),  # noqa: S311 - spreads the load, guards nothing
            nonce=lambda: token_hex(8),
            build_url=lambda build: f"buildd-manager build {build}",
        )

    def _pace(self) -> Pace:
        scan, worker = self._settings.scan, self._settings.worker
        limits = self._settings.limits
        return Pace(
            interval=scan.interval,
            lease_time=scan.lease_time,
            call=max(worker.call, worker.call_virtual),
            dep_waits=scan.dep_waits,
            limits=Limits(log=limits.log, file=limits.file, build=limits.build),
            policy=self._settings.judgement.policy(),
        )

    def _database(self) -> Database:
        options = self._settings.database
        addresses = None
        if options.dsn:
            owner = options.owner_dsn or options.dsn
            addresses = Addresses(runtime=options.dsn, owner=owner)
        bindir = Path(options.bindir) if options.bindir else None
        place = self._settings.state / "postgres"
        return Database(
            self._reactor,
            Threads(self._reactor),
            addresses=addresses,
            embedded=EmbeddedPostgres(self._reactor, place, bindir=bindir),
            connections=options.connections,
            statement_timeout=options.statement_timeout,
        )

    def _librarian(self, store: Store) -> tuple[DiskLibrarian, Listener]:
        options = self._settings.librarian
        librarian = DiskLibrarian(
            self._settings.state / "librarian",
            store.files,
            Threads(self._reactor),
            lambda: options.url.rstrip("/") or listener.url,
        )
        site = Site(Files(store.files, librarian), logFormatter=dated_line)
        listener = Listener(self._reactor, options.listen, "librarian.listen", site)
        return librarian, listener

    def _uploader(self, librarian: ILibrarian) -> DirectoryUploader:
        options = self._settings.uploader
        return DirectoryUploader(
            self._settings.state,
            librarian,
            options.command,
            Commands(self._reactor, self._reactor),
            options.deadline,
            Threads(self._reactor),
        )

    def _resetter(self) -> IResetter:
        options = self._settings.reset
        if not options.command:
            return NoReset()
        commands = Commands(self._reactor, self._reactor)
        return ResetCommand(options.command, commands, options.deadline)

    def _workers(self) -> IWorkerFactory:
        options = self._settings.worker
        timeouts = Timeouts(
            call=options.call,
            call_virtual=options.call_virtual,
            ensure_present=options.ensure_present,
            idle=options.idle,
            slowest=options.slowest,
            fetch=options.fetch,
        )
        return LaunchpadBuilddWorkers(self._reactor, timeouts)

    def _api(
        self, state: StateDirectory, store: Store, librarian: ILibrarian, works: Works
    ) -> Listener:
        site = make_site(
            store,
            librarian,
            state.token(),
            self._reactor,
            works.wake,
            self._settings.limits.submission,
            works.dep_waits.wake,
        )
        return Listener(self._reactor, self._settings.api.listen, "api.listen", site)
