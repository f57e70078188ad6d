"""Decide, from what a look at one builder has shown, what to do: the heart."""

from buildd_manager.domain.blame import Offence
from buildd_manager.domain.builders import CleanState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.cleaning import plan_cleaning
from buildd_manager.domain.following import plan_following
from buildd_manager.domain.jobs import AttemptState
from buildd_manager.domain.observations import Observation
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Idle
from buildd_manager.domain.steps import Dispatch, Introduce, PutOnTrial, Step


def plan(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    """Decide what to do now; the next look decides what comes after."""
    if not seen.builder.ok:
        return _plan_out_of_use(seen, policy)
    if seen.assignment is None:
        return _plan_free(seen, policy)
    if seen.builder.clean is not CleanState.DIRTY:
        notes = "Non-dirty builder allegedly building."
        return (seen.settle(Offence.BETRAYAL, Cause.ISOLATION, notes, policy),)
    if seen.assignment.state is AttemptState.CLAIMED:
        # See Note [Claim before asking] in services.dispatching: a claim that is
        # still here at a later look was never acknowledged, whatever runs there.
        notes = "the worker never acknowledged it"
        return (seen.settle(Offence.NOTHING, Cause.UNACKNOWLEDGED, notes, policy),)
    return plan_following(seen, seen.assignment, policy)


def _plan_out_of_use(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    """Leave the worker alone: nobody trusts it, or somebody works on it."""
    if seen.assignment is not None:
        notes = "the builder is out of use"
        return (seen.settle(Offence.NOTHING, Cause.BUILDER_WITHDRAWN, notes, policy),)
    return (PutOnTrial(),) if seen.builder.trial_due else ()


def _plan_free(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    builder, report = seen.builder, seen.report
    if builder.clean is not CleanState.CLEAN:
        return plan_cleaning(seen, policy)
    if not isinstance(report, Idle):
        notes = "Allegedly clean worker not idle"
        return (seen.settle(Offence.BETRAYAL, Cause.ISOLATION, notes, policy),)
    steps: list[Step] = []
    if not builder.introduced or report.version != builder.version:
        steps.append(Introduce(report.version))
    if not builder.manual:
        steps.append(Dispatch())
    return tuple(steps)
