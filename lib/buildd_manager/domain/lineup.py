"""The queue in order, and what is to be expected of each build in it."""

from attrs import frozen

from buildd_manager.domain.estimates import DEFAULT, Forecast, forecast
from buildd_manager.domain.matching import WaitingBuild, build_obstacles, is_kind
from buildd_manager.domain.outlook import Outlook
from buildd_manager.domain.reasons import Reason


@frozen(kw_only=True)
class Place:
    """
    A build in the queue.

    :ivar position: Among all builds for the same architecture, from 1 on.
    :ivar estimate: Seconds that it is likely to take.
    :ivar forecast: ``None`` if it is not to be built as things are: see reasons.
    :ivar reasons: Why not, whoever might build it.
    """

    build: WaitingBuild
    position: int
    estimate: float
    forecast: Forecast | None
    reasons: tuple[Reason, ...]


def lineup(outlook: Outlook, architecture: str | None, limit: int) -> tuple[Place, ...]:
    """
    Put the first builds of the queue in order.

    :param architecture: Of which builds; ``None`` takes all.
    """
    expected = forecast(outlook)
    positions: dict[str, int] = {}
    places: list[Place] = []
    for build in sorted(outlook.builds, key=lambda build: build.rank):
        position = positions[build.architecture] = (
            positions.get(build.architecture, 0) + 1
        )
        if architecture in {None, build.architecture} and len(places) < limit:
            place = Place(
                build=build,
                position=position,
                estimate=outlook.estimates.get(build.id, DEFAULT),
                forecast=expected[build.id],
                reasons=_reasons(build, outlook),
            )
            places.append(place)
    return tuple(places)


def _reasons(build: WaitingBuild, outlook: Outlook) -> tuple[Reason, ...]:
    reasons = build_obstacles(build)
    in_use = (builder for builder in outlook.builders if builder.in_use)
    if any(is_kind(build, builder) for builder in in_use):
        return reasons
    return (*reasons, Reason.NO_BUILDER_SUITS)
