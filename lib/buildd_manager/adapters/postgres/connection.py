"""One connection to PostgreSQL that fails in one way only."""

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from txpostgres import txpostgres


#: What psycopg2, and a reactor given its closed socket, raise.
_BROKEN = (
    psycopg2.Error,
    txpostgres.UnexpectedPollResult,
    ValueError,
    KeyError,
    OSError,
)


class Cursor(txpostgres.Cursor):  # type: ignore[misc]
    """
    A cursor whose :meth:`execute` fails with nothing but ``psycopg2.Error``.

    Everything else is as psycopg2 has it: ``fetchone``, ``fetchall``, ``rowcount``.
    """

    def execute(
        self,
        query: str,
        params: Sequence[object] | Mapping[str, object] | None = None,
    ) -> "Deferred[Cursor]":
        """
        Say ``query`` to the server.

        A Deferred that is cancelled fails like any other, and the statement goes on:
        asking the server to stop it would block the reactor. If no answer comes in
        time, the connection is closed.
        """
        running = maybeDeferred(super().execute, query, params)
        timer = self._connection.patience()
        answer: Deferred[Cursor] = Deferred(lambda _: None)

        def arrived(result: Any) -> None:
            if timer.active():
                timer.cancel()
            if not answer.called:
                answer.callback(result)

        running.addErrback(_as_database_error).addBoth(arrived)
        return answer

    def connectionLost(self, reason: Failure) -> None:
        """Be told by the reactor, or by the connection, that it is over."""
        super().connectionLost(self._connection.obituary(reason))

    def _handleCancellation(self, failure: Failure) -> Failure:  # noqa: N802
        # Nobody but the server cancels here, by statement_timeout: let it be seen.
        return failure


class Connection(txpostgres.Connection):  # type: ignore[misc]
    """
    A connection that notices its own death, and dies quietly.

    :ivar gone: Fires once it is closed, for whatever reason.
    :ivar opened: Whether it was ever open.
    """

    cursorFactory = Cursor

    def __init__(self, reactor: Any, answer_timeout: float) -> None:
        super().__init__(reactor)
        self.gone: Deferred[None] = Deferred()
        self._answer_timeout = answer_timeout
        self._why = "the connection is closed"
        self.opened = False

    async def open(self, dsn: str, within: float) -> None:
        """
        Connect, once.

        :raises psycopg2.Error: If that cannot be done, or not within so many seconds.
        """
        # libpq does not look at connect_timeout when it connects without blocking.
        late = f"the server did not answer within {within:g} s"
        timer = self.reactor.callLater(within, self.drop, late)
        try:
            await self.connect(dsn)
            self.opened = True
        except _BROKEN as error:
            self.drop()
            raise _database_error(error) from error
        finally:
            if timer.active():
                timer.cancel()

    def drop(self, why: str | None = None) -> None:
        """Close it; a statement under way fails, and says ``why``."""
        if self.gone.called:
            return
        self._why = why or self._why
        gone, self.gone = self.gone, succeed(None)
        if self._connection is not None:
            # Some reactors keep what watches a closed socket, and then mistake the
            # next one of that number for it.
            for watcher in (self, *self._cursors):
                self._unwatch(watcher)
            with suppress(*_BROKEN):
                self.close()
        gone.callback(None)

    def alive(self) -> bool:
        """
        Whether the server is there, as far as it has said.

        Nothing is sent for that.
        """
        if self._connection is None or self._connection.closed:
            return False
        # While a statement is under way, its answer must not be read here.
        if self._underway() or not self._has_been_told():
            return True
        # libpq closes the socket of a lost connection, and the reactor must not
        # watch it then.
        self._unwatch(self)
        with suppress(*_BROKEN):
            # Twice, since a last error comes before the end.
            self._connection.poll()
            self._connection.poll()
            self.reactor.addReader(self)
            return True
        return False

    def usable(self) -> bool:
        """Whether a transaction may begin here."""
        if not self.alive() or self._underway():
            return False
        status = self._connection.get_transaction_status()
        return bool(status == TRANSACTION_STATUS_IDLE)

    def _has_been_told(self) -> bool:
        sight = select.poll()
        sight.register(self._connection.fileno(), select.POLLIN)
        return bool(sight.poll(0))

    def _underway(self) -> bool:
        return bool(self._cursors or self._connection.isexecuting())

    def patience(self) -> IDelayedCall:
        """Begin to wait for an answer; the connection is given up at the end."""
        late = f"the server did not answer within {self._answer_timeout:g} s"
        timer: IDelayedCall = self.reactor.callLater(
            self._answer_timeout, self.drop, late
        )
        return timer

    def obituary(self, reason: Failure) -> Failure:
        """Say in psycopg2's words why statements fail."""
        return Failure(_database_error(reason.value, self._why))

    def doRead(self) -> None:
        """Hear the server speak unasked, which is mostly how it says goodbye."""
        with self._dying_quietly():
            if self.opened:
                super().doRead()
            else:
                # The base class would watch the socket after libpq has changed it.
                txpostgres._PollingMixin.doRead(self)  # noqa: SLF001

    def doWrite(self) -> None:
        """Go on with connecting."""
        with self._dying_quietly():
            super().doWrite()

    def connectionLost(self, reason: Failure) -> None:
        """Be told by the reactor that it is over."""
        with self._dying_quietly():
            super().connectionLost(self.obituary(reason))
        # While it is being opened, libpq may have another host to go to.
        if self.opened:
            self.drop()

    def cursorFinished(self, cursor: Cursor) -> None:  # noqa: N802
        """Watch the socket again, if there is one."""
        with self._dying_quietly():
            super().cursorFinished(cursor)

    def _unwatch(self, watcher: Any) -> None:
        with suppress(*_BROKEN):
            self.reactor.removeReader(watcher)
            self.reactor.removeWriter(watcher)

    @contextmanager
    def _dying_quietly(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN:
            self.drop()


def _as_database_error(failure: Failure) -> Failure:
    failure.trap(*_BROKEN)
    return Failure(_database_error(failure.value))


def _database_error(
    error: BaseException | None, why: str | None = None
) -> psycopg2.Error:
    if isinstance(error, psycopg2.Error):
        return error
    if isinstance(error, ValueError):  # NUL, or half of a surrogate pair
        return psycopg2.DataError(str(error))
    return psycopg2.OperationalError(why or str(error))
