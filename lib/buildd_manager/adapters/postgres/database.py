"""A PostgreSQL to work on: the operator's, or one of our own."""

from importlib.resources import files
from pathlib import Path

from attrs import frozen
from twisted.internet.defer import Deferred

from buildd_manager.adapters.postgres.embedded import EmbeddedPostgres
from buildd_manager.adapters.postgres.migrations import migrate
from buildd_manager.adapters.postgres.pool import Pool, connection_dsn
from buildd_manager.adapters.threads import Threads


#: The least-privileged role, as which all work is done.
ROLE = "fiera"


def schema_directory() -> Path:
    """Where the numbered migrations are."""
    return Path(str(files("buildd_manager.adapters.postgres") / "schema"))


@frozen(kw_only=True)
class Addresses:
    """
    How to reach the database.

    :ivar runtime: libpq's words, for work; done as :data:`ROLE` whoever connects.
    :ivar owner: The same for whoever may change tables.
    """

    runtime: str
    owner: str


class Database:
    """
    Brings a database up to date and keeps connections to it.

    :param addresses: ``None`` starts a server of our own, ``embedded``.
    """

    def __init__(
        self,
        reactor: object,
        threads: Threads,
        *,
        addresses: Addresses | None,
        embedded: EmbeddedPostgres,
        connections: int,
        statement_timeout: float,
    ) -> None:
        self._reactor = reactor
        self._threads = threads
        self._addresses = addresses
        self._embedded = embedded
        self._connections = connections
        self._statement_timeout = statement_timeout
        self._pool: Pool | None = None

    @property
    def pool(self) -> Pool:
        """The connections; only once it has started."""
        assert self._pool is not None  # noqa: S101 - asked too early otherwise
        return self._pool

    def start(self) -> Deferred[None]:
        """
        Start the server if it is ours, migrate, and connect.

        :raises StartError: If any of it cannot be done.
        """
        return Deferred.fromCoroutine(self._start())

    def stop(self) -> Deferred[None]:
        """Close all connections, then stop the server if it is ours."""
        return Deferred.fromCoroutine(self._stop())

    async def _start(self) -> None:
        addresses = self._addresses
        if addresses is None:
            await self._embedded.start()
            addresses = Addresses(
                runtime=self._embedded.runtime_dsn, owner=self._embedded.owner_dsn
            )
        await self._threads.run(migrate, addresses.owner, schema_directory())
        dsn = connection_dsn(
            addresses.runtime,
            role=ROLE,
            application_name="buildd-manager",
            statement_timeout_ms=int(self._statement_timeout * 1000),
        )
        self._pool = Pool(self._reactor, dsn, size=self._connections)
        self._pool.start()
        await self._pool.wait_connected()

    async def _stop(self) -> None:
        if self._pool is not None:
            await self._pool.close()
        if self._addresses is None:
            await self._embedded.stop()
