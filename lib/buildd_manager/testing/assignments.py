"""What builders have to do, from the tables in memory."""

from attrs import frozen

from buildd_manager.domain.archives import Archive
from buildd_manager.domain.briefing import Known, job_of
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.jobs import Assignment, Job, Limit, Stopping
from buildd_manager.domain.pockets import Pocket
from buildd_manager.testing.dep_waits import need
from buildd_manager.testing.rows import AttemptRow, BuildRow, Rows


#: From so many of the last successes is learned how long a build may take.
LEARNED_FROM = 5


def assignment(rows: Rows, attempt: AttemptRow) -> Assignment:
    """Show a live attempt."""
    build, arch = attempt.build, rows.arch_of(attempt.build)
    past = _past(rows, build)
    return Assignment(
        attempt=attempt.id,
        cookie=attempt.cookie,
        state=attempt.state,
        job=_job(rows, attempt),
        number=sum(one.queue == attempt.queue for one in rows.attempts.values()),
        failures=build.failures,
        canary=build.canary,
        cancelling=build.state is BuildState.CANCELLING,
        superseded=not build.source.published,
        stopping=_stopping(rows, attempt),
        running=rows.since(attempt.started),
        tail=build.tail,
        silent=rows.since(attempt.tail_changed or attempt.started),
        wall=Limit(arch.wall, max((one.duration for one in past), default=None)),
        silence=Limit(arch.silence, max((one.silence for one in past), default=None)),
    )


def _stopping(rows: Rows, attempt: AttemptRow) -> Stopping | None:
    if attempt.stop_cause is None:
        return None
    return Stopping(attempt.stop_cause, rows.since(attempt.stopping))


@frozen
class _Success:
    """How long a build took, and its log was silent, at most."""

    duration: float
    silence: float


def _past(rows: Rows, build: BuildRow) -> list[_Success]:
    """Look at the last successes of the same source for the same architecture."""
    same = [
        other
        for other in rows.builds.values()
        if other.state is BuildState.FULLY_BUILT and not other.canary
        if other.source.source.name == build.source.source.name
        if other.source.series == build.source.series
        if other.architecture == build.architecture
        if other.started is not None and other.finished is not None
    ]
    same.sort(key=lambda other: (other.finished, other.id), reverse=True)
    return [_success(rows, other) for other in same[:LEARNED_FROM]]


def _success(rows: Rows, build: BuildRow) -> _Success:
    assert build.started is not None
    assert build.finished is not None
    recorded = [one for one in rows.attempts_of(build) if one.result is not None]
    duration = (build.finished - build.started).total_seconds()
    return _Success(duration, recorded[-1].longest_silence)


def _job(rows: Rows, attempt: AttemptRow) -> Job:
    build, source = attempt.build, attempt.build.source
    known = Known(
        source=source.source.name,
        version=source.source.version,
        distribution=rows.series[source.series].new.distribution,
        architecture=build.architecture,
        arch_indep=build.arch_indep,
        virtualized=build.virtualized,
        resources=build.resources,
        chroot=attempt.chroot,
        files=source.files,
        need=need(rows, source),
    )
    wanted = {build.architecture, "all"}

    def published(archive: Archive, pocket: Pocket) -> bool:
        return any(
            (one.archive, one.pocket) == (archive.name, pocket)
            and one.series == source.series
            and one.architecture in wanted
            for one in rows.binaries.values()
        )

    return job_of(known, published)
