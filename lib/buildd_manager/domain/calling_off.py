"""Decide what is to come of builds that were called off, and of trials that fail."""

from attrs import evolve

from buildd_manager.domain.blame import BuilderFate, JobFate, Offence, Ruling
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, Stopping
from buildd_manager.domain.observations import Observation
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.steps import SaveLog, Settle, Step


def called_off(
    seen: Observation,
    assignment: Assignment,
    stopping: Stopping,
    notes: str,
    policy: Policy,
) -> Settle:
    """
    End an attempt without a result: nobody is to blame for what people have cancelled.

    :param notes: How it has come to its end, if it has.
    """
    if assignment.canary:
        return failed_trial(seen, policy)
    reason = f"{stopping.cause.value}: {notes}"
    if not (assignment.cancelling or stopping.cause is Cause.CANCELLED):
        return seen.settle(Offence.HUNG, stopping.cause, reason, policy)
    ruling = Ruling(
        job=JobFate.CANCEL,
        builder=BuilderFate.DIRTY,
        builder_failures=seen.builder.failures,
        job_failures=assignment.failures,
        cause=Cause.CANCELLED,
        reason=reason,
    )
    return Settle(assignment, ruling)


def failed_trial(seen: Observation, policy: Policy) -> Settle:
    """
    Blame the builder for what is known to be good, however it came to its end.

    A trial that showed nothing would be followed by another at once, and so on; what
    has failed elsewhere would wait for this builder meanwhile.
    """
    notes = "a build that is known to be good failed here"
    return seen.settle(Offence.BUILDER_FAILED, Cause.BUILDER_FAILED, notes, policy)


def plan_unkilled(
    seen: Observation, assignment: Assignment, stopping: Stopping, policy: Policy
) -> tuple[Step, ...]:
    """Use no real machine on which goes on what its worker could not kill."""
    notes = "the worker could not kill what was called off: see to its machine"
    judged = seen.settle(Offence.BUILDER_FAILED, Cause.BUILDER_FAILED, notes, policy)
    cancelled = assignment.cancelling or stopping.cause is Cause.CANCELLED
    ruling = evolve(
        judged.ruling,
        job=JobFate.CANCEL if cancelled else JobFate.FAIL,
        job_failures=assignment.failures,
        builder=BuilderFate.FAIL,
        cause=Cause.CANCELLED if cancelled else stopping.cause,
    )
    return (SaveLog(assignment), Settle(assignment, ruling))


def hung(
    seen: Observation, assignment: Assignment, cause: Cause, policy: Policy
) -> Settle:
    """Hold a build that was called off, and is recorded, against its builder alone."""
    reason = f"{cause.value}: {assignment.cookie} was called off"
    judged = seen.settle(Offence.HUNG, cause, reason, policy)
    return Settle(None, evolve(judged.ruling, job=JobFate.KEEP))
