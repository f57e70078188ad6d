"""The furniture of a farm, as people put it there."""

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from buildd_manager.domain.archives import (
    Archive,
    ArchiveChange,
    Dependency,
    NewArchive,
)
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.catalogue import (
    ArchChange,
    BuilderChange,
    NewBuilder,
    NewSeries,
    SeriesChange,
    SeriesDetail,
)
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.queue import BuildSummary


class ICatalogue(Interface):
    """
    The farm's furniture: what people put into it.

    :raises StoreError: By every call, if the database fails.
    :raises NotFoundError: By every call that names what does not exist.
    :raises ConflictError: By every call that adds what is already there.

    Every change is written down: see :class:`~buildd_manager.ports.audit.IAudit`.
    """

    def on_behalf_of(who: str) -> "ICatalogue":
        """Give the same, whose changes are written down as those of ``who``."""

    def add_archive(archive: NewArchive) -> Deferred[Archive]:
        """Add an archive; a distribution has one primary archive at most."""

    def change_archive(name: str, change: ArchiveChange) -> Deferred[Archive]:
        """
        Change what is not ``None``.

        Builds for a disabled archive stay waiting. For which builders they wait is
        as the archive says from then on; those that run go on where they are.
        """

    def depend(name: str, other: Dependency) -> Deferred[Archive]:
        """
        Have builds for an archive use packages of another one, too.

        What others change of the same archive at the same time is not lost.
        """

    def depend_no_more(name: str, other: str) -> Deferred[Archive]:
        """Have builds for an archive use packages of another one no more."""

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
        """
        Change what is not ``None``.

        For which builders builds wait is as the architecture says from then on.
        """

    def set_chroot(
        series: str,
        architecture: str,
        chroot: StoredFile | None,
        pocket: Pocket = Pocket.RELEASE,
    ) -> Deferred[None]:
        """
        Build in ``chroot`` from now on; ``None`` lets the next pocket's serve.

        :raises NotFoundError: Also for ``None``, if the pocket has none of its own.
        """

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
