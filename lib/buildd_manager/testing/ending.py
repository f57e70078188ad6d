"""Attempts end, with a result or without, in memory."""

from collections.abc import Set as AbstractSet
from datetime import timedelta

from attrs import evolve

from buildd_manager.domain.blame import BuilderFate, JobFate, Ruling
from buildd_manager.domain.builders import CleanState, Lease
from buildd_manager.domain.builds import BuildState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.endings import (
    ON_BUILDER,
    Ending,
    acquits,
    may_be_recorded,
    without_result,
)
from buildd_manager.domain.errors import OvertakenError
from buildd_manager.domain.jobs import LIVE, AttemptState
from buildd_manager.domain.log_tails import storable
from buildd_manager.domain.results import Result
from buildd_manager.testing.leases import fence, refuse_live
from buildd_manager.testing.rows import AttemptRow, BuilderRow, BuildRow, Rows


_RUN = frozenset({AttemptState.RUNNING, AttemptState.GATHERING})


def live_attempt(
    rows: Rows,
    lease: Lease,
    attempt: int,
    states: AbstractSet[AttemptState],
    of_build: AbstractSet[BuildState] = ON_BUILDER,
) -> AttemptRow:
    """
    Give an attempt that is still in one of some states, and so is its build.

    :raises OvertakenError: If it is not.
    """
    fence(rows, lease)
    row = rows.attempts.get(attempt)
    if row is None or row.builder != lease.builder or row.state not in states:
        raise OvertakenError(f"attempt {attempt} has left the state this starts from")
    if row.build.state not in of_build:
        raise OvertakenError(f"build {row.build.id} is {row.build.state.value}")
    return row


def settle(rows: Rows, lease: Lease, attempt: int | None, ruling: Ruling) -> None:
    """Do what a judgement orders."""
    builder = fence(rows, lease)
    if attempt is None:
        refuse_live(rows, lease)
    else:
        row = live_attempt(rows, lease, attempt, LIVE)
        row.build.failures = ruling.job_failures
        if ruling.job is not JobFate.KEEP:
            _abandon(rows, row, ruling)
            rows.set_clean(builder, CleanState.DIRTY)
    _judge_builder(rows, builder, ruling)


def record(rows: Rows, lease: Lease, attempt: int, result: Result) -> None:
    """Remember a result, and end the attempt."""
    row = live_attempt(rows, lease, attempt, _RUN)
    state, canary = row.build.state, row.build.canary
    if not may_be_recorded(state, canary, result.state):
        raise OvertakenError(f"build {row.build.id} is {state.value} by now")
    row.state, row.ended = AttemptState.RECORDED, rows.now()
    row.outcome, row.cause = storable(result.outcome), result.cause
    row.result, row.log = result, result.log
    if result.state is BuildState.UPLOADING:
        row.landed = lease.owner
    _end(rows, row.build, result.state, result.cause)
    row.build.dependencies = result.dependencies and storable(result.dependencies)
    builder = rows.builders[row.builder]
    rows.set_clean(builder, CleanState.DIRTY)
    if result.acquits and acquits(canary, result.state):
        builder.value = evolve(
            builder.value, failures=0, on_trial=False, trials=0, fail_notes=None
        )


def _abandon(rows: Rows, attempt: AttemptRow, ruling: Ruling) -> None:
    attempt.state, attempt.ended = AttemptState.ABANDONED, rows.now()
    attempt.outcome, attempt.cause = storable(ruling.reason), ruling.cause
    attempt.blamed = ruling.blamed
    build = attempt.build
    ending = Ending(
        state=build.state, canary=build.canary, published=build.source.published
    )
    state, cause = without_result(ending, ruling.job, ruling.cause)
    if state is BuildState.NEEDS_BUILD:
        build.state, build.builder = state, None
        build.started = build.tail = None
        build.virtualized = rows.needs_virtual(build)
    else:
        _end(rows, build, state, cause)


def _end(rows: Rows, build: BuildRow, state: BuildState, cause: Cause | None) -> None:
    build.state, build.cause = state, cause
    build.finished = rows.now()
    build.queue = build.tail = None


def _judge_builder(rows: Rows, builder: BuilderRow, ruling: Ruling) -> None:
    builder.value = evolve(builder.value, failures=ruling.builder_failures)
    if ruling.builder is BuilderFate.KEEP:
        return
    rows.set_clean(builder, CleanState.DIRTY)
    if ruling.builder is BuilderFate.FAIL and builder.value.ok:
        builder.trial = rows.now() + timedelta(seconds=ruling.trial_after)
        builder.value = evolve(
            builder.value,
            ok=False,
            fail_notes=storable(ruling.reason),
            on_trial=False,
            trials=builder.value.trials + 1,
        )
