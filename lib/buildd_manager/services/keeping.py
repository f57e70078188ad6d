"""Keep what a worker sends: whole, or not at all."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import field, frozen
from twisted.internet.defer import Deferred
from zope.interface import implementer

from buildd_manager.domain.causes import LOOKED_AT
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.secrets import pattern_of
from buildd_manager.ports import IIncomingFile, ILibrarian, IReceiver
from buildd_manager.services.redacting import Redacting
from buildd_manager.services.visits import Visit


#: What logs and results are kept as, since 2005: bytes, whatever is in them.
MIMETYPE = "application/octet-stream"

T = TypeVar("T")


@frozen(kw_only=True)
class Limits:
    """The most bytes that are fetched: of a log, of a result, of all results."""

    log: int = 512 * 2**20
    file: int = 8 * 2**30
    build: int = 32 * 2**30


@frozen
class KeptLog:
    """
    A log in the librarian.

    :ivar end: Its last bytes, readable: what a cause is looked for in.
    """

    file: StoredFile
    end: str


@frozen
class Logs:
    """Fetches logs, and gzips them on their way into the librarian."""

    _librarian: ILibrarian
    _limit: int

    def keep(self, visit: Visit, assignment: Assignment) -> Deferred[KeptLog]:
        """Keep the log of what a worker has finished, without what it was told."""
        incoming = self._librarian.receive(compressed=True)

        async def fetch() -> KeptLog:
            seen = _End(incoming)
            await self._fetch(visit, assignment, seen)
            name, private = assignment.cookie.log_name, assignment.job.private
            file = await incoming.keep(name, MIMETYPE, restricted=private)
            return KeptLog(file, seen.end.decode("utf-8", "replace"))

        return Deferred.fromCoroutine(or_drop(incoming, fetch))

    async def _fetch(self, visit: Visit, assignment: Assignment, to: IReceiver) -> None:
        if (pattern := pattern_of(assignment.job.secrets)) is None:
            is_cut = await visit.worker.fetch_log(to, self._limit)
        else:
            redacting = Redacting(to, pattern)
            is_cut = await visit.worker.fetch_log(redacting, self._limit)
            await redacting.finish(cut=is_cut)
        if is_cut:
            told = f"\n[The log was longer than {self._limit} bytes: it ends here.]\n"
            await to.write(told.encode())


@implementer(IReceiver)
@frozen
class _End:
    """Hands bytes on, and remembers the last of them."""

    _to: IReceiver
    end: bytearray = field(factory=bytearray)

    def write(self, data: bytes) -> Deferred[None]:
        self.end.extend(data[-LOOKED_AT:])
        del self.end[:-LOOKED_AT]
        return self._to.write(data)


async def or_drop(incoming: IIncomingFile, fetch: Callable[[], Awaitable[T]]) -> T:
    """Leave nothing of ``incoming`` behind, unless it was kept."""
    try:
        return await fetch()
    finally:
        await incoming.drop()
