"""Decide how a builder without a job becomes clean again."""

from typing import assert_never

from buildd_manager.domain.blame import Offence
from buildd_manager.domain.builders import CleanState, ResetProtocol
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.observations import Observation
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
from buildd_manager.domain.steps import (
    AbortWorker,
    CleanWorker,
    MarkClean,
    MarkCleaning,
    RequestReset,
    Rescue,
    ResetBuilder,
    Step,
)


def plan_cleaning(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    """Decide what to do about a builder that is not clean."""
    builder = seen.builder
    if not builder.virtualized:
        return _plan_real(seen, policy)
    if builder.reset_protocol is ResetProtocol.V1_1:
        return (ResetBuilder(),)
    if builder.clean is CleanState.DIRTY:
        return (RequestReset(),)
    if builder.restless > policy.resetting:
        return (
            _wedged(seen, "it was reset, but nobody says that it is clean", policy),
        )
    return ()


def _plan_real(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    match seen.report:
        case Idle():
            return (MarkClean(),)
        case Building() | Aborting():
            return _plan_busy(seen, policy)
        case Waiting() | Aborted() | Garbled():
            return (*_rescue(seen), CleanWorker(), MarkClean())
        case Unasked():
            return ()
        case _:
            assert_never(seen.report)


def _plan_busy(seen: Observation, policy: Policy) -> tuple[Step, ...]:
    """Have the worker end what it does; but some are wedged, and never do."""
    cleaning = seen.builder.clean is CleanState.CLEANING
    if cleaning and seen.builder.restless > policy.stopping:
        return (_wedged(seen, "the worker does not end what it builds", policy),)
    rescue: tuple[Step, ...] = () if cleaning else (*_rescue(seen), MarkCleaning())
    if isinstance(seen.report, Aborting):
        return rescue
    return (*rescue, AbortWorker())


def _wedged(seen: Observation, why: str, policy: Policy) -> Step:
    notes = f"{why} (for {seen.builder.restless:.0f} s): restart launchpad-buildd"
    return seen.settle(Offence.UNSUITABLE, Cause.BUILDER_FAILED, notes, policy)


def _rescue(seen: Observation) -> tuple[Step, ...]:
    """Tell of a job that is none of ours; once, not while it is being ended."""
    ours = seen.origin.standing is Standing.OURS
    told = seen.builder.clean is CleanState.CLEANING
    if ours or told or isinstance(seen.report, Idle | Unasked):
        return ()
    return (Rescue(seen.report.cookie, seen.origin.reason),)
