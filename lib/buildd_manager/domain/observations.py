"""What one look at a builder has shown."""

from attrs import frozen

from buildd_manager.domain.blame import Case, Offence, judge
from buildd_manager.domain.builders import Builder, CleanState
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment, AttemptState
from buildd_manager.domain.origins import OURS, Origin
from buildd_manager.domain.policy import Policy
from buildd_manager.domain.reports import Idle, Report, Unasked
from buildd_manager.domain.steps import Settle


@frozen
class Observation:
    """
    All that is known when it is decided what to do.

    :ivar assignment: The attempt that the database has on the builder, if any.
    :ivar report: What the worker says.
    :ivar origin: What the database knows of the job that the worker names.
    """

    builder: Builder
    assignment: Assignment | None
    report: Report
    origin: Origin = OURS

    def settle(
        self, offence: Offence, cause: Cause, reason: str, policy: Policy
    ) -> Settle:
        """Have an offence judged; the step does what the judgement orders."""
        case = Case(
            offence=offence,
            cause=cause,
            reason=reason,
            builder=self.builder,
            assignment=self.assignment,
        )
        return Settle(self.assignment, judge(case, policy))


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


def name_of(report: Report) -> str | None:
    """Give the name of the job that a worker says it has."""
    return None if isinstance(report, Idle | Unasked) else report.cookie


def is_foreign(report: Report, assignment: Assignment | None) -> bool:
    """Tell whether a worker names another job than its builder has."""
    name = name_of(report)
    ours = None if assignment is None else str(assignment.cookie)
    return name is not None and name != ours
