"""
Guards of the product that can be taken out, to see that they are missed.

Each one is a way to break what a simulation runs; a run must find out.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import Any, cast
from unittest.mock import patch

from attrs import evolve
from twisted.internet.defer import Deferred

from buildd_manager.domain import (
    calling_off,
    finishing,
    following,
    planning,
)
from buildd_manager.domain.blame import JobFate, Offence
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.errors import NotStartedError, WorkerError
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.observations import Observation, name_of
from buildd_manager.services import dispatching, visits
from buildd_manager.testing import builds, claiming, ending, leases
from buildd_manager.testing.rows import Rows


#: Puts something in the place of a guard; undone when the stack is closed.
Break = Callable[[ExitStack], None]


def _no_fence(stack: ExitStack) -> None:
    """Let everybody write for a builder who ever had a lease of it."""

    def fence(rows: Rows, lease: Any) -> Any:
        return rows.builders[lease.builder]

    for module in (builds, ending):
        stack.enter_context(patch.object(module, "fence", fence))


def _no_comparison(stack: ExitStack) -> None:
    """Change attempts whatever has become of them meanwhile."""

    def live_attempt(rows: Rows, lease: Any, attempt: int, *_: Any) -> Any:
        leases.fence(rows, lease)
        return rows.attempts[attempt]

    for module in (builds, ending):
        stack.enter_context(patch.object(module, "live_attempt", live_attempt))


def _no_acknowledgement(stack: ExitStack) -> None:
    """Take any answer to ``build``, or none, for a yes, and the name for a proof."""
    build = dispatching.Dispatching._build

    def trust(self: Any, visit: Any, assignment: Any) -> Deferred[None]:
        asked: Deferred[None] = build(self, visit, assignment)
        return asked.addErrback(lambda why: why.trap(WorkerError, NotStartedError))

    stack.enter_context(patch.object(dispatching.Dispatching, "_build", trust))


def _no_name(stack: ExitStack) -> None:
    """Take whatever a worker has for the job that it was given."""
    _take_for_ours(stack, lambda said, ours: True)


def _no_nonce(stack: ExitStack) -> None:
    """Take any attempt at a build for the one that is under way."""
    _take_for_ours(stack, lambda said, ours: said.startswith(ours.rpartition("-")[0]))


def _take_for_ours(stack: ExitStack, is_ours: Callable[[str, str], bool]) -> None:
    def follow(seen: Observation, assignment: Assignment, policy: Any) -> Any:
        said, ours = name_of(seen.report), str(assignment.cookie)
        if said is not None and is_ours(said, ours):
            report = evolve(cast("Any", seen.report), cookie=ours)
            seen = evolve(seen, report=report)
        return _follow(seen, assignment, policy)

    _follow = following.plan_following
    stack.enter_context(patch.object(planning, "plan_following", follow))


def _no_dirt(stack: ExitStack) -> None:
    """Forget that a builder was given a job."""

    def claim(rows: Rows, lease: Any, nonce: str) -> Assignment | None:
        builder = rows.builders[lease.builder]
        clean = builder.value.clean
        assignment = _claim(rows, lease, nonce)
        builder.value = evolve(builder.value, clean=clean)
        return assignment

    _claim = claiming.claim
    stack.enter_context(patch.object(claiming, "claim", claim))


def _no_cancelling(stack: ExitStack) -> None:
    """Record results of builds that nobody wants any more."""
    always = patch.object(ending, "may_be_recorded", lambda *_: True)
    stack.enter_context(always)

    def follow(seen: Observation, assignment: Assignment, policy: Any) -> Any:
        wanted = evolve(assignment, cancelling=False)
        return _follow(evolve(seen, assignment=wanted), wanted, policy)

    _follow = following.plan_following
    stack.enter_context(patch.object(planning, "plan_following", follow))


def _no_deadline(stack: ExitStack) -> None:
    """Begin side effects whatever is left of the lease."""
    nothing = patch.object(visits.Tenure, "check", lambda *_: None)
    stack.enter_context(nothing)


def _no_bound(stack: ExitStack) -> None:
    """Attempt builds as often as they fail."""

    def settle(rows: Rows, lease: Any, attempt: int | None, ruling: Any) -> None:
        if ruling.job is JobFate.FAIL:
            ruling = evolve(ruling, job=JobFate.REQUEUE)
        _settle(rows, lease, attempt, ruling)

    _settle = ending.settle
    stack.enter_context(patch.object(ending, "settle", settle))


def _no_trial(stack: ExitStack) -> None:
    """Learn nothing from a canary that does not come to its end."""

    def failed_trial(seen: Observation, policy: Any) -> Any:
        return seen.settle(Offence.NOTHING, Cause.ABORTED, "it was aborted", policy)

    for room in (calling_off, finishing, following):
        stack.enter_context(patch.object(room, "failed_trial", failed_trial))


#: What can be taken out, by name.
GUARDS: Mapping[str, Break] = MappingProxyType(
    {
        "fence": _no_fence,
        "cas": _no_comparison,
        "name": _no_name,
        "nonce": _no_nonce,
        "ack": _no_acknowledgement,
        "dirty": _no_dirt,
        "cancel": _no_cancelling,
        "deadline": _no_deadline,
        "bound": _no_bound,
        "trial": _no_trial,
    }
)


@contextmanager
def without(guard: str | None) -> Iterator[None]:
    """Take a guard out for a while, if one is named."""
    with ExitStack() as stack:
        if guard is not None:
            GUARDS[guard](stack)
        yield
