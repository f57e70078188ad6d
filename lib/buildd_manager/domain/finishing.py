"""Decide what to do about a build that its worker has finished."""

from typing import assert_never

from buildd_manager.domain.blame import Offence
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.calling_off import (
    called_off,
    failed_trial,
    hung,
    plan_unkilled,
)
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.observations import Observation
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Verdict, Waiting
from buildd_manager.domain.results import (
    BuilderBroken,
    Conclusive,
    Inconclusive,
    meaning,
)
from buildd_manager.domain.steps import Collect, SaveLog, Step


#: What becomes of a build that its worker was told to end.
_KILLED = frozenset({Verdict.ABORTED, Verdict.BUILDERFAIL})


def plan_finished(
    seen: Observation, assignment: Assignment, finished: Waiting, policy: Policy
) -> tuple[Step, ...]:
    """
    Collect what there is, and judge what there is not.

    Whatever was called off has come to its end with that, unless it was quicker; a
    trial is over, too.
    """
    unkilled = assignment.stopping if finished.verdict is Verdict.BUILDERFAIL else None
    if unkilled is not None and not seen.builder.virtualized:
        return plan_unkilled(seen, assignment, unkilled, policy)
    if assignment.cancelling:
        ended, cause = BuildState.CANCELLED, Cause.CANCELLED
        return (Collect(assignment, finished, ended, cause, acquits=False),)
    if not _has_worked(finished):
        if assignment.canary:
            return (SaveLog(assignment), failed_trial(seen, policy))
        if assignment.state is AttemptState.GATHERING:
            notes = "the worker had a success, and says that it has none"
            return (seen.settle(Offence.BETRAYAL, Cause.ISOLATION, notes, policy),)
    if assignment.stopping is not None and finished.verdict in _KILLED:
        ended, cause = BuildState.FAILED_TO_BUILD, assignment.stopping.cause
        collect = Collect(assignment, finished, ended, cause, acquits=False)
        return (collect, hung(seen, assignment, cause, policy))
    return _plan_by_verdict(seen, assignment, finished, policy)


def plan_garbled(
    seen: Observation, assignment: Assignment, why: str, policy: Policy
) -> tuple[Step, ...]:
    """Ask no more what it has come to: the worker would say the same again."""
    if assignment.stopping is not None:
        settle = called_off(seen, assignment, assignment.stopping, why, policy)
    elif assignment.canary:
        settle = failed_trial(seen, policy)
    else:
        settle = seen.settle(Offence.BAD_RESULT, Cause.BAD_RESULT, why, policy)
    return (SaveLog(assignment), settle)


def _has_worked(finished: Waiting) -> bool:
    means = meaning(finished)
    return isinstance(means, Conclusive) and means.state is BuildState.UPLOADING


def _plan_by_verdict(
    seen: Observation, assignment: Assignment, finished: Waiting, policy: Policy
) -> tuple[Step, ...]:
    means = meaning(finished)
    match means:
        case Conclusive(state, cause, fault):
            state = _state(assignment, state)
            return (Collect(assignment, finished, state, cause, fault),)
        case Inconclusive(cause, reason):
            settle = seen.settle(Offence.NOTHING, cause, reason, policy)
            return (SaveLog(assignment), settle)
        case BuilderBroken(notes):
            settle = seen.settle(
                Offence.BUILDER_FAILED, Cause.BUILDER_FAILED, notes, policy
            )
            return (SaveLog(assignment), settle)
        case _:
            assert_never(means)


def _state(assignment: Assignment, state: BuildState) -> BuildState:
    """Let nothing be uploaded that is a trial, or that nobody wants any more."""
    if state is not BuildState.UPLOADING:
        return state
    if assignment.canary:
        return BuildState.FULLY_BUILT
    return BuildState.SUPERSEDED if assignment.superseded else state
