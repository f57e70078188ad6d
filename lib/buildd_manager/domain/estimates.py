"""How long a build is likely to take, and when it is likely to start."""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping

from attrs import frozen

from buildd_manager.domain.matching import (
    Candidate,
    WaitingBuild,
    build_obstacles,
    pair_obstacles,
)
from buildd_manager.domain.outlook import Outlook, Running


#: Seconds for a build of which nothing is known.
DEFAULT = 300.0

#: KiB of source that are built in a second, by experience, and a minute on top.
SPEED = 6

#: Seconds until anything starts: a builder is looked at first.
SOONEST = 5.0

#: Seconds that a build which takes longer than it should is likely to take still.
OVERDUE = 120.0


def duration(last: float | None, size: int) -> float:
    """
    Estimate the seconds that a build will take.

    :param last: Seconds that the last success of the same source for the same
        architecture took, in the same archive or the primary one.
    :param size: Bytes of the source.
    """
    if last is not None:
        return last
    if size <= 0:
        return DEFAULT
    minutes = int(size / 1024 / SPEED / 60 + 1)
    return minutes * 60.0


def remaining(running: Running) -> float:
    """Estimate the seconds that a build which runs will take still."""
    left = running.estimate - running.elapsed
    return left if left > 0 else OVERDUE


@frozen
class Forecast:
    """
    What is to be expected of a build that waits.

    :ivar start: Seconds from now.
    :ivar completion: Likewise.
    """

    start: float
    completion: float


def forecast(outlook: Outlook) -> Mapping[int, Forecast | None]:
    """
    Foretell when each build that waits starts and ends, by playing it through.

    Whenever a builder becomes free, it gets the best of what suits it, whatever else
    it builds for; nothing new comes, nobody fails, and what is unknown is guessed.

    :returns: By the number of the build; ``None`` where no builder that is in use
        suits, or the build itself is not to be built now.
    """
    starts = dict(_play(outlook))
    estimates = outlook.estimates
    return {
        build.id: None
        if (start := starts.get(build.id)) is None
        else Forecast(start, start + estimates.get(build.id, DEFAULT))
        for build in outlook.builds
    }


def _play(outlook: Outlook) -> Iterator[tuple[int, float]]:
    """Let builders take builds until none is left; yield builds and their starts."""
    lines = _queues(outlook)
    in_use = [builder for builder in outlook.builders if builder.in_use]
    open_to = {
        builder.id: [line for line in lines if _suits(line[0], builder, outlook)]
        for builder in in_use
    }
    free = [(_free_at(builder, outlook), builder.id) for builder in in_use]
    heapq.heapify(free)
    while free:
        now, number = heapq.heappop(free)
        waiting = [line for line in open_to[number] if line]
        if waiting:
            build = min(waiting, key=lambda line: line[0].rank).popleft()
            yield build.id, now
            took = outlook.estimates.get(build.id, DEFAULT)
            heapq.heappush(free, (now + took, number))


def _queues(outlook: Outlook) -> list[deque[WaitingBuild]]:
    """Part what waits into queues of those that suit the same builders."""
    queues: dict[tuple[object, ...], deque[WaitingBuild]] = defaultdict(deque)
    for build in sorted(outlook.builds, key=lambda build: build.rank):
        if not build_obstacles(build):
            kind = (build.architecture, build.virtualized, build.resources)
            queues[(*kind, build.failed_on)].append(build)
    return list(queues.values())


def _suits(build: WaitingBuild, builder: Candidate, outlook: Outlook) -> bool:
    return not pair_obstacles(build, builder, outlook.builders)


def _free_at(builder: Candidate, outlook: Outlook) -> float:
    if not builder.busy:
        return SOONEST
    running = outlook.running.get(builder.id)
    return max(SOONEST, OVERDUE if running is None else remaining(running))
