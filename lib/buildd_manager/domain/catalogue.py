"""The furniture of a farm: series, architectures and builders."""

from collections.abc import Mapping

from attrs import frozen

from buildd_manager.domain.builders import ResetProtocol
from buildd_manager.domain.checks import (
    check_archive_line,
    check_identifier,
    check_notes,
    check_tags,
    check_worker_url,
)
from buildd_manager.domain.errors import InvalidError
from buildd_manager.domain.files import StoredFile
from buildd_manager.domain.pockets import Pocket, chroot_order
from buildd_manager.domain.series_status import SeriesStatus


#: Seconds; a limit of more than a month is none.
LONGEST_LIMIT = 31 * 86400.0


@frozen(kw_only=True)
class NewSeries:
    """
    A series to be added.

    :ivar distribution: Whose series it is; sbuild on the worker is told.
    :ivar component: In which its sources are, unless they say otherwise.
    :ivar components: All that its archives have; :attr:`component` if empty.
    :ivar strict_components: Whether a component sees only those that it may.
    :ivar nominated_architecture: Which builds packages for all architectures.
    :ivar archive_lines: ``sources.list`` while its primary archive has no address;
        ``None`` leaves the chroot's own list as it is.
    """

    name: str
    distribution: str = "debian"
    status: SeriesStatus = SeriesStatus.DEVELOPMENT
    component: str = "main"
    components: tuple[str, ...] = ()
    strict_components: bool = True
    nominated_architecture: str | None = None
    archive_lines: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_identifier(self.name, "series")
        check_identifier(self.distribution, "distribution")
        check_identifier(self.component, "component")
        for component in self.components:
            check_identifier(component, "components")
        if self.components and self.component not in self.components:
            raise InvalidError(
                "component", f"{self.component} is none of the components", "add it"
            )
        if self.nominated_architecture is not None:
            check_identifier(self.nominated_architecture, "nominated-arch")
        for line in self.archive_lines or ():
            check_archive_line(line, "archive line")


@frozen(kw_only=True)
class ArchDetail:
    """
    An architecture of a series; without a chroot it cannot be built for.

    :ivar chroots: By the pocket that they were set for.
    :ivar wall: Seconds that a build may take; ``None`` lets us learn that.
    :ivar silence: Seconds for which its log may stay as it is, likewise.
    """

    architecture: str
    chroots: Mapping[Pocket, StoredFile]
    enabled: bool = True
    supports_virtualized: bool = True
    supports_nonvirtualized: bool = True
    wall: float | None = None
    silence: float | None = None

    def chroot(self, pocket: Pocket = Pocket.RELEASE) -> StoredFile | None:
        """Give the chroot that a pocket is built in: its own, or the nearest."""
        found = (self.chroots.get(nearest) for nearest in chroot_order(pocket))
        return next((chroot for chroot in found if chroot is not None), None)


@frozen(kw_only=True)
class SeriesDetail:
    """A series and its architectures, in the order in which they were added."""

    name: str
    distribution: str
    status: SeriesStatus
    component: str
    components: tuple[str, ...]
    strict_components: bool
    nominated_architecture: str | None
    archive_lines: tuple[str, ...] | None
    architectures: tuple[ArchDetail, ...]


@frozen(kw_only=True)
class SeriesChange:
    """What is to become of a series; ``None`` leaves it as it is."""

    status: SeriesStatus | None = None
    nominated_architecture: str | None = None
    strict_components: bool | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        if self.nominated_architecture is not None:
            check_identifier(self.nominated_architecture, "nominated-arch")


@frozen(kw_only=True)
class ArchChange:
    """
    What is to become of an architecture of a series; ``None`` leaves it as it is.

    :ivar wall: Seconds; 0 lets us learn it again.
    :ivar silence: Seconds, likewise.
    """

    enabled: bool | None = None
    supports_virtualized: bool | None = None
    supports_nonvirtualized: bool | None = None
    wall: float | None = None
    silence: float | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        for field, limit in (("wall", self.wall), ("silence", self.silence)):
            if limit is not None and not 0 <= limit <= LONGEST_LIMIT:
                mend = f"give seconds, {LONGEST_LIMIT:.0f} at most, or 0 to learn it"
                raise InvalidError(field, f"{limit} is no limit", mend)


@frozen(kw_only=True)
class NewBuilder:
    """A builder to be added; see :class:`~buildd_manager.domain.builders.Builder`."""

    name: str
    url: str
    architectures: tuple[str, ...]
    virtualized: bool = False
    vm_host: str | None = None
    reset_protocol: ResetProtocol = ResetProtocol.V1_1
    open_resources: tuple[str, ...] = ()
    restricted_resources: tuple[str, ...] = ()
    manual: bool = False

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_identifier(self.name, "builder")
        check_tags(self.open_resources, "resources")
        check_tags(self.restricted_resources, "restricted-resources")
        if (url := check_worker_url(self.url, "url")) != self.url:
            raise InvalidError("url", "it is otherwise written", f"write {url}")
        if not self.architectures:
            raise InvalidError("arch", "there is none", "name one architecture or more")
        for architecture in self.architectures:
            check_identifier(architecture, "arch")
        if self.vm_host is not None:
            check_identifier(self.vm_host, "vm-host")
        elif self.virtualized:
            raise InvalidError(
                "vm-host", "a virtual builder needs one", "name the machine to reset"
            )


@frozen(kw_only=True)
class BuilderChange:
    """
    What is to become of a builder; ``None`` leaves it as it is.

    :ivar ok: Whether it may be used; what was said of it before is forgotten.
    :ivar fail_notes: Why it is out of use; only together with ``ok=False``.
    """

    ok: bool | None = None
    manual: bool | None = None
    fail_notes: str | None = None
    architectures: tuple[str, ...] | None = None
    open_resources: tuple[str, ...] | None = None
    restricted_resources: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        """Check every value."""
        check_tags(self.open_resources or (), "resources")
        check_tags(self.restricted_resources or (), "restricted-resources")
        if self.architectures is not None and not self.architectures:
            raise InvalidError("arch", "there is none", "name one architecture or more")
        for architecture in self.architectures or ():
            check_identifier(architecture, "arch")
        if self.fail_notes is not None and self.ok is not False:
            raise InvalidError("notes", "it is in use", "take it out of use, too")
        check_notes(self.fail_notes or "", "notes")
