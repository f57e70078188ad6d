"""Builds that are called off, or that take too long."""

from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, Limit
from buildd_manager.domain.policy import Policy


def reason_to_stop(assignment: Assignment, tail: str, policy: Policy) -> Cause | None:
    """
    Tell why a build that goes on should not, if it should not.

    :param tail: The end of its log now. If it is not what it was at the last look,
        the log was not silent, however long ago that look was.
    """
    if assignment.cancelling:
        return Cause.CANCELLED
    if assignment.running > wall_limit(assignment, policy):
        return Cause.TIMEOUT
    same = tail == (assignment.tail or "")
    if same and assignment.silent > silence_limit(assignment, policy):
        return Cause.SILENCE
    return None


def wall_limit(assignment: Assignment, policy: Policy) -> float:
    """Give the seconds that a build may take: as was said, or as was learned."""
    return _limit(assignment.wall, policy.wall_floor, policy)


def silence_limit(assignment: Assignment, policy: Policy) -> float:
    """Give the seconds for which the log of a build may stay as it is."""
    return _limit(assignment.silence, policy.silence_floor, policy)


def _limit(limit: Limit, floor: float, policy: Policy) -> float:
    if limit.said is not None:
        return limit.said
    return max(floor, policy.learning * (limit.longest or 0.0))


def is_overdue(assignment: Assignment, policy: Policy) -> bool:
    """Tell whether a worker has had its time to end what was called off."""
    stopping = assignment.stopping
    return stopping is not None and stopping.since > policy.stopping
