"""Who does what, and what has yet to be uploaded: what managers remember."""

from collections.abc import Mapping, Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.blame import Ruling
from buildd_manager.domain.builders import Builder, CleanState, Lease
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.origins import Origin
from buildd_manager.domain.results import Result
from buildd_manager.domain.uploads import PendingUpload, UploadReport


class IBuildStore(Interface):
    """
    Remembers who does what: each promise is one transaction.

    :raises StoreError: By every call, if the database fails.
    :raises LeaseLostError: By every call with a lease, if it is no longer ours.
    :raises OvertakenError: By every call that changes an attempt, if the attempt
        has left the state from which the change goes.
    """

    def register(manager: str, name: str, version: str) -> Deferred[Mapping[int, int]]:
        """
        Make a manager known by its UUID.

        :returns: What it leased in a former life, as :meth:`lease` gave it. It is to
            be released first: that life may have written its last, or not.
        """

    def lease(manager: str, seconds: float) -> Deferred[Mapping[int, int]]:
        """
        Renew the manager's leases, and take all that are free.

        :returns: The epoch of each lease that is held now, by builder.
        """

    def release(manager: str, epochs: Mapping[int, int]) -> Deferred[None]:
        """
        Give leases back, so that others need not wait for their end.

        :param epochs: As :meth:`lease` gave them. What the manager has leased anew
            since is not touched, so that it does not matter when this is done.
        """

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
        again, for virtual builders or not as things are now, has failed, or is
        cancelled. A build that is being cancelled is
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

    def set_clean(
        lease: Lease, before: CleanState, after: CleanState
    ) -> Deferred[None]:
        """
        Remember the state of a builder without a live attempt, and since when.

        :raises OvertakenError: If it is no longer as it was ``before``, too.
        """

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
