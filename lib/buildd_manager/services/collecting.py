"""Fetch what a build has produced, keep it, hand it over, and record it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.errors import BadFileError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.reports import Waiting
from buildd_manager.domain.results import Conclusive, Result, meaning
from buildd_manager.ports import IBuildStore, IIncomingFile, ILibrarian, IUploader
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
class Finished:
    """A build that waits to be collected."""

    visit: Visit
    assignment: Assignment
    report: Waiting

    @property
    def state(self) -> BuildState:
        """Where the build goes once it is collected."""
        means = meaning(self.report)
        assert isinstance(means, Conclusive)  # noqa: S101 - planning saw to it
        return means.state


@frozen
class Collected:
    """What was kept of it so far."""

    finished: Finished
    log: StoredFile
    files: tuple[StoredFile, ...] = ()


@frozen
class Collecting:
    """
    Collects one finished build: a chain, each link of which may be done again.

    :ivar _landed: Called when results wait for the uploader.
    """

    _store: IBuildStore
    _librarian: ILibrarian
    _uploader: IUploader
    _limits: Limits
    _landed: Callable[[], None]

    _log = Logger()

    def collect(self, finished: Finished) -> Deferred[None]:
        """Collect, and record the result; nothing is recorded if any link fails."""
        return (
            self._announce(finished)
            .addCallback(self._keep_log)
            .addCallback(self._keep_files)
            .addCallback(self._hand_over)
            .addCallback(self._record)
        )

    def _announce(self, finished: Finished) -> Deferred[Finished]:
        """Say that results are being fetched, if there are any to be uploaded."""
        if finished.state is not BuildState.UPLOADING:
            return succeed(finished)
        visit, attempt = finished.visit, finished.assignment.attempt
        return self._store.gathering(visit.lease, attempt).addCallback(
            lambda _: finished
        )

    def _keep_log(self, finished: Finished) -> Deferred[Collected]:
        """Download the log, gzip it on its way, and keep it."""
        incoming = self._librarian.receive(compressed=True)

        async def fetch() -> StoredFile:
            worker, limit = finished.visit.worker, self._limits.log
            if await worker.fetch_log(incoming, limit):
                cut = f"\n[The log was longer than {limit} bytes: it ends here.]\n"
                await incoming.write(cut.encode())
            return await incoming.keep(finished.assignment.cookie.log_name, MIMETYPE)

        kept = Deferred.fromCoroutine(_or_drop(incoming, fetch))
        return kept.addCallback(lambda log: Collected(finished, log))

    def _keep_files(self, collected: Collected) -> Deferred[Collected]:
        """Download each result, check its SHA-1, and keep it."""
        if collected.finished.state is not BuildState.UPLOADING:
            return succeed(collected)
        kept = Deferred.fromCoroutine(self._fetch_all(collected.finished))
        return kept.addCallback(lambda files: evolve(collected, files=files))

    async def _fetch_all(self, finished: Finished) -> tuple[StoredFile, ...]:
        budget = self._limits.build
        kept: dict[str, StoredFile] = {}
        for name, sha1 in sorted(finished.report.files.items()):
            kept[name] = await self._fetch(finished, name, sha1, budget)
            budget -= kept[name].size
        return tuple(kept.values())

    async def _fetch(
        self, finished: Finished, name: str, sha1: str, budget: int
    ) -> StoredFile:
        limit = min(self._limits.file, budget)
        if limit <= 0:
            raise BadFileError(f"the results are over {self._limits.build} bytes")
        incoming = self._librarian.receive()

        async def fetch() -> StoredFile:
            await finished.visit.worker.fetch_file(sha1, incoming, limit)
            return await incoming.keep(name, MIMETYPE, sha1)

        return await _or_drop(incoming, fetch)

    def _hand_over(self, collected: Collected) -> Deferred[Collected]:
        """Land the results where the uploader looks for them."""
        if not collected.files:
            return succeed(collected)
        attempt = collected.finished.assignment.attempt
        landed = self._uploader.land(attempt, collected.files)
        return landed.addCallback(lambda _: collected)

    def _record(self, collected: Collected) -> Deferred[None]:
        """Remember it all, in one transaction."""
        finished = collected.finished
        result = Result(
            state=finished.state,
            verdict=finished.report.verdict,
            log=collected.log,
            files=collected.files,
            dependencies=_dependencies(finished),
        )
        recorded = self._store.record(
            finished.visit.lease, finished.assignment.attempt, result
        )
        return recorded.addCallback(lambda _: self._tell(finished))

    def _tell(self, finished: Finished) -> None:
        self._log.info(
            "{builder}: {cookie} ({title}) ended: {state}",
            builder=finished.visit.builder.name,
            cookie=str(finished.assignment.cookie),
            title=finished.assignment.job.title,
            state=finished.state.title,
        )
        if shout := _SHOUTS.get(finished.state):
            self._log.critical(
                "***** {builder} is {shout} *****",
                builder=finished.visit.builder.name,
                shout=shout,
            )
        if finished.state is BuildState.UPLOADING:
            self._landed()


#: What is said aloud, since 2005.
_SHOUTS: Mapping[BuildState, str] = {
    BuildState.MANUAL_DEP_WAIT: "MANUALDEPWAIT",
    BuildState.CHROOT_WAIT: "CHROOTWAIT",
}


def _dependencies(finished: Finished) -> str | None:
    waits = finished.state is BuildState.MANUAL_DEP_WAIT
    return finished.report.dependencies if waits else None


async def _or_drop(incoming: IIncomingFile, fetch: Callable[[], Awaitable[T]]) -> T:
    """Leave nothing of ``incoming`` behind, unless it was kept."""
    try:
        return await fetch()
    finally:
        await incoming.drop()
