"""Where a build goes when an attempt at it ends."""

from attrs import frozen

from buildd_manager.domain.blame import JobFate
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause


#: States of a build whose attempt is live.
ON_BUILDER = frozenset(
    {BuildState.BUILDING, BuildState.GATHERING, BuildState.CANCELLING}
)


@frozen(kw_only=True)
class Ending:
    """
    A build whose attempt ends.

    :ivar state: One of :data:`ON_BUILDER`.
    :ivar canary: Whether it was only to try the builder.
    :ivar published: Whether its source is still wanted.
    """

    state: BuildState
    canary: bool
    published: bool


def without_result(
    build: Ending, fate: JobFate, cause: Cause
) -> tuple[BuildState, Cause | None]:
    """
    Tell where a build goes whose attempt has no result, and why.

    What nobody wants any more does not wait again: nobody would ever build it.
    """
    if build.canary or build.state is BuildState.CANCELLING or fate is JobFate.CANCEL:
        return BuildState.CANCELLED, cause
    if fate is JobFate.FAIL:
        return BuildState.FAILED_TO_BUILD, cause
    if not build.published:
        return BuildState.SUPERSEDED, None
    return BuildState.NEEDS_BUILD, None


def may_be_recorded(state: BuildState, canary: bool, result: BuildState) -> bool:  # noqa: FBT001
    """
    Tell whether a result may be recorded of a build that is in ``state``.

    If it is being cancelled, that it was is the only result; only a canary is fully
    built without an upload, and it has never one.
    """
    if (state is BuildState.CANCELLING) != (result is BuildState.CANCELLED):
        return False
    if result is BuildState.UPLOADING:
        return not canary
    return canary or result is not BuildState.FULLY_BUILT


def acquits(canary: bool, result: BuildState) -> bool:  # noqa: FBT001
    """Tell whether a result may show that its builder is well."""
    return not canary or result is BuildState.FULLY_BUILT
