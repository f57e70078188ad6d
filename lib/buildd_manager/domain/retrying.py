"""What people may have done to a build, and when."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from buildd_manager.domain.archives import Purpose
from buildd_manager.domain.builds import RETRYABLE, BuildState
from buildd_manager.domain.errors import ConflictError
from buildd_manager.domain.pockets import Pocket
from buildd_manager.domain.series_status import SeriesStatus
from buildd_manager.domain.suites import may_build_in


_S = BuildState

#: Where a build goes that nobody wants any more. One that runs is ended first.
CANCELLED: Mapping[BuildState, BuildState] = MappingProxyType(
    {_S.NEEDS_BUILD: _S.CANCELLED, _S.BUILDING: _S.CANCELLING}
)


@frozen(kw_only=True)
class Situation:
    """
    A build, as far as it matters for what may be done to it.

    :ivar published: Whether its source is still wanted.
    :ivar canary: Whether it is there only to try a builder.
    """

    build: int
    state: BuildState
    series_status: SeriesStatus
    pocket: Pocket
    purpose: Purpose
    published: bool = True
    canary: bool = False

    @property
    def revives(self) -> bool:
        """Whether its source is wanted again, once it is built again."""
        return self.state is BuildState.SUPERSEDED


def check_retry(situation: Situation) -> None:
    """
    Make sure that a build may be attempted once more.

    :raises ConflictError: If it may not.
    """
    if situation.canary or situation.state not in RETRYABLE:
        raise _conflict(situation, "retried", "retry what has failed or was given up")
    if not (situation.published or situation.revives):
        raise ConflictError(
            "build",
            f"the source of build {situation.build} is superseded",
            "retry the builds of the version that is published",
        )
    status, pocket = situation.series_status, situation.pocket
    if not may_build_in(status, pocket, situation.purpose):
        raise ConflictError(
            "build",
            f"build {situation.build} is for {pocket.value} of a series that is"
            f" {status.value}: nothing may be built there",
            "submit it for another pocket",
        )


def check_cancel(situation: Situation) -> BuildState:
    """
    Tell where a build goes that is to be cancelled.

    :raises ConflictError: If it may not be.
    """
    after = CANCELLED.get(situation.state)
    if situation.canary or after is None:
        raise _conflict(situation, "cancelled", "cancel what waits or is being built")
    return after


def check_rescore(situation: Situation) -> None:
    """
    Make sure that a build may have another score.

    :raises ConflictError: If it does not wait.
    """
    if situation.canary or situation.state is not BuildState.NEEDS_BUILD:
        raise _conflict(situation, "rescored", "rescore what waits")


def check_supersede(situation: Situation) -> None:
    """
    Make sure that the source of a build may be given up.

    :raises ConflictError: If it was already.
    """
    if situation.canary or not situation.published:
        raise _conflict(situation, "superseded", "there is nothing left to do")


def _conflict(situation: Situation, what: str, mend: str) -> ConflictError:
    why = f'it is "{situation.state.title}"'
    if situation.canary:
        why = "it is there to try a builder"
    elif what == "superseded":
        why = "its source is superseded already"
    return ConflictError(
        "build", f"build {situation.build} cannot be {what}: {why}", mend
    )
