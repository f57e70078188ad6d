"""Decide what to do about a build that is under way."""

from typing import assert_never

from buildd_manager.domain.blame import Offence
from buildd_manager.domain.calling_off import called_off, failed_trial
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.finishing import plan_finished, plan_garbled
from buildd_manager.domain.jobs import Assignment, AttemptState
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
    Waiting,
)
from buildd_manager.domain.secrets import redact
from buildd_manager.domain.steps import KeepTail, Settle, Step, Stop
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
            return plan_finished(seen, assignment, seen.report, policy)
        case Garbled(why=why):
            return plan_garbled(seen, assignment, why, policy)
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
        return (called_off(seen, assignment, assignment.stopping, notes, policy),)
    return (KeepTail(assignment, tail),)


def _aborted(seen: Observation, assignment: Assignment, policy: Policy) -> Settle:
    if assignment.stopping is not None:
        notes = "it was called off"
        return called_off(seen, assignment, assignment.stopping, notes, policy)
    if assignment.canary:
        return failed_trial(seen, policy)
    return seen.settle(Offence.NOTHING, Cause.ABORTED, "it was aborted", policy)
