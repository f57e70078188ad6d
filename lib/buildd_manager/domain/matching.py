"""Which waiting build suits which builder: the one truth of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from attrs import frozen

from buildd_manager.domain.reasons import Reason


@frozen(kw_only=True)
class WaitingBuild:
    """
    A build, as far as it matters for who is to build it.

    :ivar queue: Its entry in the queue: of equals, the lowest goes first.
    :ivar virtualized: Whether it is for virtual builders, and only for them.
    :ivar resources: Tags that its builder must have.
    :ivar waiting: Whether it waits; it may have been taken or cancelled meanwhile.
    :ivar source_published: Whether its source is still wanted.
    :ivar pocket_open: Whether its archive takes builds for its pocket just now.
    :ivar embargoed: Whether its pocket is security, and nobody here is to see that.
    :ivar series_ok: Whether its series, if obsolete, may be built for all the same.
    :ivar canary: Whether it is known to be good, and so may try a builder.
    :ivar failed_on: Builders that it failed on since it was queued.
    """

    id: int
    queue: int
    architecture: str
    score: int
    virtualized: bool = False
    resources: frozenset[str] = frozenset()
    waiting: bool = True
    archive_enabled: bool = True
    source_published: bool = True
    pocket_open: bool = True
    embargoed: bool = False
    series_ok: bool = True
    has_chroot: bool = True
    canary: bool = False
    failed_on: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[int, int, int]:
        """Its place among others: the least is the best."""
        return (-self.score, self.queue, self.id)


@frozen(kw_only=True)
class Candidate:
    """
    A builder, as far as it matters for what it may build.

    :ivar open_resources: Tags that builds may ask for.
    :ivar restricted_resources: Tags, too; a build must ask for all of them.
    :ivar manual: Whether people give it its work.
    :ivar busy: Whether it has a job.
    :ivar on_trial: Whether it waits for a build that is known to be good.
    """

    id: int
    name: str
    architectures: frozenset[str]
    virtualized: bool = False
    open_resources: frozenset[str] = frozenset()
    restricted_resources: frozenset[str] = frozenset()
    ok: bool = True
    manual: bool = False
    busy: bool = False
    clean: bool = True
    on_trial: bool = False

    @property
    def in_use(self) -> bool:
        """Whether it gets builds from us, now or later."""
        return self.ok and not self.manual


def obstacles(
    build: WaitingBuild, builder: Candidate, builders: Iterable[Candidate] = ()
) -> tuple[Reason, ...]:
    """
    Name everything that keeps a build from being given to a builder now.

    :param builders: All of the farm: a build that failed here goes elsewhere, but
        only if there is such a place.
    """
    of_builder = builder_obstacles(builder)
    if build.canary:
        of_builder = tuple(r for r in of_builder if r is not Reason.BUILDER_ON_TRIAL)
    return (
        *build_obstacles(build),
        *pair_obstacles(build, builder, builders),
        *of_builder,
    )


def suits(
    build: WaitingBuild, builder: Candidate, builders: Iterable[Candidate] = ()
) -> bool:
    """Tell whether a build may be given to a builder now."""
    return not obstacles(build, builder, builders)


def best(
    builds: Iterable[WaitingBuild],
    builder: Candidate,
    builders: Iterable[Candidate],
) -> WaitingBuild | None:
    """Choose what a builder gets: of those that suit it the highest score."""
    farm = tuple(builders)
    suitable = (build for build in builds if suits(build, builder, farm))
    return min(suitable, key=lambda build: build.rank, default=None)


def split(builds: Iterable[WaitingBuild]) -> Mapping[str, tuple[WaitingBuild, ...]]:
    """Sort builds that could be built now, the best first, by their architectures."""
    parts: dict[str, list[WaitingBuild]] = defaultdict(list)
    for build in sorted(builds, key=lambda build: build.rank):
        if not build_obstacles(build):
            parts[build.architecture].append(build)
    return {architecture: tuple(part) for architecture, part in sorted(parts.items())}


def build_obstacles(build: WaitingBuild) -> tuple[Reason, ...]:
    """Name what keeps a build from being built at all."""
    return _named(
        (Reason.NOT_WAITING, not build.waiting),
        (Reason.ARCHIVE_DISABLED, not build.archive_enabled),
        (Reason.SOURCE_SUPERSEDED, not build.source_published),
        (Reason.POCKET_CLOSED, not build.pocket_open),
        (Reason.EMBARGOED, build.embargoed),
        (Reason.SERIES_OBSOLETE, not build.series_ok),
        (Reason.NO_CHROOT, not build.has_chroot),
    )


def builder_obstacles(builder: Candidate) -> tuple[Reason, ...]:
    """Name what keeps a builder from being given anything, save a canary."""
    return _named(
        (Reason.BUILDER_NOT_OK, not builder.ok),
        (Reason.BUILDER_MANUAL, builder.manual),
        (Reason.BUILDER_BUSY, builder.busy),
        (Reason.BUILDER_NOT_CLEAN, not builder.clean),
        (Reason.BUILDER_ON_TRIAL, builder.on_trial),
    )


def pair_obstacles(
    build: WaitingBuild, builder: Candidate, builders: Iterable[Candidate] = ()
) -> tuple[Reason, ...]:
    """Name what keeps just these two apart, whatever they do now."""
    failed_here = builder.id in build.failed_on and any(
        other.in_use and other.id not in build.failed_on and is_kind(build, other)
        for other in builders
    )
    return (
        *_misfits(build, builder),
        *_named((Reason.FAILED_HERE_BEFORE, failed_here)),
    )


def is_kind(build: WaitingBuild, builder: Candidate) -> bool:
    """Tell whether a builder is of the kind that a build needs."""
    return not _misfits(build, builder)


def _misfits(build: WaitingBuild, builder: Candidate) -> tuple[Reason, ...]:
    offered = builder.open_resources | builder.restricted_resources
    return _named(
        (Reason.WRONG_ARCHITECTURE, build.architecture not in builder.architectures),
        (Reason.VIRTUALIZED_MISMATCH, build.virtualized != builder.virtualized),
        (Reason.MISSING_RESOURCE, not build.resources <= offered),
        (
            Reason.RESTRICTED_RESOURCE,
            not builder.restricted_resources <= build.resources,
        ),
    )


def _named(*rows: tuple[Reason, bool]) -> tuple[Reason, ...]:
    return tuple(reason for reason, applies in rows if applies)
