"""Decide, from what a look at one builder has shown, what to do: the heart."""

from typing import assert_never

from attrs import frozen

from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.log_tails import readable
from buildd_manager.domain.reports import (
    Aborted,
    Aborting,
    Building,
    Idle,
    Report,
    Unasked,
    Waiting,
)
from buildd_manager.domain.results import (
    BuilderBroken,
    Conclusive,
    Inconclusive,
    meaning,
)
from buildd_manager.domain.steps import (
    Abandon,
    AbortWorker,
    CleanWorker,
    Collect,
    Dispatch,
    FailBuilder,
    KeepTail,
    KeepVersion,
    MarkClean,
    ResetBuilder,
    Step,
)


#: 2005's words for the log of a build that is being aborted.
ABORTING_TAIL = "Waiting for slave process to be terminated"


@frozen
class Observation:
    """
    What one look has shown.

    :ivar assignment: The attempt that the database has on the builder, if any.
    :ivar report: What the worker says.
    """

    builder: Builder
    assignment: Assignment | None
    report: Report


def needs_report(builder: Builder, assignment: Assignment | None) -> bool:
    """
    Tell whether what the worker says makes a difference to the plan.

    Where it makes none it is not asked, so that a silent worker keeps no machine
    from being reset, and no build from being given to another.
    """
    if not builder.ok:
        return False
    if assignment is None:
        return builder.clean is CleanState.CLEAN or not builder.virtualized
    trusted = builder.clean is CleanState.DIRTY
    return trusted and assignment.state is not AttemptState.CLAIMED


def plan(seen: Observation) -> tuple[Step, ...]:
    """Decide what to do now; the next look decides what comes after."""
    if seen.assignment is None:
        return _plan_free(seen.builder, seen.report) if seen.builder.ok else ()
    if not seen.builder.ok:
        # The worker is left alone: nobody trusts it, or somebody works on it.
        return (Abandon(seen.assignment, "the builder is out of use"),)
    if seen.builder.clean is not CleanState.DIRTY:
        notes = "Non-dirty builder allegedly building."
        return (Abandon(seen.assignment, notes), FailBuilder(notes))
    if seen.assignment.state is AttemptState.CLAIMED:
        # See Note [Claim before asking] in services.dispatching: a claim that is
        # still here at a later look was never acknowledged, whatever runs there.
        return (Abandon(seen.assignment, "the worker never acknowledged it"),)
    return _plan_assigned(seen.assignment, seen.report)


def _plan_free(builder: Builder, report: Report) -> tuple[Step, ...]:
    if builder.clean is not CleanState.CLEAN:
        return _plan_cleaning(builder, report)
    if not isinstance(report, Idle):
        return (FailBuilder("Allegedly clean worker not idle"),)
    steps: list[Step] = []
    if report.version is not None and report.version != builder.version:
        steps.append(KeepVersion(report.version))
    if not builder.manual:
        steps.append(Dispatch())
    return tuple(steps)


def _plan_cleaning(builder: Builder, report: Report) -> tuple[Step, ...]:
    if builder.virtualized:
        return (ResetBuilder(),)
    match report:
        case Idle():
            return (MarkClean(),)
        case Building():
            return (AbortWorker(),)
        case Aborting() | Unasked():
            return ()
        case Waiting() | Aborted():
            return (CleanWorker(), MarkClean())
        case _:
            assert_never(report)


def _plan_assigned(assignment: Assignment, report: Report) -> tuple[Step, ...]:
    cookie = None if isinstance(report, Idle | Unasked) else report.cookie
    if cookie != str(assignment.cookie):
        return (Abandon(assignment, _lost(assignment, cookie)),)
    match report:
        case Building(tail=tail):
            return (KeepTail(assignment, readable(tail)),)
        case Aborting():
            return (KeepTail(assignment, ABORTING_TAIL),)
        case Waiting():
            return _plan_finished(assignment, report)
        case Aborted() | Idle() | Unasked():
            return (Abandon(assignment, "it was aborted"),)
        case _:
            assert_never(report)


def _plan_finished(assignment: Assignment, finished: Waiting) -> tuple[Step, ...]:
    means = meaning(finished)
    match means:
        case Conclusive():
            return (Collect(assignment, finished),)
        case Inconclusive(reason):
            return (Abandon(assignment, reason),)
        case BuilderBroken(notes):
            return (Abandon(assignment, notes), FailBuilder(notes))
        case _:
            assert_never(means)


def _lost(assignment: Assignment, cookie: str | None) -> str:
    said = "nothing" if cookie is None else ascii(cookie[:80])
    return f"lost: expected {assignment.cookie}, the worker has {said}"
