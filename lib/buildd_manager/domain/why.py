"""Answer why a build waits, and why a builder is idle."""

from collections.abc import Iterable

from attrs import frozen

from buildd_manager.domain.matching import (
    Candidate,
    WaitingBuild,
    best,
    build_obstacles,
    builder_obstacles,
    is_kind,
    obstacles,
    pair_obstacles,
    suits,
)
from buildd_manager.domain.reasons import Reason


@frozen
class Because:
    """
    One part of an answer.

    :ivar builder: The builder that it is about; ``None`` for every one.
    :ivar build: The build that it is about; with OUTRANKED, the one that goes first.
    """

    reason: Reason
    builder: int | None = None
    build: int | None = None


def why_waiting(
    build: WaitingBuild,
    builds: Iterable[WaitingBuild],
    builders: Iterable[Candidate],
) -> tuple[Because, ...]:
    """
    Say what keeps a build waiting: in itself, then builder by builder.

    The answer is empty if some builder is free and this build is the best for it.

    :param builds: All that wait; this one may be among them.
    """
    farm = tuple(sorted(builders, key=lambda builder: builder.id))
    ahead = sorted(
        (o for o in builds if o.id != build.id and o.rank < build.rank),
        key=lambda other: other.rank,
    )
    of_builders: list[Because] = []
    for builder in farm:
        because = _why_not_on(builder, build, ahead, farm)
        if not because and not build_obstacles(build):
            return ()
        of_builders.extend(because)
    return (*_why_nowhere(build, farm), *of_builders)


def _why_nowhere(
    build: WaitingBuild, farm: tuple[Candidate, ...]
) -> tuple[Because, ...]:
    reasons = list(build_obstacles(build))
    if not any(is_kind(build, builder) for builder in farm):
        reasons.append(Reason.NO_BUILDER_SUITS)
    return tuple(Because(reason) for reason in reasons)


def _why_not_on(
    builder: Candidate,
    build: WaitingBuild,
    ahead: list[WaitingBuild],
    farm: tuple[Candidate, ...],
) -> tuple[Because, ...]:
    of_build = build_obstacles(build)
    reasons = [r for r in obstacles(build, builder, farm) if r not in of_build]
    if reasons:
        return tuple(Because(reason, builder.id) for reason in reasons)
    for other in ahead:
        if suits(other, builder, farm):
            return (Because(Reason.OUTRANKED, builder.id, other.id),)
    return ()


def why_idle(
    builder: Candidate,
    builds: Iterable[WaitingBuild],
    builders: Iterable[Candidate],
) -> tuple[Because, ...]:
    """
    Say what keeps a builder idle: in itself, or else build by build.

    The answer is empty if there is a build for it.

    :param builders: All of the farm; this one may be among them.
    """
    waiting, farm = tuple(builds), tuple(builders)
    if best(waiting, builder, farm) is not None:
        return ()
    if own := builder_obstacles(builder):
        return tuple(Because(reason, builder.id) for reason in own)
    if not waiting:
        return (Because(Reason.NOTHING_WAITS, builder.id),)
    return tuple(
        Because(reason, builder.id, build.id)
        for build in sorted(waiting, key=lambda build: build.rank)
        for reason in (*build_obstacles(build), *pair_obstacles(build, builder, farm))
    )
