"""Sources and their builds enter the queue, in memory."""

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.queue import NewBuild, Submission
from buildd_manager.testing.rows import BuildRow, Rows, SourceRow


def place(row: SourceRow) -> tuple[object, ...]:
    """Tell of what two versions cannot both be wanted."""
    return (row.source.name, row.archive, row.series, row.pocket)


def source_row(rows: Rows, submission: Submission) -> SourceRow:
    """Make the row of a source."""
    return SourceRow(
        id=next(rows.numbers),
        source=submission.source,
        archive=submission.archive,
        series=submission.series,
        pocket=submission.pocket,
        component=submission.component,
        section=submission.section,
        urgency=submission.urgency,
        files=submission.files,
        created=rows.now(),
    )


def add_build(
    rows: Rows, source: SourceRow, submission: Submission, wanted: NewBuild
) -> BuildRow:
    """Add a build, which waits from then on."""
    build = BuildRow(
        id=next(rows.numbers),
        source=source,
        architecture=wanted.architecture,
        arch_indep=wanted.arch_indep,
        virtualized=wanted.virtualized,
        estimate=last_duration(rows, source, wanted.architecture) or wanted.estimate,
        resources=submission.resources,
        score=submission.score,
        manual_score=submission.manual_score,
        created=rows.now(),
        queue=next(rows.numbers),
    )
    build.virtualized = build.virtualized or rows.needs_virtual(build)
    rows.builds[build.id] = build
    return build


def last_duration(rows: Rows, source: SourceRow, architecture: str) -> float | None:
    """Tell the seconds that the last success of the same source has taken."""
    distribution = rows.archives[source.archive].distribution
    places = {source.archive} | {
        archive.name
        for archive in rows.archives.values()
        if archive.purpose is Purpose.PRIMARY and archive.distribution == distribution
    }
    found = [
        (build.finished, (build.finished - build.started).total_seconds())
        for build in rows.builds.values()
        if build.state is BuildState.FULLY_BUILT and not build.canary
        if build.source.source.name == source.source.name
        if build.source.series == source.series and build.source.archive in places
        if build.architecture == architecture and build.started and build.finished
        if build.started < build.finished
    ]
    return max(found)[1] if found else None
