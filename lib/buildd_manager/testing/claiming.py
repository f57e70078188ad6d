"""Builders are given builds, in memory."""

from attrs import evolve

from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.cookies import Cookie
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.matching import Candidate, best, is_kind
from buildd_manager.testing.assignments import assignment
from buildd_manager.testing.rows import AttemptRow, BuilderRow, BuildRow, Rows
from buildd_manager.testing.waiting import candidate, waiting


def claim(rows: Rows, lease: Lease, nonce: str) -> Assignment | None:
    """Give the builder of a lease the best build for it."""
    builder = rows.builders[lease.builder]
    known = candidate(rows, builder)
    if known.busy or not known.ok or not known.clean:
        raise OvertakenError(f"builder {lease.builder} is not clean, ok and free")
    build = _canary(rows, known) if known.on_trial and not known.manual else None
    if build is None:
        build = _best(rows, evolve(known, on_trial=False))
    if build is None:
        return None
    return assignment(rows, _take(rows, builder, build, lease, nonce))


def _best(rows: Rows, builder: Candidate) -> BuildRow | None:
    builds = [waiting(rows, one) for one in rows.builds.values()]
    farm = [candidate(rows, one) for one in rows.builders.values()]
    chosen = best(builds, builder, farm)
    return None if chosen is None else rows.builds[chosen.id]


def _canary(rows: Rows, builder: Candidate) -> BuildRow | None:
    """Queue the quickest success that suits the builder once more."""
    known_good = [
        build for build in rows.builds.values() if may_try(rows, build, builder)
    ]
    if not known_good:
        return None
    copied = min(known_good, key=lambda build: (_duration(build), build.id))
    canary = BuildRow(
        id=next(rows.numbers),
        source=copied.source,
        architecture=copied.architecture,
        created=rows.now(),
        queue=next(rows.numbers),
        arch_indep=copied.arch_indep,
        virtualized=copied.virtualized,
        resources=copied.resources,
        score=copied.score,
        estimate=copied.estimate,
        canary=True,
    )
    rows.builds[canary.id] = canary
    return canary


def may_try(rows: Rows, build: BuildRow, builder: Candidate) -> bool:
    """Tell whether a build is known to be good, and may try a builder."""
    known = waiting(rows, build)
    return (
        build.state is BuildState.FULLY_BUILT
        and not build.canary
        and build.started is not None
        and build.finished is not None
        and known.archive_enabled
        and not known.embargoed
        and known.series_ok
        and known.has_chroot
        and is_kind(known, builder)
        and (build.virtualized or not rows.needs_virtual(build))
        and not any(
            tried.blamed and tried.build.canary
            for tried in rows.attempts.values()
            if tried.builder == builder.id and tried.build.source is build.source
            if tried.build.architecture == build.architecture
        )
    )


def _duration(build: BuildRow) -> float:
    assert build.started is not None
    assert build.finished is not None
    return (build.finished - build.started).total_seconds()


def _take(
    rows: Rows, builder: BuilderRow, build: BuildRow, lease: Lease, nonce: str
) -> AttemptRow:
    chroot = rows.arch_of(build).chroot(build.source.pocket)
    assert chroot is not None
    assert build.queue is not None
    attempt = AttemptRow(
        id=next(rows.numbers),
        number=len(rows.attempts_of(build)) + 1,
        build=build,
        queue=build.queue,
        builder=lease.builder,
        manager=lease.owner,
        epoch=lease.epoch,
        cookie=Cookie(build.id, build.queue, nonce),
        chroot=chroot,
        claimed=rows.now(),
    )
    rows.attempts[attempt.id] = attempt
    build.state, build.builder = BuildState.BUILDING, lease.builder
    build.first_dispatched = build.first_dispatched or rows.now()
    rows.set_clean(builder, CleanState.DIRTY)
    return attempt
