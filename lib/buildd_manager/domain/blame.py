"""Judge a failure: whose fault it is, and when enough is enough."""

from enum import Enum

from attrs import frozen

from buildd_manager.domain.builders import Builder
from buildd_manager.domain.causes import Cause
from buildd_manager.domain.jobs import Assignment
from buildd_manager.domain.policy import Policy


class Offence(Enum):
    """
    What went wrong, as far as it matters for who is to blame.

    NOTHING was done by builder or job: the attempt is over, and that is all. TROUBLE
    is a streak of scans that failed. HUNG is a build that had to be called off.
    BETRAYAL is what no honest worker does.
    """

    NOTHING = "nothing"
    TROUBLE = "trouble"
    NOT_STARTED = "not started"
    LOST = "lost"
    HUNG = "hung"
    RESET_FAILED = "reset failed"
    BUILDER_FAILED = "builder failed"
    BAD_RESULT = "bad result"
    UNSUITABLE = "unsuitable"
    BETRAYAL = "betrayal"


class JobFate(Enum):
    """What becomes of the attempt, and so of its build."""

    KEEP = "keep"
    REQUEUE = "requeue"
    FAIL = "fail"
    CANCEL = "cancel"


class BuilderFate(Enum):
    """What becomes of the builder."""

    KEEP = "keep"
    DIRTY = "dirty"
    FAIL = "fail"


@frozen(kw_only=True)
class Ruling:
    """
    What a judgement orders, to be done in one transaction.

    :ivar builder_failures: The builder's count from now on.
    :ivar job_failures: The build's.
    :ivar reason: Why, for people: outcome of the attempt, notes of the builder.
    :ivar blamed: Whether the build is better not given to this builder again.
    :ivar trial_after: Seconds until the builder is tried again, if it is failed.
    """

    job: JobFate
    builder: BuilderFate
    builder_failures: int
    job_failures: int
    cause: Cause
    reason: str
    blamed: bool = False
    trial_after: float = 0.0


@frozen(kw_only=True)
class Case:
    """
    What is to be judged.

    :ivar assignment: What the builder had to do, if anything.
    """

    offence: Offence
    cause: Cause
    reason: str
    builder: Builder
    assignment: Assignment | None


#: Offences that count against the builder, and against the build.
_OF_BUILDER = frozenset(Offence) - {Offence.NOTHING}
_OF_JOB = frozenset(
    {
        Offence.TROUBLE,
        Offence.NOT_STARTED,
        Offence.BUILDER_FAILED,
        Offence.BAD_RESULT,
        Offence.BETRAYAL,
    }
)

#: Offences for which a builder is out of use at once.
_CAPITAL = frozenset({Offence.UNSUITABLE, Offence.BETRAYAL})


def is_farm_wide(failing: int, builders: int, policy: Policy) -> bool:
    """Tell whether so many builders fail at once that none of them is to blame."""
    return failing >= policy.trouble_of and 2 * failing > builders


def judge(case: Case, policy: Policy) -> Ruling:
    """
    Judge a failure.

    Whoever has failed more often, builder or build, is to blame. No build is
    attempted for ever; one that has used up its attempts has failed, and where its
    builder is no better, that one has to do well next time, but stays in use. One that
    hung has failed, too, and may have been hung by its builder. A builder on trial has
    failed it, unless its job is known to be a bad one.
    """
    counts = _count(case, policy)
    job = _job_fate(case, counts, policy)
    builder = _builder_fate(case, counts, job, policy)
    return Ruling(
        job=_unless_cancelling(job, case.assignment),
        builder=builder,
        builder_failures=_builder_count(case, counts, job, builder, policy),
        job_failures=counts.job,
        cause=case.cause,
        reason=case.reason,
        blamed=case.offence in _OF_BUILDER,
        trial_after=policy.trial_delay(case.builder.trials),
    )


@frozen(kw_only=True)
class _Counts:
    """
    Counted failures, with this one.

    :ivar spent: Whether the build has had all its attempts.
    """

    builder: int
    job: int
    spent: bool


def _count(case: Case, policy: Policy) -> _Counts:
    builder = case.builder.failures + (case.offence in _OF_BUILDER)
    assignment = case.assignment
    if assignment is None:
        return _Counts(builder=builder, job=0, spent=False)
    counts = case.offence in _OF_JOB and not assignment.canary
    job = assignment.failures + counts
    spent = max(assignment.number, job) >= policy.attempts
    return _Counts(builder=builder, job=job, spent=spent and not assignment.canary)


def _job_fate(case: Case, counts: _Counts, policy: Policy) -> JobFate:
    if case.assignment is None:
        return JobFate.KEEP
    if case.assignment.canary or counts.spent or case.offence is Offence.HUNG:
        return JobFate.FAIL
    if case.offence not in _OF_JOB or counts.builder > counts.job:
        return JobFate.REQUEUE
    if counts.builder < counts.job:
        return JobFate.FAIL
    early = counts.builder < policy.requeue_at and not case.builder.on_trial
    patient = case.offence is Offence.TROUBLE and early
    return JobFate.KEEP if patient else JobFate.REQUEUE


def _builder_fate(
    case: Case, counts: _Counts, job: JobFate, policy: Policy
) -> BuilderFate:
    if case.offence in _CAPITAL:
        return BuilderFate.FAIL
    if case.offence is Offence.NOTHING:
        return BuilderFate.DIRTY
    if case.offence is Offence.BUILDER_FAILED or case.builder.on_trial:
        patient = counts.builder < policy.fail_builder_at
        excused = patient and _is_known_bad(case, counts)
        return BuilderFate.DIRTY if excused else BuilderFate.FAIL
    worse = counts.builder > counts.job and not counts.spent
    if worse and counts.builder >= policy.fail_builder_at:
        return BuilderFate.FAIL
    kept = job is JobFate.KEEP and not worse
    return BuilderFate.KEEP if kept else BuilderFate.DIRTY


def _is_known_bad(case: Case, counts: _Counts) -> bool:
    """
    Tell whether the build has come to grief before, so that this shows nothing.

    On a farm of one, a builder on trial might otherwise be out of use for ever,
    with nothing to try it with but what has failed already. But it may have failed
    just there, so it excuses a builder only so often.
    """
    assignment = case.assignment
    again = assignment is not None and assignment.number > 1
    return counts.spent or counts.job > 1 or (case.builder.on_trial and again)


def _builder_count(
    case: Case, counts: _Counts, job: JobFate, builder: BuilderFate, policy: Policy
) -> int:
    if builder is BuilderFate.FAIL or job is not JobFate.FAIL:
        return counts.builder
    if case.builder.on_trial or (case.offence is Offence.HUNG and not counts.spent):
        return counts.builder
    if counts.builder < counts.job:
        return 0
    return min(counts.builder, policy.fail_builder_at - policy.requeue_at)


def _unless_cancelling(fate: JobFate, assignment: Assignment | None) -> JobFate:
    """Let nothing but CANCELLED become of a build that nobody wants."""
    wanted = assignment is None or not assignment.cancelling
    return fate if wanted else JobFate.CANCEL
