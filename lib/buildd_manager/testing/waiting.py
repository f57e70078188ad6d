"""What waits, and who might build it, from the tables in memory."""

from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.matching import Candidate, WaitingBuild
from buildd_manager.domain.suites import is_embargoed, is_over, may_build_in
from buildd_manager.testing.rows import BuilderRow, BuildRow, Rows


def waiting(rows: Rows, build: BuildRow) -> WaitingBuild:
    """Show a build as far as it matters for who is to build it."""
    source, arch = build.source, rows.arch_of(build)
    archive = rows.archives[source.archive]
    status = rows.series[source.series].new.status
    return WaitingBuild(
        id=build.id,
        queue=build.queue or 0,
        architecture=build.architecture,
        score=build.score,
        virtualized=build.virtualized,
        resources=frozenset(build.resources),
        waiting=build.state is BuildState.NEEDS_BUILD and build.queue is not None,
        archive_enabled=archive.enabled,
        source_published=source.published,
        pocket_open=may_build_in(status, source.pocket, archive.purpose),
        embargoed=is_embargoed(source.pocket, build_security=archive.build_security),
        series_ok=not is_over(status, build_obsolete=archive.build_obsolete),
        has_chroot=arch.enabled and arch.chroot(source.pocket) is not None,
        canary=build.canary,
        failed_on=_failed_on(rows, build),
    )


def candidate(rows: Rows, row: BuilderRow) -> Candidate:
    """Show a builder as far as it matters for what it may build."""
    builder = row.value
    return Candidate(
        id=builder.id,
        name=builder.name,
        architectures=frozenset(builder.architectures),
        virtualized=builder.virtualized,
        open_resources=frozenset(builder.open_resources),
        restricted_resources=frozenset(builder.restricted_resources),
        ok=builder.ok,
        manual=builder.manual,
        busy=rows.live_attempt(builder.id) is not None,
        clean=builder.clean is CleanState.CLEAN,
        on_trial=builder.on_trial,
    )


def _failed_on(rows: Rows, build: BuildRow) -> frozenset[int]:
    return frozenset(
        attempt.builder
        for attempt in rows.attempts_of(build)
        if attempt.queue == build.queue and attempt.blamed
        if attempt.state is AttemptState.ABANDONED
    )
