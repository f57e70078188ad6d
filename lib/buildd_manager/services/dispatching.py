"""Give a clean, idle builder the best build that waits for one of its kind."""

from collections.abc import Callable
from typing import NoReturn

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from buildd_manager.domain.errors import (
    NotStartedError,
    UnknownSumError,
    UnsuitableError,
    UntrustworthyError,
    WorkerError,
)
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import TAG, Assignment, instructions
from buildd_manager.domain.sources_list import USER
from buildd_manager.ports import IBuildStore, ILibrarian
from buildd_manager.services.visits import Visit


# Note [Claim before asking]
#
# The database says who has the build, and that the builder is DIRTY, before the
# builder hears of it. An attempt is RUNNING only once the worker has answered
# ["BuilderStatus.BUILDING", <our cookie>]. That a worker says our cookie later is
# no proof: launchpad-buildd takes over the name of a new job before it finds out
# that it is busy, so a call that was refused, or came late, renames the job that
# runs. Whatever else happens - a fault, silence, a crash of ours - the attempt is
# abandoned, the builder cleaned, and the build has another attempt with another
# cookie.


@frozen
class Dispatching:
    """
    Claims a build, sends its files, has it built, and waits to hear so.

    :ivar _nonce: Gives 16 hexadecimal digits that were never given before.
    :ivar _build_url: Where people see a build; the first line of its log.
    """

    _store: IBuildStore
    _librarian: ILibrarian
    _nonce: Callable[[], str]
    _build_url: Callable[[int], str]

    _log = Logger()

    def dispatch(self, visit: Visit) -> Deferred[None]:
        """Dispatch to the builder, if anything waits for it."""
        claimed = self._store.claim(visit.lease, self._nonce())
        return claimed.addCallback(self._start, visit)

    def _start(self, assignment: Assignment | None, visit: Visit) -> Deferred[None]:
        if assignment is None:
            return succeed(None)
        chain = Deferred.fromCoroutine(self._have_built(visit, assignment))
        chain.addCallback(
            lambda _: self._store.started(visit.lease, assignment.attempt)
        )
        chain.addCallback(lambda _: self._tell_start(visit, assignment))
        return chain.addErrback(self._not_started, visit, assignment)

    async def _have_built(self, visit: Visit, assignment: Assignment) -> None:
        """Send the files, once more if one is lost by then, and have it built."""
        self._tell("preparing", visit, assignment)
        await self._send_files(visit, assignment)
        try:
            await self._build(visit, assignment)
        except UnknownSumError as error:
            self._tell(f"preparing again: {error}", visit, assignment)
            await self._send_files(visit, assignment)
            await self._build(visit, assignment)

    async def _send_files(self, visit: Visit, assignment: Assignment) -> None:
        """One after the other: a worker does nothing else while it fetches."""
        for file in (assignment.job.chroot, *assignment.job.files):
            visit.check()
            if file.restricted:
                await self._send_restricted(visit, file)
            else:
                url = self._librarian.url_of(file)
                await visit.worker.ensure_present(file.sha1, url)

    async def _send_restricted(self, visit: Visit, file: StoredFile) -> None:
        """Let the worker in while it fetches, and nobody afterwards."""
        url, password = self._librarian.url_of(file), self._librarian.admit(file)
        try:
            # Older workers say no password where there is no name.
            await visit.worker.ensure_present(file.sha1, url, USER, password.reveal())
        finally:
            self._librarian.dismiss(password)

    def _build(self, visit: Visit, assignment: Assignment) -> Deferred[None]:
        job = assignment.job
        visit.check()
        return visit.worker.build(
            str(assignment.cookie),
            TAG,
            job.chroot.sha1,
            _file_map(job.files),
            instructions(
                job,
                self._build_url(assignment.cookie.build),
                fast_cleanup=visit.builder.virtualized,
            ),
        )

    def _not_started(
        self, failure: Failure, visit: Visit, assignment: Assignment
    ) -> NoReturn:
        """Have what the worker did judged; what we did the next look puts right."""
        reason = f"not started: {failure.getErrorMessage()}"
        self._tell(reason, visit, assignment)
        if failure.check(WorkerError) and not failure.check(*_WORSE):
            raise NotStartedError(reason) from failure.value
        failure.raiseException()

    def _tell_start(self, visit: Visit, assignment: Assignment) -> None:
        """Tell it with what those count by who count builds."""
        self._tell(
            "started",
            visit,
            assignment,
            event="job-start",
            virtualized=visit.builder.virtualized,
            architecture=assignment.job.architecture,
        )

    def _tell(
        self, what: str, visit: Visit, assignment: Assignment, **labels: object
    ) -> None:
        self._log.info(
            "{builder}: {cookie} ({title}) {what}",
            builder=visit.builder.name,
            cookie=str(assignment.cookie),
            title=assignment.job.title,
            what=what,
            **labels,
        )


#: What a worker may do that is worse than not to start.
_WORSE = (UntrustworthyError, UnsuitableError)


def _file_map(files: tuple[StoredFile, ...]) -> dict[str, str]:
    return {file.name: file.sha1 for file in files}
