"""Keep a number of connections alive, and lend them one at a time."""

from collections import deque
from contextlib import suppress
from typing import Any, TypeVar

import psycopg2
from attrs import field, frozen
from twisted.internet.defer import (
    CancelledError,
    Deferred,
    fail,
    gatherResults,
    succeed,
)
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.task import deferLater
from twisted.logger import Logger

from buildd_manager.adapters.postgres.connection import Connection
from buildd_manager.adapters.postgres.faults import in_words
from buildd_manager.adapters.postgres.resolving import has_names, resolved
from buildd_manager.adapters.threads import Threads
from buildd_manager.domain.errors import StoreUnavailableError


T = TypeVar("T")

#: Seconds between two attempts to connect: at first, and at most.
_SHORTEST, _LONGEST = 0.05, 2.0

_STOPPING = "the manager is stopping"


@frozen(kw_only=True)
class Terms:
    """
    On what terms connections are kept and lent; times in seconds.

    :ivar dsn: libpq's words for the database.
    :ivar size: How many there are.
    :ivar connect_timeout: How long one attempt to connect may take.
    :ivar acquire_timeout: How long to wait for a connection.
    :ivar max_waiters: How many may wait for one.
    :ivar answer_timeout: How long the server may take over one statement.
    """

    dsn: str = field(repr=False)
    size: int
    connect_timeout: float
    acquire_timeout: float
    max_waiters: int
    answer_timeout: float


class Connections:
    """So many slots, each of which connects again when its connection is lost."""

    _log = Logger()

    def __init__(self, reactor: Any, terms: Terms) -> None:
        self._reactor = reactor
        self._terms = terms
        self._has_names = has_names(terms.dsn)
        self._slots: list[Deferred[None]] = []
        self._pauses: set[Deferred[Any]] = set()
        self._held: set[Connection] = set()
        self._idle: deque[Connection] = deque()
        # A dict keeps their order, and forgets one in the middle at once.
        self._waiters: dict[Deferred[Connection], None] = {}
        self._expecting: dict[Deferred[None], None] = {}
        self._trouble: str | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to connect, and do not stop trying."""
        for _ in range(self._terms.size):
            self._slots.append(Deferred.fromCoroutine(self._keep()))

    def expect(self) -> Deferred[None]:
        """
        Wait until there is a connection.

        :raises StoreUnavailableError: If all is closed before.
        """
        if self._closing:
            return fail(StoreUnavailableError(_STOPPING))
        if any(connection.opened for connection in self._held):
            return succeed(None)
        expected: Deferred[None] = Deferred(self._expecting.pop)
        self._expecting[expected] = None
        return expected

    def acquire(self) -> Deferred[Connection]:
        """
        Borrow a connection on which nothing is under way.

        :raises StoreUnavailableError: If there is none in time, if too many wait
            already, or if all is closed.
        """
        if self._closing:
            return fail(StoreUnavailableError(_STOPPING))
        while self._idle:
            connection = self._idle.pop()
            if connection.usable():
                return succeed(connection)
            connection.drop()
        if len(self._waiters) >= self._terms.max_waiters:
            waiting = f"{len(self._waiters)} wait for the database already"
            return fail(StoreUnavailableError(waiting))
        waiter: Deferred[Connection] = Deferred(self._waiters.pop)
        self._waiters[waiter] = None
        patience = self._terms.acquire_timeout
        return waiter.addTimeout(patience, self._reactor, self._too_late)

    def release(self, connection: Connection) -> None:
        """Give a connection back; it is lent again only if it is as good as new."""
        if connection.usable():
            self._offer(connection)
        else:
            connection.drop()

    def refuse(self) -> None:
        """Lend no more; let those who have borrowed finish."""
        self._closing = True
        for connection in list(self._held):
            if connection in self._idle or not connection.opened:
                connection.drop()
        for pause in list(self._pauses):
            pause.cancel()
        refused: list[Deferred[Any]] = [*self._waiters, *self._expecting]
        self._waiters.clear()
        self._expecting.clear()
        for one in refused:
            one.errback(StoreUnavailableError(_STOPPING))

    def drop_all(self) -> None:
        """Close all connections, those that are lent, too."""
        for connection in list(self._held):
            connection.drop(_STOPPING)

    async def close(self) -> None:
        """Close all that is left."""
        self.refuse()
        self.drop_all()
        await gatherResults(self._slots)

    async def _keep(self) -> None:
        """Have one connection after the other."""
        pause = 0.0
        while not self._closing:
            began = self._reactor.seconds()
            await self._have_one()
            # A connection that lived has earned an immediate successor.
            lived = self._reactor.seconds() - began > _LONGEST
            pause = 0.0 if lived else min(max(2 * pause, _SHORTEST), _LONGEST)
            if not self._closing:
                await self._nap(pause)

    async def _have_one(self) -> None:
        connection = Connection(self._reactor, self._terms.answer_timeout)
        self._held.add(connection)
        try:
            dsn = await self._resolved()
            await connection.open(dsn, self._terms.connect_timeout)
            self._report(None)
            self._offer(connection)
            self._tell_expecting()
            await connection.gone
        except psycopg2.Error as error:
            self._report(in_words(error))
        finally:
            self._held.discard(connection)
            with suppress(ValueError):
                self._idle.remove(connection)

    async def _resolved(self) -> str:
        """Look up the host; it may have moved."""
        if not self._has_names:
            return self._terms.dsn
        looking = Threads(self._reactor).run(resolved, self._terms.dsn)
        looking.addTimeout(self._terms.connect_timeout, self._reactor)
        try:
            return await self._unless_closing(looking)
        except (CancelledError, LateError) as error:
            raise psycopg2.OperationalError(
                "its host could not be looked up"
            ) from error

    async def _nap(self, seconds: float) -> None:
        with suppress(CancelledError):
            await self._unless_closing(deferLater(self._reactor, seconds))

    async def _unless_closing(self, waiting: Deferred[T]) -> T:
        """Wait, but no longer than until all is closed."""
        self._pauses.add(waiting)
        try:
            return await waiting
        finally:
            self._pauses.discard(waiting)

    def _offer(self, connection: Connection) -> None:
        if self._closing:
            connection.drop()
        elif self._waiters:
            first = next(iter(self._waiters))
            del self._waiters[first]
            first.callback(connection)
        else:
            self._idle.append(connection)

    def _tell_expecting(self) -> None:
        told = [*self._expecting]
        self._expecting.clear()
        for one in told:
            one.callback(None)

    def _too_late(self, _result: object, patience: float) -> Connection:
        because = f": {self._trouble}" if self._trouble else ""
        raise StoreUnavailableError(
            f"there was no connection to the database within {patience:g} s{because}"
        )

    def _report(self, trouble: str | None) -> None:
        """Tell once that the database is away, and once that it is back."""
        if trouble and not self._trouble and not self._closing:
            self._log.warn("the database is away: {trouble}", trouble=trouble)
        if self._trouble and not trouble:
            self._log.info("the database is back")
        self._trouble = trouble
