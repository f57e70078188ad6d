"""Plan for what a test has in mind."""

from attrs import evolve

from buildd_manager.domain.blame import BuilderFate, JobFate
from buildd_manager.domain.builders import Builder
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.observations import Observation
from buildd_manager.domain.origins import OURS, Origin
from buildd_manager.domain.planning import plan
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Report
from buildd_manager.domain.steps import Settle, Step
from buildd_manager.testing.strategies import ASSIGNMENT


RUNNING = evolve(ASSIGNMENT, state=AttemptState.RUNNING)


def planned(
    builder: Builder,
    assignment: Assignment | None,
    report: Report,
    origin: Origin = OURS,
) -> tuple[Step, ...]:
    """Plan by the usual numbers."""
    return plan(Observation(builder, assignment, report, origin), Policy())


def fates(steps: tuple[Step, ...]) -> tuple[JobFate, BuilderFate]:
    """Give what the last of ``steps``, a judgement, orders."""
    step = steps[-1]
    assert isinstance(step, Settle), steps
    return step.ruling.job, step.ruling.builder
