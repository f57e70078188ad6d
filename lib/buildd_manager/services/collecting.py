"""Fetch what a build has produced, keep it, hand it over, and record it."""

from collections.abc import Callable, Mapping

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause, cause_of
from buildd_manager.domain.errors import BadFileError, WorkerError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.results import Result
from buildd_manager.domain.steps import Collect
from buildd_manager.ports import IBuildStore, ILibrarian, IUploader
from buildd_manager.services.inspecting import fault_of
from buildd_manager.services.keeping import MIMETYPE, KeptLog, Limits, Logs, or_drop
from buildd_manager.services.visits import Visit


@frozen
class Finished:
    """A build that waits to be collected, and what was decided about it."""

    visit: Visit
    step: Collect

    @property
    def assignment(self) -> Assignment:
        """The attempt."""
        return self.step.assignment


@frozen
class Collected:
    """
    What was kept of it so far.

    :ivar fault: Why the files are not to be handed over.
    """

    finished: Finished
    log: KeptLog
    files: tuple[StoredFile, ...] = ()
    fault: str | None = None


@frozen
class Collecting:
    """
    Collects one finished build: a chain, each link of which may be done again.

    :ivar _landed: Called when results wait for the uploader.
    """

    _store: IBuildStore
    _librarian: ILibrarian
    _logs: Logs
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
            .addCallback(self._check_files)
            .addCallback(self._hand_over)
            .addCallback(self._record)
        )

    def save_log(self, visit: Visit, assignment: Assignment) -> Deferred[None]:
        """Keep the log of an attempt without a result; it is no matter if we cannot."""
        lease, attempt = visit.lease, assignment.attempt
        return (
            self._logs.keep(visit, assignment)
            .addCallback(lambda log: self._store.keep_log(lease, attempt, log.file))
            .addErrback(self._no_log, visit, assignment)
        )

    def _no_log(self, failure: Failure, visit: Visit, assignment: Assignment) -> None:
        failure.trap(WorkerError)
        self._log.warn(
            "{builder}: the log of {cookie} is lost: {why}",
            builder=visit.builder.name,
            cookie=str(assignment.cookie),
            why=failure.getErrorMessage(),
        )

    def _announce(self, finished: Finished) -> Deferred[Finished]:
        """Say that results are being fetched, if there are any to be uploaded."""
        if finished.step.state is not BuildState.UPLOADING:
            return succeed(finished)
        visit, attempt = finished.visit, finished.assignment.attempt
        return self._store.gathering(visit.lease, attempt).addCallback(
            lambda _: finished
        )

    def _keep_log(self, finished: Finished) -> Deferred[Collected]:
        """Download the log, gzip it on its way, and keep it."""
        kept = self._logs.keep(finished.visit, finished.assignment)
        return kept.addCallback(lambda log: Collected(finished, log))

    def _keep_files(self, collected: Collected) -> Deferred[Collected]:
        """Download each result, check its SHA-1, and keep it."""
        if collected.finished.step.state is not BuildState.UPLOADING:
            return succeed(collected)
        kept = Deferred.fromCoroutine(self._fetch_all(collected.finished))
        return kept.addCallback(lambda files: evolve(collected, files=files))

    async def _fetch_all(self, finished: Finished) -> tuple[StoredFile, ...]:
        """Fetch each content once, however many names it has."""
        budget = self._limits.build
        files: list[StoredFile] = []
        kept: dict[str, StoredFile] = {}
        for name, sha1 in sorted(finished.step.finished.files.items()):
            if sha1 in kept:
                file = await self._librarian.alias(kept[sha1], name)
            else:
                file = await self._fetch(finished, name, sha1, budget)
            budget -= file.size
            if budget < 0:
                raise self._too_much()
            kept[sha1] = file
            files.append(file)
        return tuple(files)

    def _too_much(self) -> BadFileError:
        return BadFileError(f"the results are over {self._limits.build} bytes")

    async def _fetch(
        self, finished: Finished, name: str, sha1: str, budget: int
    ) -> StoredFile:
        limit = min(self._limits.file, budget)
        if limit <= 0:
            raise self._too_much()
        incoming = self._librarian.receive()

        async def fetch() -> StoredFile:
            await finished.visit.worker.fetch_file(sha1, incoming, limit)
            private = finished.assignment.job.private
            return await incoming.keep(name, MIMETYPE, sha1, restricted=private)

        return await or_drop(incoming, fetch)

    def _check_files(self, collected: Collected) -> Deferred[Collected]:
        """See that the ``.changes`` lists just what there is."""
        if not collected.files:
            return succeed(collected)
        checked = Deferred.fromCoroutine(fault_of(collected.files, self._librarian))
        return checked.addCallback(lambda fault: evolve(collected, fault=fault))

    def _hand_over(self, collected: Collected) -> Deferred[Collected]:
        """Land the results where the uploader looks for them."""
        if not collected.files or collected.fault is not None:
            return succeed(collected)
        attempt = collected.finished.assignment.attempt
        landed = self._uploader.land(attempt, collected.files)
        return landed.addCallback(lambda _: collected)

    def _record(self, collected: Collected) -> Deferred[None]:
        """Remember it all, in one transaction."""
        finished = collected.finished
        result = _result(collected)
        recorded = self._store.record(
            finished.visit.lease, finished.assignment.attempt, result
        )
        return recorded.addCallback(lambda _: self._tell(finished, result))

    def _tell(self, finished: Finished, result: Result) -> None:
        self._log.info(
            "{builder}: {cookie} ({title}) ended: {state}",
            builder=finished.visit.builder.name,
            cookie=str(finished.assignment.cookie),
            title=finished.assignment.job.title,
            state=result.state.title,
        )
        if shout := _SHOUTS.get(result.state):
            self._log.critical(
                "***** {builder} is {shout} *****",
                builder=finished.visit.builder.name,
                shout=shout,
            )
        if result.state is BuildState.UPLOADING:
            self._landed()


def _result(collected: Collected) -> Result:
    step = collected.finished.step
    result = Result(
        state=step.state,
        verdict=step.finished.verdict,
        log=collected.log.file,
        files=collected.files,
        dependencies=_dependencies(collected.finished),
        cause=step.cause or cause_of(step.finished.verdict, collected.log.end),
        fault=step.fault,
        acquits=step.acquits,
    )
    if collected.fault is None:
        return result
    return evolve(
        result,
        state=BuildState.FAILED_TO_BUILD,
        files=(),
        cause=Cause.BAD_RESULT,
        fault=collected.fault,
        acquits=False,
    )


#: What is said aloud, since 2005.
_SHOUTS: Mapping[BuildState, str] = {
    BuildState.MANUAL_DEP_WAIT: "MANUALDEPWAIT",
    BuildState.CHROOT_WAIT: "CHROOTWAIT",
}


def _dependencies(finished: Finished) -> str | None:
    waits = finished.step.state is BuildState.MANUAL_DEP_WAIT
    return finished.step.finished.dependencies if waits else None
