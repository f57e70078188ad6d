"""Builds, as people ask for them."""

from collections.abc import Mapping, Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.binaries import NewBinary
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.queue import (
    BuildDetail,
    BuildFilter,
    BuildSummary,
    DepWait,
    Submission,
)


class IQueue(Interface):
    """
    Builds, as people ask for them and see them.

    :raises StoreError: By every call, if the database fails.
    :raises NotFoundError: By every call that names what does not exist.
    :raises ConflictError: By every call that asks for what cannot be done to a build
        in the state that it is in.

    What is submitted, retried, cancelled, rescored or superseded is written down: see
    :class:`~buildd_manager.ports.audit.IAudit`.
    """

    def on_behalf_of(who: str) -> "IQueue":
        """Give the same, whose changes are written down as those of ``who``."""

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
