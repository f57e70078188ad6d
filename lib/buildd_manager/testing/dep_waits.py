"""What builds wait for, and what there is, in memory."""

from collections.abc import Iterator

from buildd_manager.domain.archives import Archive, Purpose
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.queue import DepWait
from buildd_manager.domain.sources_list import Need
from buildd_manager.domain.suites import is_over, may_build_in
from buildd_manager.domain.visibility import sees
from buildd_manager.testing.rows import BuildRow, Rows, SourceRow


def waits(rows: Rows) -> Iterator[DepWait]:
    """List what waits for packages, and could be built if they were there."""
    for build in rows.builds.values():
        waiting = build.state is BuildState.MANUAL_DEP_WAIT and not build.canary
        if waiting and build.dependencies and _could_be_built(rows, build):
            yield DepWait(
                build=build.id,
                dependencies=build.dependencies,
                architecture=build.architecture,
                series=build.source.series,
                sees=sees(need(rows, build.source)),
            )


def published(rows: Rows, wait: DepWait, names: frozenset[str]) -> dict[str, set[str]]:
    """Tell the versions that a build can see, by name."""
    found: dict[str, set[str]] = {}
    for binary in rows.binaries.values():
        if binary.name not in names or binary.series != wait.series:
            continue
        seen = wait.sees.get((binary.archive, binary.pocket), frozenset())
        suits = binary.architecture in {wait.architecture, "all"}
        if suits and binary.component in seen:
            found.setdefault(binary.name, set()).add(binary.version)
    return found


def need(rows: Rows, source: SourceRow) -> Need:
    """Tell from where the builds of a source get their packages."""
    archive, series = rows.archives[source.archive], rows.series[source.series].new
    primary = primary_of(rows, series.distribution)
    return Need(
        archive=archive,
        primary=primary,
        others={
            one.archive: rows.archives[one.archive] for one in archive.dependencies
        },
        series=source.series,
        pocket=source.pocket,
        component=source.component,
        components=series.components or (series.component,),
        strict=series.strict_components,
        in_primary=_component_in(rows, primary, source),
        series_lines=series.archive_lines,
    )


def primary_of(rows: Rows, distribution: str) -> Archive:
    """Find the primary archive of a distribution."""
    return next(
        archive
        for archive in rows.archives.values()
        if archive.purpose is Purpose.PRIMARY and archive.distribution == distribution
    )


def _component_in(rows: Rows, archive: Archive, source: SourceRow) -> str | None:
    found = [
        other.component
        for other in rows.sources.values()
        if other.published and other.archive == archive.name
        if other.source.name == source.source.name and other.series == source.series
    ]
    return found[-1] if found else None


def _could_be_built(rows: Rows, build: BuildRow) -> bool:
    source, arch = build.source, rows.arch_of(build)
    status = rows.series[source.series].new.status
    archive = rows.archives[source.archive]
    return (
        source.published
        and arch.enabled
        and arch.chroot(source.pocket) is not None
        and not is_over(status, build_obsolete=archive.build_obsolete)
        and may_build_in(status, source.pocket, archive.purpose)
    )
