"""Simulated launchpad-buildds, as the manager's port wants workers."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from zope.interface import implementer

from buildd_manager.adapters.worker import replies
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.errors import (
    BadFileError,
    UntrustworthyError,
    WorkerFaultError,
)
from buildd_manager.domain.files import is_sha1
from buildd_manager.domain.reports import Report
from buildd_manager.ports import (
    IFileIndex,
    ILibrarian,
    IReceiver,
    IWorker,
    IWorkerFactory,
)
from buildd_manager.testing.buildd import SimulatedBuildd


#: Bytes that a receiver is given at once.
PIECE = 64 * 1024


@implementer(IWorker)
@frozen
class SimulatedWorker:
    """
    A simulated launchpad-buildd whose answers need no time.

    It has no state of its own: whoever wants slow, lost or late answers wraps it.
    """

    _buildd: SimulatedBuildd

    def echo(self, *words: str) -> Deferred[Sequence[str]]:
        return succeed(words)

    def info(self) -> Deferred[tuple[str, str, tuple[str, ...]]]:
        return maybeDeferred(self._buildd.info).addCallback(replies.info)

    def proxy_info(self) -> Deferred[Mapping[str, object]]:
        return fail(WorkerFaultError(8001, "procedure proxy_info not found"))

    def status(self) -> Deferred[Report]:
        return maybeDeferred(self._buildd.status).addCallback(replies.report)

    def ensure_present(
        self, sha1: str, url: str, username: str = "", password: str = ""
    ) -> Deferred[None]:
        said = Deferred.fromCoroutine(
            self._buildd.ensure_present(sha1, url, username, password)
        )
        return said.addCallback(replies.check_present)

    def build(
        self,
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Deferred[None]:
        said = maybeDeferred(self._buildd.build, cookie, tag, chroot, files, told)
        return said.addCallback(replies.check_acknowledged, cookie)

    def abort(self) -> Deferred[None]:
        return maybeDeferred(self._buildd.abort).addCallback(lambda _: None)

    def clean(self) -> Deferred[None]:
        return maybeDeferred(self._buildd.clean).addCallback(lambda _: None)

    def fetch_log(self, to: IReceiver, limit: int) -> Deferred[bool]:
        return Deferred.fromCoroutine(_send(self._buildd.log(), to, limit))

    def fetch_file(self, sha1: str, to: IReceiver, limit: int) -> Deferred[None]:
        if not is_sha1(sha1):
            return fail(UntrustworthyError("a SHA-1 that is none"))
        sent = Deferred.fromCoroutine(_send(self._buildd.cache.get(sha1), to, limit))
        return sent.addCallback(_refuse_cut, limit)


@implementer(IWorkerFactory)
@define
class SimulatedFarm:
    """
    Has a simulated launchpad-buildd wherever a builder is said to be.

    :ivar _make: Makes one, which nobody has asked anything yet.
    :ivar buildds: Those that were made, by their address.
    """

    _make: Callable[[], SimulatedBuildd]
    buildds: dict[str, SimulatedBuildd] = field(factory=dict)

    def worker_of(self, builder: Builder) -> IWorker:
        return SimulatedWorker(self.buildd_at(builder.url))

    def buildd_at(self, url: str) -> SimulatedBuildd:
        """Give the one at ``url``."""
        if (buildd := self.buildds.get(url)) is None:
            buildd = self.buildds[url] = self._make()
        return buildd


def fetch_from(
    librarian: ILibrarian, index: IFileIndex
) -> Callable[[str], Deferred[bytes]]:
    """Make a simulated launchpad-buildd's way to a librarian, without a network."""
    return lambda url: Deferred.fromCoroutine(_read(librarian, index, url))


async def _read(librarian: ILibrarian, index: IFileIndex, url: str) -> bytes:
    *_, alias, _name = url.split("/")
    file, password = await index.find_file(int(alias)), urlsplit(url).password
    if file.restricted and not librarian.lets_in(file, password or ""):
        raise OSError("HTTP Error 401: Unauthorized")
    return await librarian.read(file, 0, file.size)


async def _send(data: bytes | None, to: IReceiver, limit: int) -> bool:
    if data is None:
        raise BadFileError("HTTP status 404")
    for start in range(0, min(len(data), limit), PIECE):
        await to.write(data[start : min(start + PIECE, limit)])
    return len(data) > limit


def _refuse_cut(cut: bool, limit: int) -> None:  # noqa: FBT001 - an answer
    if cut:
        raise BadFileError(f"it has more than {limit} bytes")
