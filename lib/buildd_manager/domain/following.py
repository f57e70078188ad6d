"""Decide what to do about a build that is under way."""

from typing import assert_never

from attrs import evolve

from buildd_manager.domain.blame import (
    BuilderFate,
    JobFate,
    Offence,
    Ruling,
)
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, AttemptState, Stopping
from buildd_manager.domain.log_tails import readable
from buildd_manager.domain.observations import Observation, name_of
from buildd_manager.domain.origins import Standing
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Garbled,
    Idle,
    Unasked,
    Verdict,
    Waiting,
)
from buildd_manager.domain.results import (
    BuilderBroken,
    Conclusive,
    Inconclusive,
    meaning,
)
from buildd_manager.domain.secrets import redact
from buildd_manager.domain.steps import Collect, KeepTail, SaveLog, Settle, Step, Stop
from buildd_manager.domain.stopping import is_overdue, reason_to_stop


#: 2005's words for the log of a build that is being aborted.
ABORTING_TAIL = "Waiting for slave process to be terminated"


def plan_following(
    seen: Observation, assignment: Assignment, policy: Policy
) -> tuple[Step, ...]:
    """Decide what to do about an attempt that its worker has acknowledged."""
    if name_of(seen.report) != str(assignment.cookie):
        return (_lost(seen, assignment, policy),)
    match seen.report:
        case Building(tail=tail):
            shown = redact(readable(tail), assignment.job.secrets, cut=True)
            return _plan_going_on(seen, assignment, shown, policy)
        case Aborting():
            return _plan_going_on(seen, assignment, ABORTING_TAIL, policy)
        case Waiting():
            return _plan_finished(seen, assignment, seen.report, policy)
        case Garbled(why=why):
            return _plan_garbled(seen, assignment, why, policy)
        case Aborted() | Idle() | Unasked():
            return (_aborted(seen, assignment, policy),)
        case _:
            assert_never(seen.report)


def _lost(seen: Observation, assignment: Assignment, policy: Policy) -> Settle:
    if seen.origin.standing is Standing.ELSEWHERE:
        notes = "the worker says the name of another builder's job"
        return seen.settle(Offence.BETRAYAL, Cause.ISOLATION, notes, policy)
    cookie = name_of(seen.report)
    said = "nothing" if cookie is None else ascii(cookie[:80])
    notes = f"lost: expected {assignment.cookie}, the worker has {said}"
    return seen.settle(Offence.LOST, Cause.BUILDER_LOST, notes, policy)


def _plan_going_on(
    seen: Observation, assignment: Assignment, tail: str, policy: Policy
) -> tuple[Step, ...]:
    if assignment.state is AttemptState.GATHERING:
        notes = "the worker had finished, and says that it builds again"
        return (seen.settle(Offence.BETRAYAL, Cause.ISOLATION, notes, policy),)
    if assignment.stopping is None:
        cause = reason_to_stop(assignment, tail, policy)
        stop = () if cause is None else (Stop(assignment, cause),)
        return (KeepTail(assignment, tail), *stop)
    if is_overdue(assignment, policy):
        notes = "the worker does not end what was called off"
        return (_called_off(seen, assignment, assignment.stopping, notes, policy),)
    return (KeepTail(assignment, tail),)


def _aborted(seen: Observation, assignment: Assignment, policy: Policy) -> Settle:
    if assignment.stopping is not None:
        notes = "it was called off"
        return _called_off(seen, assignment, assignment.stopping, notes, policy)
    if assignment.canary:
        return _failed_trial(seen, policy)
    return seen.settle(Offence.NOTHING, Cause.ABORTED, "it was aborted", policy)


def _called_off(
    seen: Observation,
    assignment: Assignment,
    stopping: Stopping,
    notes: str,
    policy: Policy,
) -> Settle:
    if assignment.canary:
        return _failed_trial(seen, policy)
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


def _failed_trial(seen: Observation, policy: Policy) -> Settle:
    """
    Blame the builder for what is known to be good, however it came to its end.

    A trial that showed nothing would be followed by another at once, and so on; what
    has failed elsewhere would wait for this builder meanwhile.
    """
    notes = "a build that is known to be good failed here"
    return seen.settle(Offence.BUILDER_FAILED, Cause.BUILDER_FAILED, notes, policy)


def _plan_finished(
    seen: Observation, assignment: Assignment, finished: Waiting, policy: Policy
) -> tuple[Step, ...]:
    unkilled = assignment.stopping if finished.verdict is Verdict.BUILDERFAIL else None
    if unkilled is not None and not seen.builder.virtualized:
        return _plan_unkilled(seen, assignment, unkilled, policy)
    if assignment.cancelling:
        ended, cause = BuildState.CANCELLED, Cause.CANCELLED
        return (Collect(assignment, finished, ended, cause, acquits=False),)
    if assignment.canary and not _has_worked(finished):
        return (SaveLog(assignment), _failed_trial(seen, policy))
    if assignment.stopping is not None and finished.verdict in _KILLED:
        ended, cause = BuildState.FAILED_TO_BUILD, assignment.stopping.cause
        collect = Collect(assignment, finished, ended, cause, acquits=False)
        return (collect, _hung(seen, assignment, cause, policy))
    return _plan_by_verdict(seen, assignment, finished, policy)


def _plan_unkilled(
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


def _hung(
    seen: Observation, assignment: Assignment, cause: Cause, policy: Policy
) -> Settle:
    """Hold a build that was called off, and is recorded, against its builder alone."""
    reason = f"{cause.value}: {assignment.cookie} was called off"
    judged = seen.settle(Offence.HUNG, cause, reason, policy)
    return Settle(None, evolve(judged.ruling, job=JobFate.KEEP))


#: What becomes of a build that its worker was told to end.
_KILLED = frozenset({Verdict.ABORTED, Verdict.BUILDERFAIL})


def _has_worked(finished: Waiting) -> bool:
    means = meaning(finished)
    return isinstance(means, Conclusive) and means.state is BuildState.UPLOADING


def _plan_garbled(
    seen: Observation, assignment: Assignment, why: str, policy: Policy
) -> tuple[Step, ...]:
    """Ask no more what it has come to: the worker would say the same again."""
    if assignment.stopping is not None:
        settle = _called_off(seen, assignment, assignment.stopping, why, policy)
    elif assignment.canary:
        settle = _failed_trial(seen, policy)
    else:
        settle = seen.settle(Offence.BAD_RESULT, Cause.BAD_RESULT, why, policy)
    return (SaveLog(assignment), settle)


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
