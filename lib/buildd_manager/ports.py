"""
The outside world as we would like it.

Every method that waits returns a Deferred, so that it can be chained, gathered and
cancelled. What goes wrong comes as an error of :mod:`buildd_manager.domain.errors`.
"""

from collections.abc import Mapping, Sequence

from attrs import frozen
from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.archives import Archive, ArchiveChange, NewArchive
from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.blame import Ruling
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.catalogue import (
    ArchChange,
    BuilderChange,
    NewBuilder,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.origins import Origin
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import (
    BuildDetail,
    BuildFilter,
    BuildSummary,
    DepWait,
    Submission,
)
from buildd_manager.domain.reports import Report
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import PendingUpload, UploadReport


# --- workers ------------------------------------------------------------------------


class IReceiver(Interface):
    """Somebody who takes bytes as they come."""

    def write(data: bytes) -> Deferred[None]:
        """Take ``data``; no more is sent until the Deferred has fired."""


class IWorker(Interface):
    """
    One worker of the farm, seen from here.

    :raises WorkerUnreachableError: By every call, if there is no answer in time.
    :raises WorkerFaultError: By every call, if the answer is a fault.
    :raises BadReplyError: By every call, if the answer is none that a worker gives.
    """

    def echo(*words: str) -> Deferred[Sequence[str]]:
        """Have the worker repeat ``words``."""

    def info() -> Deferred[tuple[str, str, tuple[str, ...]]]:
        """Ask for the protocol's version, the architecture, and the build tags."""

    def proxy_info() -> Deferred[Mapping[str, object]]:
        """Ask for the proxy of the running build; few kinds of build have one."""

    def status() -> Deferred[Report]:
        """Ask the worker what it is doing."""

    def ensure_present(
        sha1: str, url: str, username: str = "", password: str = ""
    ) -> Deferred[None]:
        """
        Have the worker fetch a file into its cache, unless it is there.

        The worker answers nothing else meanwhile.

        :raises NotStartedError: If it could not get the file; gives its reason.
        """

    def build(
        cookie: str,
        tag: str,
        chroot: str,
        files: Mapping[str, str],
        told: Mapping[str, object],
    ) -> Deferred[None]:
        """
        Have the worker build; all files were made present before.

        Fires only if the worker has acknowledged just this cookie. After any
        failure nothing is known of what the worker does now.

        :param chroot: SHA-1 of the chroot.
        :param files: SHA-1 of each source file by its name.
        :raises NotStartedError: If it answers anything else.
        """

    def abort() -> Deferred[None]:
        """Have the worker end what it builds; it will say Aborting for a while."""

    def clean() -> Deferred[None]:
        """Have the worker forget what it has finished."""

    def fetch_log(to: IReceiver, limit: int) -> Deferred[bool]:
        """
        Fetch the log; ``True`` if it was cut after ``limit`` bytes.

        :raises BadFileError: If it is too slow or ends too early.
        """

    def fetch_file(sha1: str, to: IReceiver, limit: int) -> Deferred[None]:
        """
        Fetch a result; the receiver's owner checks its sum.

        :raises BadFileError: If it is larger than ``limit``, too slow, or ends
            too early.
        """


class IWorkerFactory(Interface):
    """Where workers come from."""

    def worker_of(builder: Builder) -> IWorker:
        """Give the worker of ``builder``; nothing is sent to it yet."""


# --- files --------------------------------------------------------------------------


class IIncomingFile(IReceiver):
    """A file on its way into the librarian, which nobody sees before its end."""

    def keep(
        name: str, mimetype: str, expected_sha1: str | None = None
    ) -> Deferred[StoredFile]:
        """
        Make the file durable under ``name``; then it survives a power cut.

        :raises BadFileError: If its SHA-1 is not the one expected; it is dropped.
        """

    def drop() -> Deferred[None]:
        """Forget it; harmless after :meth:`keep`."""


class ILibrarian(Interface):
    """
    Keeps files for ever, by their content.

    :raises LibrarianError: By every call, if the files' place fails.
    """

    def receive(*, compressed: bool = False) -> IIncomingFile:
        """Begin a file; gzip it on its way if it is to be ``compressed``."""

    def copy(file: StoredFile, directory: str) -> Deferred[None]:
        """Put a copy of ``file``, under its name, into ``directory``."""

    def read(file: StoredFile, offset: int, size: int) -> Deferred[bytes]:
        """Read at most ``size`` bytes from ``offset`` on; fewer at the end."""

    def url_of(file: StoredFile) -> str:
        """Tell where a worker, or anybody, may fetch ``file``."""

    def path_of(file: StoredFile) -> str | None:
        """Tell where ``file`` is on this machine, if it is."""


class IFileIndex(Interface):
    """Remembers which content has which names."""

    def add_file(
        name: str, mimetype: str, size: int, sha1: str, sha256: str
    ) -> Deferred[StoredFile]:
        """Give a content that is already durable one more name."""

    def find_file(alias: int) -> Deferred[StoredFile]:
        """
        Find a file by its alias.

        :raises NotFoundError: If there is none.
        """


# --- what is remembered -------------------------------------------------------------


class IBuildStore(Interface):
    """
    Remembers who does what: each promise is one transaction.

    :raises StoreError: By every call, if the database fails.
    :raises LeaseLostError: By every call with a lease, if it is no longer ours.
    :raises OvertakenError: By every call that changes an attempt, if the attempt
        has left the state from which the change goes.
    """

    def register(manager: str, name: str, version: str) -> Deferred[None]:
        """Make a manager known by its UUID; what it leased in a former life is free."""

    def lease(manager: str, seconds: float) -> Deferred[Mapping[int, int]]:
        """
        Renew the manager's leases, and take all that are free.

        :returns: The epoch of each lease that is held now, by builder.
        """

    def release(manager: str) -> Deferred[None]:
        """Give all leases back, so that others need not wait for their end."""

    def look(builder: int) -> Deferred[tuple[Builder, Assignment | None]]:
        """
        Read what is known of a builder, and its live attempt.

        :raises NotFoundError: If there is no such builder.
        """

    def origin_of(builder: int, name: str) -> Deferred[Origin]:
        """Tell what is known of the name of a job that a builder's worker says."""

    def introduce(lease: Lease, version: str | None) -> Deferred[None]:
        """Remember that a builder is what it should be, and its launchpad-buildd."""

    def claim(lease: Lease, nonce: str) -> Deferred[Assignment | None]:
        """
        Claim the best waiting build for a clean builder, and make that DIRTY.

        What suits a builder is said in :mod:`buildd_manager.domain.matching`. A
        builder on trial gets a canary, if there is a build that is known to be good:
        the quickest success that suits it, which is built once more.

        :returns: ``None`` if nothing that suits it waits.
        :raises OvertakenError: If the builder is no longer clean, ok or free.
        """

    def started(lease: Lease, attempt: int) -> Deferred[None]:
        """Record the worker's acknowledgement: CLAIMED -> RUNNING."""

    def gathering(lease: Lease, attempt: int) -> Deferred[None]:
        """
        Record that results are about to be fetched; again is harmless.

        :raises OvertakenError: Also if the build is being cancelled.
        """

    def stopping(lease: Lease, attempt: int, cause: Cause) -> Deferred[None]:
        """Record, once, that a running attempt is called off, and why."""

    def keep_log(lease: Lease, attempt: int, log: StoredFile) -> Deferred[None]:
        """Remember the log of a live attempt that may end without a result."""

    def settle(lease: Lease, attempt: int | None, ruling: Ruling) -> Deferred[None]:
        """
        Do what a judgement orders, to the builder and to its live attempt.

        REQUEUE, FAIL and CANCEL end the attempt without a result: its build waits
        again, has failed, or is cancelled. A build that is being cancelled is
        cancelled in any case. A canary is over in any case.

        FAIL takes the builder out of use with the ruling's reason as its notes.
        """

    def record(lease: Lease, attempt: int, result: Result) -> Deferred[None]:
        """
        Record the result, end the attempt, take the build off the queue.

        For UPLOADING, the upload waits to be done from then on.

        :raises OvertakenError: Also if the build is being cancelled, and the result
            is not that it was; or the other way round.
        """

    def set_clean(lease: Lease, clean: CleanState) -> Deferred[None]:
        """Remember the state of a builder without a live attempt, and since when."""

    def put_on_trial(lease: Lease) -> Deferred[None]:
        """Use a builder again that had failed: DIRTY, without failures, on trial."""

    def keep_tails(tails: Mapping[int, str]) -> Deferred[None]:
        """Remember the ends of the logs of live attempts, and when they changed."""


class IUploadStore(Interface):
    """
    Remembers what has yet to be uploaded.

    :raises StoreError: By every call, if the database fails.
    """

    def pending_uploads(manager: str) -> Deferred[Sequence[PendingUpload]]:
        """List what this manager has landed and not yet uploaded, oldest first."""

    def uploaded(attempt: int, report: UploadReport) -> Deferred[None]:
        """
        Record how the upload ended, and so the build; once.

        The packages of a build that is fully built are published from then on.
        """


class ICatalogue(Interface):
    """
    The farm's furniture: what people put into it.

    :raises StoreError: By every call, if the database fails.
    :raises NotFoundError: By every call that names what does not exist.
    :raises ConflictError: By every call that adds what is already there.
    """

    def add_archive(archive: NewArchive) -> Deferred[Archive]:
        """Add an archive; a distribution has one primary archive at most."""

    def change_archive(name: str, change: ArchiveChange) -> Deferred[Archive]:
        """Change what is not ``None``; builds for a disabled archive stay waiting."""

    def archives() -> Deferred[Sequence[Archive]]:
        """List all archives, by name."""

    def find_archive(name: str) -> Deferred[Archive]:
        """Find an archive by its name, with what it depends on."""

    def add_series(series: NewSeries) -> Deferred[None]:
        """
        Add a series, without architectures.

        Its distribution's primary archive is made, of the distribution's name and
        without an address, unless there is one.
        """

    def change_series(name: str, change: SeriesChange) -> Deferred[None]:
        """Change what is not ``None``."""

    def add_architecture(series: str, architecture: str) -> Deferred[None]:
        """Build the series for one more architecture, once it has a chroot."""

    def change_architecture(
        series: str, architecture: str, change: ArchChange
    ) -> Deferred[None]:
        """Change what is not ``None``."""

    def set_chroot(
        series: str,
        architecture: str,
        chroot: StoredFile | None,
        pocket: Pocket = Pocket.RELEASE,
    ) -> Deferred[None]:
        """Build in ``chroot`` from now on; ``None`` lets the next pocket's serve."""

    def series() -> Deferred[Sequence[SeriesDetail]]:
        """List all series, by name."""

    def find_series(name: str) -> Deferred[SeriesDetail]:
        """Find a series by its name."""

    def add_builder(builder: NewBuilder) -> Deferred[Builder]:
        """Add a builder, DIRTY until it was seen idle or reset."""

    def change_builder(name: str, change: BuilderChange) -> Deferred[Builder]:
        """
        Change what is not ``None``.

        A builder that is taken into use again is DIRTY, without failures, and not on
        trial; one that is taken out of use stays so until somebody says otherwise.
        """

    def set_clean(name: str) -> Deferred[Builder]:
        """
        Be told that a virtual builder has been made anew, by who has done it.

        :raises ConflictError: If nobody had asked for that.
        """

    def builders() -> Deferred[Sequence[Builder]]:
        """List all builders, by name."""

    def find_builder(name: str) -> Deferred[tuple[Builder, BuildSummary | None]]:
        """Find a builder by its name, and what it builds."""


class IQueue(Interface):
    """
    Builds, as people ask for them and see them.

    :raises StoreError: By every call, if the database fails.
    :raises NotFoundError: By every call that names what does not exist.
    :raises ConflictError: By every call that asks for what cannot be done to a build
        in the state that it is in.
    """

    def submit(submission: Submission) -> Deferred[Sequence[BuildSummary]]:
        """
        Add a source and its builds, which wait from then on.

        Older versions of it, in the same archive, series and pocket, are superseded:
        their builds that wait are so, too, and those that run will be. A build is
        likely to take as long as the last success of its source took, if there is one.
        """

    def builds(
        wanted: BuildFilter, before: int | None, limit: int
    ) -> Deferred[Sequence[BuildSummary]]:
        """List builds, newest first; those older than ``before``. Never canaries."""

    def find_build(build: int) -> Deferred[BuildDetail]:
        """Find a build by its number."""

    def retry(build: int, *, dry_run: bool = False) -> Deferred[BuildSummary]:
        """
        Have a build attempted once more, with a clean slate.

        Attempts, logs and results of before are kept, and so is the time at which it
        was first dispatched. If it was superseded, its source is wanted again.

        :param dry_run: Whether to change nothing, and only to fail as it would.
        """

    def cancel(build: int) -> Deferred[BuildSummary]:
        """Cancel a build that waits, or have one cancelled that runs."""

    def rescore(build: int, score: int | None) -> Deferred[BuildSummary]:
        """Give a build that waits a score by hand; ``None`` goes back to ours."""

    def supersede(build: int) -> Deferred[None]:
        """Want the source of a build no more: as if a newer one had been submitted."""

    def outlook() -> Deferred[Outlook]:
        """Read all that waits and runs, and all builders, at one moment."""

    def publish(packages: Sequence[NewBinary]) -> Deferred[int]:
        """Be told what others have published; tells how much of it was news."""

    def dep_waits() -> Deferred[Sequence[DepWait]]:
        """List all builds that wait for dependencies and could be retried."""

    def published(
        wait: DepWait, names: Sequence[str]
    ) -> Deferred[Mapping[str, set[str]]]:
        """Tell the versions of packages that a build can see, by name."""

    def still_waits(build: int, dependencies: str) -> Deferred[None]:
        """Remember what a build still waits for, if it does."""


# --- programs -----------------------------------------------------------------------


class IResetter(Interface):
    """Makes virtual machines anew."""

    def reset(builder: Builder) -> Deferred[None]:
        """
        Make the machine of ``builder`` anew; it answers when the Deferred fires.

        :raises CommandError: If that fails, with what the command has printed.
        """


class IUploader(Interface):
    """Hands the results of builds over to whoever publishes them."""

    def land(attempt: int, files: Sequence[StoredFile]) -> Deferred[None]:
        """
        Put files, all at once, where the uploader looks for the attempt.

        Again is harmless: the attempt's number is the identity of the hand-over.
        """

    def upload(upload: PendingUpload) -> Deferred[UploadReport]:
        """Run the uploader, if there is one; its failure is a report, not an error."""


@frozen(kw_only=True)
class Store:
    """All that is remembered: five ports on one database."""

    builds: IBuildStore
    uploads: IUploadStore
    catalogue: ICatalogue
    queue: IQueue
    files: IFileIndex
