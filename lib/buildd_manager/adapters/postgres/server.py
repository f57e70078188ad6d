"""Bring a PostgreSQL server up, whatever its last one has left behind."""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import frozen
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildd_manager.adapters.postgres.cluster import Cluster, unusable
from buildd_manager.adapters.postgres.programs import (
    GOOD_ORDER,
    Program,
    Programs,
    failed,
)
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import StartError


#: Durable, frugal, and silent about errors that we are told of anyway.
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_permissions": "0700",
        "max_connections": "50",
        "shared_buffers": "64MB",
        "max_wal_size": "256MB",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_checkpoints": "off",
        "log_min_messages": "log",
        "log_line_prefix": "",
    }
)

#: Seconds between two looks at a server that comes or goes.
_GLANCE = 0.02

_log = Logger()


@frozen(kw_only=True)
class Server:
    """
    How to bring a server up.

    :ivar patience: Seconds that it may take, which is long after a crash.
    """

    reactor: Any
    threads: Threads
    cluster: Cluster
    programs: Programs
    bindir: Path
    settings: Mapping[str, str]
    patience: float

    async def launch(self) -> Program:
        """
        Start it, and wait until it takes connections.

        :raises StartError: If it does not.
        """
        try:
            return await self._launch()
        except OSError as error:
            raise unusable(self.cluster.place, error) from error

    async def _launch(self) -> Program:
        await self._evict()
        await self.threads.run(self.cluster.forget_postmaster)
        path = self.bindir / "postgres"
        program = self.programs.start(path, self._arguments(), _tell)
        deadline = self.reactor.seconds() + self.patience
        while not await self._is_ready(program):
            if program.ended.called:
                raise failed("our own PostgreSQL", program, "mend what it says:")
            if self.reactor.seconds() > deadline:
                await self.programs.end(program)
                late = f"our own PostgreSQL, after {self.patience:g} s without a word,"
                raise failed(late, program, "see whether the disk works:")
            await deferLater(self.reactor, _GLANCE)
        return program

    async def _is_ready(self, program: Program) -> bool:
        return await self.threads.run(self.cluster.is_ready, program.pid)

    async def _evict(self) -> None:
        """
        Wait until nobody is at work on the data any more.

        Those that are lost their manager; their postmaster may not have noticed, or
        may be gone itself: then they notice that, and end. Only a postmaster is told
        to end in good order: of the others, the checkpointer would take that for the
        order to shut the log down, under those who still write it.
        """
        began = self.reactor.seconds()
        told: set[tuple[int, int]] = set()
        while pids := await self.threads.run(self.cluster.occupants):
            waited = self.reactor.seconds() - began
            if waited > 2 * GOOD_ORDER:
                raise StartError(
                    f"process {pids[0]} is at work on {self.cluster.data}, and does"
                    f" not end; kill -9 {pids[0]}"
                )
            how = signal.SIGINT if waited < GOOD_ORDER else signal.SIGQUIT
            if how is signal.SIGINT:
                pids = await self.threads.run(self.cluster.postmasters)
            for pid in pids:
                if (pid, how) not in told:
                    _log.warn("telling process {pid} of old to end", pid=pid)
                    with suppress(ProcessLookupError):
                        os.kill(pid, how)
                    told.add((pid, how))
            await deferLater(self.reactor, _GLANCE)

    def _arguments(self) -> list[str]:
        hba, ident = self.cluster.authentication
        quoted = str(self.cluster.socket).replace('"', '""')
        options = {
            **SETTINGS,
            **self.settings,
            "unix_socket_directories": f'"{quoted}"',
            "hba_file": str(hba),
            "ident_file": str(ident),
        }
        words = [word for pair in options.items() for word in ("-c", "=".join(pair))]
        return ["-D", str(self.cluster.data), *words]


def _tell(line: str) -> None:
    _log.info("PostgreSQL: {line}", line=line)
